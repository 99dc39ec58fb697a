"""What waits for a person: reviews, drafts, imports and signatures, each as far as the person may see it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar
from uuid import UUID

from django.db.models import Max, QuerySet

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.domain.workflow import ReviewState
from apps.compliance.models import Review, Signature
from apps.compliance.selectors.signatures import CheckedSignature, checked_signatures
from apps.narratives.domain.currency.compare import REASONS, told_of
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.currency_now import CHECKING, with_currency_now
from apps.narratives.selectors.integrity import ALTERED, narrative_faults
from apps.studies.domain.principal import Principal
from apps.studies.models import ImportRun, ImportState, Study

MOST_SHOWN = 20
UNFINISHED = (
    ReviewState.DRAFT.value,
    ReviewState.VERIFIED.value,
    ReviewState.BLOCKED.value,
    ReviewState.CHANGES_REQUESTED.value,
)


Line = TypeVar("Line")


@dataclass(frozen=True, slots=True)
class FirstLines(Generic[Line]):
    """The first lines of a list, in the list's own order, and how many it has in all."""

    shown: tuple[Line, ...] = ()
    count: int = 0

    @property
    def more(self) -> int:
        """How many wait besides those shown."""
        return self.count - len(self.shown)


@dataclass(frozen=True, slots=True)
class NarrativeWork:
    """One version of a narrative that waits: of whom, where it stands, by whom and since when."""

    narrative_id: UUID
    review_id: UUID
    subject_id: str
    number: int
    state: str
    currency: str
    author: str
    since: datetime


@dataclass(frozen=True, slots=True)
class StaleNarrative:
    """A signed narrative that the data no longer bear out, and since when; reasons are old and new values."""

    narrative_id: UUID
    subject_id: str
    number: int
    currency: str
    reason_count: int
    turned_at: datetime | None


@dataclass(frozen=True, slots=True)
class SignedSummary:
    """Signed narratives that the reader may see: how many, those last found stale, and how many are being checked."""

    signed: int
    stale: tuple[StaleNarrative, ...]
    checking: int

    def turned_since(self, moment: datetime) -> int:
        """How many signed narratives went stale after a moment and still are."""
        return sum(found.turned_at is not None and found.turned_at > moment for found in self.stale)


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One signature as an auditor reads it."""

    narrative_id: UUID
    subject_id: str
    version: int
    printed_name: str
    meaning: str
    signed_at: datetime
    checked: CheckedSignature


def reviews_for(principal: Principal, user: User, study: Study) -> FirstLines[NarrativeWork]:
    """Versions in review that someone else wrote, the longest waiting first."""
    # Held at one site the right is enough to be asked; which reviews are shown is their sites' to say.
    if not principal.may_anywhere(Permission.REVIEW_NARRATIVE, study.pk):
        return FirstLines()
    waiting = _versions(principal, study).filter(review__state=ReviewState.IN_REVIEW.value)
    # An author never reviews their own text (21 CFR 11.10(g)).
    return _work(waiting.exclude(review__authors=user))


def drafts_of(principal: Principal, user: User, study: Study) -> FirstLines[NarrativeWork]:
    """Versions of one's own that are blocked, sent back, or not handed to review yet."""
    return _work(_versions(principal, study).filter(review__state__in=UNFINISHED, review__authors=user))


def imports_to_confirm(principal: Principal, study: Study) -> FirstLines[ImportRun]:
    """Imports that were checked and wait for someone who may import."""
    if not principal.may(Permission.IMPORT_DATA, study.pk):
        return FirstLines()
    waiting = ImportRun.objects.filter(study=study, state=ImportState.CHECKED, is_dry_run=False)
    shown = waiting.select_related("requested_by").order_by("-number")[:MOST_SHOWN]
    return FirstLines(tuple(shown), waiting.count())


def last_import(study: Study) -> ImportRun | None:
    """The last import that wrote something."""
    # A cancelled import keeps the subjects that it had written by then.
    ended = ImportRun.objects.filter(study=study, state__in=[ImportState.DONE, ImportState.CANCELLED])
    return ended.order_by("-number").first()


def latest_signatures(principal: Principal, study: Study) -> FirstLines[SignedLine]:
    """The last signatures, for whoever may read the trail."""
    if not principal.may(Permission.VIEW_AUDIT, study.pk):
        return FirstLines()
    seen = Review.objects.visible_to(principal).filter(study=study)
    every = Signature.objects.filter(review__in=seen)
    signatures = list(every.order_by("-signed_at").select_related("review")[:MOST_SHOWN])
    checked = {found.signature.pk: found for found in checked_signatures(signatures)}
    versions = NarrativeVersion.objects.filter(review__in=[found.review_id for found in signatures])
    of_review = {version.review_id: version for version in versions.select_related("narrative__subject")}
    lines = (
        _signed_line(checked[row.pk], of_review[row.review_id]) for row in signatures if row.review_id in of_review
    )
    return FirstLines(tuple(lines), every.count())


def _signed_line(checked: CheckedSignature, version: NarrativeVersion) -> SignedLine:
    signature = checked.signature
    return SignedLine(
        narrative_id=version.narrative_id,
        subject_id=version.narrative.subject.subject_id,
        version=version.number,
        printed_name=signature.printed_name,
        meaning=signature.meaning,
        signed_at=signature.signed_at,
        checked=checked,
    )


def signed_summary(principal: Principal, study: Study) -> SignedSummary:
    """How the signed narratives stand against the data."""
    signed = with_currency_now(_versions(principal, study).filter(review__state=ReviewState.SIGNED.value))
    rows = signed.annotate(turned_at=Max("currency_changes__at")).order_by("narrative__subject__subject_id")
    found = list(
        rows.values_list(
            "narrative",
            "narrative__subject__subject_id",
            "number",
            "currency__value",
            "currency_now",
            "currency__reasons",
            "turned_at",
        )
    )
    stale = [
        StaleNarrative(narrative_id, subject_id, number, now, len(told_of(REASONS.read_all(reasons))), turned_at)
        for narrative_id, subject_id, number, value, now, reasons, turned_at in found
        # By the stored answer: a text that was stale stays on the list while it is checked again.
        if value not in {None, "current"}
    ]
    checking = sum(now == CHECKING for *_, now, _reasons, _at in found)
    return SignedSummary(len(found), tuple(stale), checking)


def _versions(principal: Principal, study: Study) -> QuerySet[NarrativeVersion]:
    narratives = Narrative.objects.visible_to(principal).filter(study=study)
    reviews = Review.objects.visible_to(principal).filter(study=study)
    return NarrativeVersion.objects.filter(narrative__in=narratives, review__in=reviews)


def _work(versions: QuerySet[NarrativeVersion]) -> FirstLines[NarrativeWork]:
    related = with_currency_now(versions.select_related("narrative__subject", "review", "author", "currency"))
    # The texts are the largest columns, and no line shows them.
    shown = list(related.defer("sentences", "facts", "verification").order_by("review__moved_at", "pk")[:MOST_SHOWN])
    altered = narrative_faults({version.narrative_id for version in shown})
    lines = (
        NarrativeWork(
            narrative_id=version.narrative_id,
            review_id=version.review_id,
            subject_id=version.narrative.subject.subject_id,
            number=version.number,
            state=version.review.state,
            currency=ALTERED if version.narrative_id in altered else version.currency_now or "",
            author=version.author.display_name,
            since=version.review.moved_at,
        )
        for version in shown
    )
    return FirstLines(tuple(lines), versions.count())
