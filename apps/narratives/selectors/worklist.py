"""Every narrative that is due, with the rule that makes it due, and those that were written although none asks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Case, CharField, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.domain.workflow import ReviewState
from apps.core.models import JobState
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.integrity import ALTERED, faults_among, latest_and_signed
from apps.studies.domain.audience import Audience
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject

NONE_YET: Final = "none"
# ICH E3 12.3.2: deaths, other serious events, and other events that ended participation or treatment.
_DIED = Q(summary__is_dead=True)
_SERIOUS = Q(summary__serious_count__gt=0)
_ENDED_FOR_EVENT = Q(summary__is_discontinued_for_ae=True)
DUE: Final = _DIED | _SERIOUS | _ENDED_FOR_EVENT

# One whose latest version was rejected too: it waits for another draft.
_IN_WORK = Q(
    state__in=[
        ReviewState.DRAFT,
        ReviewState.VERIFIED,
        ReviewState.BLOCKED,
        ReviewState.CHANGES_REQUESTED,
        ReviewState.WITHDRAWN,
    ]
)
FILTERS: Final[Mapping[str, Q]] = {
    "none": Q(state=NONE_YET),
    "work": _IN_WORK,
    "review": Q(state=ReviewState.IN_REVIEW),
    "signed": Q(state=ReviewState.SIGNED),
    "stale": Q(found__startswith="stale"),
}
SORTS: Final[Mapping[str, Sequence[str]]] = {
    "subject": ("subject_id",),
    "-subject": ("-subject_id",),
    "since": ("since", "subject_id"),
    "-since": ("-since", "subject_id"),
}
# Deaths first, then serious events, then those who left for an event.
_BY_WEIGHT: Final = ("weight", "subject_id")


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One subject of the list: why a narrative is due, and where it stands; `since` is when its state began."""

    subject_id: str
    died: bool
    serious: tuple[str, ...]
    ended_for_event: bool
    narrative_id: UUID | None
    is_drafting: bool
    reason: str = ""
    version: int = 0
    state: str = NONE_YET
    currency: str = ""
    author: str = ""
    since: datetime | None = None

    @property
    def is_due(self) -> bool:
        """Whether any rule asks for the narrative."""
        return self.died or bool(self.serious) or self.ended_for_event


def work_of(principal: Principal, study: Study) -> QuerySet[Subject]:
    """Subjects whose narrative is due or written, each with the state of its latest version."""
    # In the database: the list is filtered, sorted and cut by the latest version before any row is read.
    latest = NarrativeVersion.objects.filter(narrative__subject=OuterRef("pk")).order_by("-number")
    visible = Subject.objects.visible_to(principal).filter(study=study)
    due = visible.filter(DUE | Q(pk__in=Narrative.objects.filter(study=study).values("subject")))
    rules = [When(rule, then=Value(weight)) for weight, rule in enumerate((_DIED, _SERIOUS, _ENDED_FOR_EVENT))]
    return due.annotate(
        state=Coalesce(Subquery(latest.values("review__state")[:1]), Value(NONE_YET), output_field=CharField()),
        found=Coalesce(Subquery(latest.values("currency__value")[:1]), Value(""), output_field=CharField()),
        since=Subquery(latest.values("review__moved_at")[:1]),
        weight=Case(*rules, default=Value(len(rules)), output_field=IntegerField()),
    )


def ordered(work: QuerySet[Subject], sort: str) -> QuerySet[Subject]:
    """The list in an order; without one that is known, what weighs most first. No state yet is the oldest."""
    names = SORTS.get(sort, _BY_WEIGHT)
    return work.order_by(
        *(
            F(name.removeprefix("-")).desc(nulls_last=True) if name.startswith("-") else F(name).asc(nulls_first=True)
            for name in names
        )
    )


def counts(work: QuerySet[Subject]) -> dict[str, int]:
    """How many stand behind each filter, and in all, in one query."""
    return work.aggregate(all=Count("pk"), **{key: Count("pk", filter=which) for key, which in FILTERS.items()})


def lines(subjects: Sequence[Subject], audience: Audience) -> list[WorkLine]:
    """Lines of one page, each text hashed afresh; a constant number of queries."""
    narratives = {
        found.subject_id: found for found in Narrative.objects.filter(subject__in=subjects).select_related("job")
    }
    versions = latest_and_signed([found.pk for found in narratives.values()])
    altered = faults_among(versions)
    latest = {version.narrative_id: version for version in versions}
    authors = User.objects.in_bulk([version.author_id for version in versions])
    found = []
    for subject in subjects:
        narrative = narratives.get(subject.pk)
        line = _without_text(subject, narrative, audience)
        version = latest.get(narrative.pk) if narrative is not None else None
        if version is not None:
            line = replace(
                line,
                version=version.number,
                state=version.review.state,
                currency=ALTERED if version.narrative_id in altered else version.currency_now or "",
                author=authors[version.author_id].display_name,
                since=version.review.moved_at,
            )
        found.append(line)
    return found


def _without_text(subject: Subject, narrative: Narrative | None, audience: Audience) -> WorkLine:
    """The line of a subject before any text was written; one whose summary is missing is due for nothing yet."""
    # A line may be lost, as all that is derived; the missing other side of a one-to-one is an AttributeError in Django.
    summary = getattr(subject, "summary", None)
    job = narrative.job if narrative is not None else None
    return WorkLine(
        subject_id=subject.subject_id,
        died=summary is not None and summary.is_dead,
        serious=tuple(heading(term) for term in dict.fromkeys(summary.serious_terms)) if summary is not None else (),
        ended_for_event=summary is not None and summary.is_discontinued_for_ae,
        narrative_id=narrative.pk if narrative is not None else None,
        is_drafting=job is not None and job.state in {JobState.QUEUED, JobState.RUNNING},
        reason=narrative.reason if narrative is not None and _may_read_reason(narrative, audience) else "",
    )


def _may_read_reason(narrative: Narrative, audience: Audience) -> bool:
    """What somebody unblinded wrote may name a treatment: a blinded reader does not get it."""
    return narrative.is_reason_open or audience is not Audience.BLINDED


def is_due(subject: Subject) -> bool:
    """Whether any rule asks for the narrative of a subject."""
    return Subject.objects.filter(DUE, pk=subject.pk).exists()


def due_to_draft(principal: Principal, study: Study) -> QuerySet[Subject]:
    """Subjects of whom a narrative is due, none was begun, and the reader may draft one."""
    begun = Narrative.objects.filter(study=study).values("subject")
    due = Subject.objects.visible_to(principal).filter(DUE, study=study).exclude(pk__in=begun).order_by("subject_id")
    if principal.may(Permission.DRAFT_NARRATIVE, study.pk):
        return due
    return due.filter(site_id__in=principal.sites_with(Permission.DRAFT_NARRATIVE, study.pk))
