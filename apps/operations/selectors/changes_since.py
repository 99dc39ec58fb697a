"""What changed since a moment in the twins of a study, in the reader's own projection, counted and ranked over all."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Max, Q, QuerySet, Sum

from apps.operations.domain.happenings import Happening, happenings
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, seen_revision
from apps.studies.domain.clinical.disposition import DOMAINS_OF_DEATH
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.highlights import Matter
from apps.studies.domain.principal import Principal
from apps.studies.models import ChangeSet, Record, RecordRevision, Study, Subject

# So many subjects are read at a time.
AT_A_TIME = 500
# Named for one subject; the rest is a number.
MOST_NAMED = 4
TELLING = DOMAINS_OF_DEATH


@dataclass(frozen=True, slots=True)
class ChangedSubject:
    """A subject that changed, what happened to it, and how many records it was."""

    subject_id: str
    happenings: tuple[Happening, ...]
    record_count: int
    withdrawn: int
    data_cut: date | None
    known_at: datetime

    @property
    def weight(self) -> int:
        """Weight of the most serious thing that happened."""
        return min((happening.weight for happening in self.happenings), default=len(Matter) + 1)

    @property
    def named(self) -> tuple[Happening, ...]:
        """The most serious of what happened."""
        return self.happenings[:MOST_NAMED]

    @property
    def more(self) -> int:
        """How many things happened besides those shown."""
        return max(len(self.happenings) - MOST_NAMED, 0)

    @property
    def is_serious(self) -> bool:
        """Whether the subject died or has a newly serious event."""
        return any(happening.matter in {Matter.DEATH, Matter.SERIOUS} for happening in self.happenings)


@dataclass(frozen=True, slots=True)
class ChangesSince:
    """What changed since a moment; `subjects` come most serious first, then latest first."""

    since: datetime
    subjects: tuple[ChangedSubject, ...]
    changed: int
    visible: int
    withdrawn: int

    def count(self, matter: str) -> int:
        """How many such things happened, over every subject that changed."""
        return sum(happening.matter == Matter(matter) for subject in self.subjects for happening in subject.happenings)


@dataclass(frozen=True, slots=True)
class _Moved:
    """A subject that changed in the period: database id, how many records, and when last."""

    subject: int
    subject_id: str
    data_cut: date | None
    known_at: datetime
    record_count: int


@dataclass(slots=True)
class _States:
    """Records of one subject at the beginning of the period and now."""

    before: dict[str, ClinicalRecord] = field(default_factory=dict)
    now: dict[str, ClinicalRecord] = field(default_factory=dict)


def changes_since(principal: Principal, study: Study, audience: Audience, since: datetime) -> ChangesSince:
    """What changed after a moment in the twins that the reader may see; the first load of a study is no change."""
    visible = Subject.objects.visible_to(principal).filter(study=study)
    base = Q(known_at__lte=since) | _first_load(study)
    changes = _per_subject(visible, audience, base)
    told = _with_telling_changes(visible, audience, base)
    states = _states(audience, [moved.subject for moved in changes if moved.subject in told], base)
    found = [
        ChangedSubject(
            subject_id=moved.subject_id,
            happenings=tuple(_happenings(states.get(moved.subject, _States()))),
            record_count=moved.record_count,
            withdrawn=_withdrawn(states.get(moved.subject, _States())),
            data_cut=moved.data_cut,
            known_at=moved.known_at,
        )
        for moved in changes
    ]
    # The sort is stable: what weighs the same stays latest first, as it was read.
    ranked = sorted(found, key=lambda changed: changed.weight)
    return ChangesSince(since, tuple(ranked), len(changes), visible.count(), sum(one.withdrawn for one in found))


def _first_load(study: Study) -> Q:
    """The first versions that came with the study's first import; whoever joins a known study is news."""
    source = ChangeSet.objects.filter(study=study).order_by("known_at", "pk").values_list("source", flat=True).first()
    return Q(number=1, source=source) if source and source.startswith("import ") else Q(pk__in=())


