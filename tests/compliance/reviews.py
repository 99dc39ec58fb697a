"""A narrative in review, brought there through the services."""

from typing import Any

from django.test import RequestFactory

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import Meaning
from apps.compliance.models import Review, Signature
from apps.compliance.services.signing import sign_review
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version
from apps.narratives.services.drafting import start_narrative, submit_narrative
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.architecture.portal import run_waiting
from tests.factories import PASSWORD, person


def verified(subject: Subject, author: User) -> Narrative:
    """A narrative with one verified version."""
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject, reason="Asked for")
    run_waiting()
    return narrative


def in_review(subject: Subject, author: User) -> Review:
    """The review of a submitted narrative."""
    narrative = verified(subject, author)
    submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    return review_of(narrative)


def review_of(narrative: Narrative) -> Review:
    """The review of the latest version."""
    version = latest_version(narrative)
    assert version is not None
    return version.review


def signed_review(subject: Subject, author: User | None = None) -> Review:
    """A review that a physician signed through the service."""
    review = in_review(subject, author or person(Role.SAFETY_AUTHOR, subject.study))
    sign(review, person(Role.SAFETY_PHYSICIAN, subject.study))
    review.refresh_from_db()
    return review


def sign(review: Review, physician: User) -> Signature:
    """Approve and sign what was shown."""
    request = RequestFactory().post("/")
    request.user = physician
    return sign_review(
        request=request,
        review=review,
        signer=physician,
        password=PASSWORD,
        meaning=Meaning.APPROVAL,
        seen_sha256=review.content_sha256,
    )


def decision(review: Review, **changes: Any) -> dict[str, Any]:
    """The form of a decision as the page sends it: approve and sign what was shown."""
    form = {"decision": "sign", "meaning": "approval", "password": PASSWORD, "seen_sha256": review.content_sha256}
    return {**form, "reason": "", **changes}
