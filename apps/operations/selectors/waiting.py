"""What waits for a person: reviews, drafts, imports and signatures, each as far as the person may see it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Max, QuerySet

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.domain.workflow import ReviewState
from apps.compliance.models import Review, Signature
from apps.compliance.selectors.signatures import Standing, standings_of
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.integrity import ALTERED, narrative_faults
from apps.narratives.selectors.standing import CHECKING, with_standing
from apps.studies.domain.principal import Principal
from apps.studies.models import ImportRun, ImportState, Study

MOST_SHOWN = 20
UNFINISHED = (
    ReviewState.DRAFT.value,
    ReviewState.VERIFIED.value,
    ReviewState.BLOCKED.value,
    ReviewState.CHANGES_REQUESTED.value,
)


@dataclass(frozen=True, slots=True)
class NarrativeWork:
    """One version of a narrative that waits: of whom, where it stands, by whom and since when."""

    narrative_id: UUID
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
class SignedStanding:
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
    standing: Standing


def reviews_for(principal: Principal, user: User, study: Study) -> list[NarrativeWork]:
    """Versions in review that someone else wrote, the longest waiting first."""
    if not _may_anywhere(principal, Permission.REVIEW_NARRATIVE, study):
        return []
    waiting = _versions(principal, study).filter(review__state=ReviewState.IN_REVIEW.value)
    return _work(waiting.exclude(review__authors=user))


def drafts_of(principal: Principal, user: User, study: Study) -> list[NarrativeWork]:
    """Versions of one's own that are blocked, sent back, or not handed to review yet."""
    return _work(_versions(principal, study).filter(review__state__in=UNFINISHED, review__authors=user))


def imports_to_confirm(principal: Principal, study: Study) -> list[ImportRun]:
    """Imports that were checked and wait for someone who may import."""
    if not principal.may(Permission.IMPORT_DATA, study.pk):
        return []
    waiting = ImportRun.objects.filter(study=study, state=ImportState.CHECKED, is_dry_run=False)
    return list(waiting.select_related("requested_by").order_by("-number")[:MOST_SHOWN])


def last_import(study: Study) -> ImportRun | None:
    """The last import that wrote something."""
    ended = ImportRun.objects.filter(study=study, state__in=[ImportState.DONE, ImportState.CANCELLED])
    return ended.order_by("-number").first()


def latest_signatures(principal: Principal, study: Study) -> list[SignedLine]:
    """The last signatures, for whoever may read the trail."""
    if not principal.may(Permission.VIEW_AUDIT, study.pk):
        return []
    seen = Review.objects.visible_to(principal).filter(study=study)
    rows = Signature.objects.filter(review__in=seen).order_by("-signed_at")[:MOST_SHOWN]
    signatures = list(rows.select_related("review"))
    standings = {standing.signature.pk: standing for standing in standings_of(signatures)}
    versions = NarrativeVersion.objects.filter(review__in=[found.review_id for found in signatures])
    of_review = {version.review_id: version for version in versions.select_related("narrative__subject")}
    return [
        _signed_line(standings[row.pk], of_review[row.review_id]) for row in signatures if row.review_id in of_review
    ]


def _signed_line(standing: Standing, version: NarrativeVersion) -> SignedLine:
    signature = standing.signature
    return SignedLine(
        narrative_id=version.narrative_id,
        subject_id=version.narrative.subject.subject_id,
        version=version.number,
        printed_name=signature.printed_name,
        meaning=signature.meaning,
        signed_at=signature.signed_at,
        standing=standing,
    )


def signed_standing(principal: Principal, study: Study) -> SignedStanding:
    """How the signed narratives stand against the data."""
    signed = with_standing(_versions(principal, study).filter(review__state=ReviewState.SIGNED.value))
    rows = signed.annotate(turned_at=Max("currency_changes__at")).order_by("narrative__subject__subject_id")
    found = list(
        rows.values_list(
            "narrative",
            "narrative__subject__subject_id",
            "number",
            "currency__value",
            "standing",
            "currency__reasons",
            "turned_at",
        )
    )
    stale = [
        StaleNarrative(narrative_id, subject_id, number, standing, len(reasons), turned_at)
        for narrative_id, subject_id, number, value, standing, reasons, turned_at in found
        if value not in {None, "current"}
    ]
    checking = sum(standing == CHECKING for *_, standing, _reasons, _at in found)
    return SignedStanding(len(found), tuple(stale), checking)


def _may_anywhere(principal: Principal, permission: Permission, study: Study) -> bool:
    sites = [site for site, of in principal.study_of_site.items() if of == study.pk]
    return principal.may(permission, study.pk) or any(principal.may(permission, study.pk, site) for site in sites)


def _versions(principal: Principal, study: Study) -> QuerySet[NarrativeVersion]:
    narratives = Narrative.objects.visible_to(principal).filter(study=study)
    reviews = Review.objects.visible_to(principal).filter(study=study)
    return NarrativeVersion.objects.filter(narrative__in=narratives, review__in=reviews)


def _work(versions: QuerySet[NarrativeVersion]) -> list[NarrativeWork]:
    related = with_standing(versions.select_related("narrative__subject", "review", "author", "currency"))
    shown = list(related.defer("sentences", "facts", "verification").order_by("review__moved_at")[:MOST_SHOWN])
    altered = narrative_faults({version.narrative_id for version in shown})
    return [
        NarrativeWork(
            narrative_id=version.narrative_id,
            subject_id=version.narrative.subject.subject_id,
            number=version.number,
            state=version.review.state,
            currency=ALTERED if version.narrative_id in altered else version.standing or "",
            author=version.author.display_name,
            since=version.review.moved_at,
        )
        for version in shown
    ]