def _per_subject(visible: QuerySet[Subject], audience: Audience, base: Q) -> list[_Moved]:
    count = "change_count" if audience is Audience.UNBLINDED else "blinded_change_count"
    sets = ChangeSet.objects.filter(subject__in=visible).exclude(base)
    if audience is Audience.BLINDED:
        sets = sets.filter(is_open=True)
    rows = sets.values("subject_id", "subject__subject_id", "subject__data_cut").annotate(
        last=Max("known_at"), records=Sum(count)
    )
    ordered = rows.order_by("-last", "subject_id")
    return [
        _Moved(*row)
        for row in ordered.values_list("subject_id", "subject__subject_id", "subject__data_cut", "last", "records")
    ]


def _with_telling_changes(visible: QuerySet[Subject], audience: Audience, base: Q) -> set[int]:
    """Subjects of which a record changed that may tell of a death, an event or an end, or was withdrawn.

    An import of everybody's vital signs changes everybody and tells of nobody.
    """
    sets = ChangeSet.objects.filter(subject__in=visible).exclude(base)
    telling = RecordRevision.objects.filter(Q(domain__in=TELLING) | _withdrawal(audience), change_set__in=sets)
    return set(telling.values_list("change_set__subject_id", flat=True).distinct())


def _withdrawal(audience: Audience) -> Q:
    """What withdrew a record for the audience; a record says only how it stands for readers who see everything."""
    column = "operation" if audience is Audience.UNBLINDED else "open_operation"
    return Q(**{column: Operation.WITHDRAW})


def _states(audience: Audience, subjects: Sequence[int], base: Q) -> dict[int, _States]:
    """Both states of the telling records of subjects, so many at a time."""
    states: dict[int, _States] = {}
    for first in range(0, len(subjects), AT_A_TIME):
        states |= _states_of(audience, subjects[first : first + AT_A_TIME], base)
    return states


def _states_of(audience: Audience, subjects: Sequence[int], base: Q) -> dict[int, _States]:
    """Both states of the telling records, folded from their revisions in the order they were written."""
    sets = ChangeSet.objects.filter(subject__in=subjects)
    subject_of = dict(sets.values_list("pk", "subject_id"))
    before = set(sets.filter(base).values_list("pk", flat=True))
    # By record alone: joined with their change sets, the database would walk every revision of these subjects.
    revisions = RecordRevision.objects.filter(record_id__in=_telling_records(audience, subjects, sets.exclude(base)))
    states: dict[int, _States] = {subject: _States() for subject in subjects}
    # Keys stand in the order of the ledger, because each subject is written under its lock.
    for change_set, record_id, domain, *stored in revisions.order_by("pk").values_list(
        "change_set_id", "record_id", "domain", "operation", "open_operation", "values", "hidden"
    ):
        subject = subject_of.get(change_set)
        seen = seen_revision(audience, *stored)
        # A record id is unique within its study only; what is not of these subjects is another study's.
        if subject is None or seen is None:
            continue
        row = None if seen[0] is Operation.WITHDRAW else ClinicalRecord(record_id, domain, seen[1])
        state = states[subject]
        for rows in [state.before, state.now] if change_set in before else [state.now]:
            _put(rows, record_id, row)
    return states


def _telling_records(audience: Audience, subjects: Sequence[int], since: QuerySet[ChangeSet]) -> set[str]:
    """Ids of the records that may tell of something, and of those that the audience saw go in the period."""
    telling = Record.objects.filter(domain__in=TELLING, subject__in=subjects)
    gone = RecordRevision.objects.filter(_withdrawal(audience), change_set__in=since)
    return {*telling.values_list("record_id", flat=True), *gone.values_list("record_id", flat=True)}


def _put(rows: dict[str, ClinicalRecord], record_id: str, row: ClinicalRecord | None) -> None:
    if row is None:
        rows.pop(record_id, None)
    else:
        rows[record_id] = row


def _happenings(states: _States) -> list[Happening]:
    return happenings(list(states.before.values()), list(states.now.values()))


def _withdrawn(states: _States) -> int:
    return len(states.before.keys() - states.now.keys())
