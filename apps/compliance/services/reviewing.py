"""Moves a review from state to state; the only place that does (21 CFR 11.10(f), (g))."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.domain.workflow import AUTHOR_REFUSED, RULES, ReviewState, Step, refusal
from apps.compliance.models import Review, ReviewTransition
from apps.core.domain.errors import ConflictError, NotAllowedError
from apps.core.domain.events import Event
from apps.studies.domain.principal import Principal
from apps.studies.models import Site, Study
from apps.studies.selectors.access import principal_of, require

review_moved: Event[Review] = Event("review_moved")

STEP_PERMISSION = {
    Step.SUBMIT: Permission.DRAFT_NARRATIVE,
    Step.REQUEST_CHANGES: Permission.REVIEW_NARRATIVE,
    Step.REJECT: Permission.REVIEW_NARRATIVE,
    Step.SIGN: Permission.SIGN_NARRATIVE,
}


class AuthorError(NotAllowedError):
    """An author would decide on their own text."""


@dataclass(frozen=True, slots=True)
class Document:
    """One version of something to be reviewed, as the room that holds it names it."""

    kind: str
    id: str
    version: int
    title: str
    content_sha256: str


def open_review(*, study: Study, site: Site, document: Document, authors: Iterable[User]) -> Review:
    """Start the review of one version of a document, as a draft."""
    with transaction.atomic():
        review = Review.objects.create(
            study=study,
            site=site,
            content_kind=document.kind,
            content_id=document.id,
            content_version=document.version,
            title=document.title,
            content_sha256=document.content_sha256,
        )
        # With the review or not at all: a review without its authors could be approved by any of them.
        review.authors.set(authors)
    return review


def move_review(
    *, review: Review, step: Step, actor: User | None, reason: str = "", anchor: int | None = None
) -> Review:
    """Take one step. Raises NotAllowedError without the right, AuthorError, ConflictError in the wrong state.

    Steps of the system (checks, superseding) have no permission of their own; their actor is who set them off.
    """
    with transaction.atomic():
        # `of`: the study is read along, and a lock on its row would hold up everybody who writes in it.
        locked = Review.objects.select_for_update(of=("self",)).select_related("study").get(pk=review.pk)
        _require_right(locked, step, actor)
        _require_step(locked, step, actor, reason)
        before, after = locked.state, RULES[step].target
        # The step comes first: the database lets the state move only to where the last step leads.
        ReviewTransition.objects.create(
            review=locked,
            step=step.value,
            from_state=before,
            to_state=after.value,
            actor=actor,
            # The name as it was: the step goes on saying who took it when the account is renamed.
            actor_name=actor.display_name if actor else "the portal",
            reason=reason,
            anchor=anchor,
        )
        locked.state, locked.moved_at = after.value, timezone.now()
        locked.save(update_fields=["state", "moved_at"])
        # After the commit: whoever is told to look again must find the new state.
        transaction.on_commit(lambda: review_moved.publish(locked))
    return locked


def _require_right(review: Review, step: Step, actor: User | None) -> None:
    permission = STEP_PERMISSION.get(step)
    if permission is None:
        return
    principal = principal_of(actor)
    require(principal, permission, review.study, review.site_id)
    if actor is not None and actor.is_service_account and step is not Step.SUBMIT:
        raise NotAllowedError("A service account never decides on a review; a person must.")


def _require_step(review: Review, step: Step, actor: User | None, reason: str) -> None:
    is_author = actor is not None and review.authors.filter(pk=actor.pk).exists()
    state = ReviewState(review.state)
    why_not = refusal(step, state, is_author=is_author, reason=reason)
    if why_not is None:
        return
    # In the order of `refusal`: to an author, too, a review in the wrong state is a conflict and no matter of rights.
    if state in RULES[step].sources and is_author and RULES[step].not_by_author:
        raise AuthorError(why_not)
    raise ConflictError(why_not)


def why_not(*, review: Review, step: Step, principal: Principal, user: User) -> str | None:
    """Why this reader may not take the step now, for the words under a disabled button; None when they may."""
    permission = STEP_PERMISSION.get(step)
    is_author = review.authors.filter(pk=user.pk).exists()
    # Before right and state: an author learns that another person is needed, whatever else is in the way.
    if is_author and RULES[step].not_by_author:
        return AUTHOR_REFUSED
    if permission is not None and not principal.may(permission, review.study_id, review.site_id):
        return f"Your role does not include: {permission.value.replace('_', ' ')}."
    # A reason is asked for when the step is taken; its absence disables no button.
    return refusal(step, ReviewState(review.state), is_author=is_author, reason="-")
