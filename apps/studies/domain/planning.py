"""What a cut of one subject would change: match its rows with the records, pure and without writing."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from apps.studies.domain.changes import Operation, Origin, RecordChange
from apps.studies.domain.ladders import TARGET_IDS
from apps.studies.domain.matching import Match, MatchKind, match_rows, new_record_id
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Existing:
    """Records of the subject as they stand: live ones by domain, withdrawn ones, and targets of relations."""

    live: Mapping[str, Mapping[str, Values]]
    withdrawn: Mapping[str, Values]
    targets: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that may be more than one record; nothing is done with it until a person decides."""

    file: str
    row: int
    domain: str
    reason: str


@dataclass(slots=True)
class SubjectPlan:
    """The changes of one subject, with counts of rows by file and outcome."""

    changes: list[RecordChange] = field(default_factory=list)
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    doubts: list[Doubt] = field(default_factory=list)
    withdrawn: Counter[str] = field(default_factory=Counter)


def plan_subject(
    subject_id: str,
    rows: Sequence[Row],
    existing: Existing,
    *,
    complete: AbstractSet[str],
    file_ids: Mapping[str, int],
    keys: Mapping[str, tuple[str, ...]],
) -> SubjectPlan:
    """Plan all rows of one subject (`""` for the study's own records).

    `complete` names the domains of which the cut holds everything, so that what is missing was withdrawn;
    `keys` adds the keys of Define-XML that proved unique; `file_ids` are database ids by file name.
    """
    work = _Planning(subject_id, rows, existing, file_ids, keys)
    by_domain: dict[str, list[int]] = {}
    for number, row in enumerate(rows):
        by_domain.setdefault(row.domain, []).append(number)
    # Relations come last: their targets must have their ids first.
    for domain in sorted(by_domain.keys() | (complete & existing.live.keys()), key=lambda code: code == "RELREC"):
        work.plan_domain(domain, by_domain.get(domain, []), withdraw=domain in complete)
    return work.plan


@dataclass(slots=True)
class _Planning:
    subject_id: str
    rows: Sequence[Row]
    existing: Existing
    file_ids: Mapping[str, int]
    keys: Mapping[str, tuple[str, ...]]
    plan: SubjectPlan = field(default_factory=SubjectPlan)
    ids: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.taken = {record_id for records in self.existing.live.values() for record_id in records}

    def plan_domain(self, domain: str, numbers: Sequence[int], *, withdraw: bool) -> None:
        """Plan the rows of one domain, and the withdrawal of what the cut no longer has."""
        live = self.existing.live.get(domain, {})
        incoming = [self._keyed(number) for number in numbers]
        if not live:
            matches: Iterable[Match] = (Match(MatchKind.NEW) for _ in numbers)
            unmatched: tuple[str, ...] = ()
        else:
            found = match_rows(domain, self._matchable(domain, live), incoming, key=self.keys.get(domain, ()))
            matches, unmatched = found.matches, found.unmatched
        for number, keyed, match in zip(numbers, incoming, matches, strict=True):
            self._plan_row(number, keyed, match, live)
        if withdraw:
            self._withdraw(domain, unmatched, live)

    def _matchable(self, domain: str, live: Mapping[str, Values]) -> Mapping[str, Values]:
        if domain != "RELREC":
            return live
        return {key: {**values, TARGET_IDS: self.existing.targets.get(key, "")} for key, values in live.items()}

    def _keyed(self, number: int) -> Values:
        row = self.rows[number]
        return {**row.values, TARGET_IDS: self._target(row)} if row.targets else row.values

    def _target(self, row: Row) -> str:
        return " ".join(sorted(self.ids[target] for target in row.targets if target in self.ids))

    def _plan_row(self, number: int, keyed: Values, match: Match, live: Mapping[str, Values]) -> None:
        row = self.rows[number]
        if match.kind is MatchKind.AMBIGUOUS:
            self.plan.counts[row.file, "ambiguous"] += 1
            self.plan.doubts.append(Doubt(row.file, row.number, row.domain, match.reason))
            return
        target = self._target(row) or None
        if match.record_id is None:
            self._add(number, keyed, target)
            return
        self.ids[number] = match.record_id
        before = live[match.record_id]
        if before == row.values and (self.existing.targets.get(match.record_id) or None) == target:
            self.plan.counts[row.file, "unchanged"] += 1
            return
        self._note(Operation.UPDATE, number, match.record_id, target, before)

    def _add(self, number: int, keyed: Values, target: str | None) -> None:
        row = self.rows[number]
        record_id = new_record_id(row.domain, self.subject_id, keyed, self.taken)
        self.taken.add(record_id)
        self.ids[number] = record_id
        before = self.existing.withdrawn.get(record_id)
        self._note(Operation.INSERT if before is None else Operation.REINSTATE, number, record_id, target, before)

    def _note(
        self, operation: Operation, number: int, record_id: str, target: str | None, before: Values | None
    ) -> None:
        row = self.rows[number]
        origin = Origin(self.file_ids[row.file], row.number)
        self.plan.changes.append(RecordChange(operation, record_id, row.domain, row.values, before, target, origin))
        self.plan.counts[row.file, "changed" if operation is Operation.UPDATE else "new"] += 1

    def _withdraw(self, domain: str, unmatched: Sequence[str], live: Mapping[str, Values]) -> None:
        for record_id in unmatched:
            values = live[record_id]
            self.plan.changes.append(RecordChange(Operation.WITHDRAW, record_id, domain, values, values))
            self.plan.withdrawn[domain] += 1
