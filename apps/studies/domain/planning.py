"""What a cut of one subject would change: match its rows with the records, pure and without writing."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from apps.studies.domain.blinding import OPEN, WHOLE, BlindingRules, Hidden, hidden_by_target
from apps.studies.domain.changes import Operation, Origin, RecordChange, open_change
from apps.studies.domain.ladders import TARGET_IDS
from apps.studies.domain.matching import Match, MatchKind, match_rows, new_record_id
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Existing:
    """Records of the subject as the planner's reader knows them: live ones by domain, withdrawn ones, targets of
    relations, what is hidden of each, and the ids that no new record may take."""

    live: Mapping[str, Mapping[str, Values]]
    withdrawn: Mapping[str, Values]
    targets: Mapping[str, str]
    hidden: Mapping[str, Hidden] = field(default_factory=dict)
    ids: AbstractSet[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Cut:
    """What holds for every subject of one cut.

    `keys` adds the keys of Define-XML that proved unique, `file_ids` are database ids by file name, `secret` keys the
    ids of new records. `rules` class what is hidden; without them the cut is of a blinded person, and all open.
    `carried` names, by subject and file, the variables that the cut has: what it does not have, it does not clear.
    """

    study: str
    file_ids: Mapping[str, int]
    keys: Mapping[str, tuple[str, ...]]
    secret: bytes
    rules: BlindingRules | None
    carried: Callable[[str, Row], AbstractSet[str] | None] = lambda _subject, _row: None

    def hidden_in(self, domain: str, values: Values) -> Hidden:
        """What blinded readers do not see of a row."""
        return OPEN if self.rules is None else self.rules.hidden_in(domain, values)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A row that may be more than one record; nothing is done with it until a person decides."""

    file: str
    row: int
    domain: str
    reason: str
    is_open: bool


@dataclass(slots=True)
class Tally:
    """What became of the rows of one subject in one projection: by file and outcome, and withdrawn by domain."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    changes: int = 0


@dataclass(slots=True)
class SubjectPlan:
    """The changes of one subject, and two tallies: of everything, and of what blinded readers see."""

    changes: list[RecordChange] = field(default_factory=list)
    doubts: list[Doubt] = field(default_factory=list)
    whole: Tally = field(default_factory=Tally)
    open: Tally = field(default_factory=Tally)


def plan_subject(
    subject_id: str, rows: Sequence[Row], existing: Existing, cut: Cut, *, complete: AbstractSet[str]
) -> SubjectPlan:
    """Plan all rows of one subject (`""` for the study's own records).

    `complete` names the domains of which the cut holds everything, so that what is missing was withdrawn.
    """
    work = _Planning(subject_id, rows, existing, cut)
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
    cut: Cut
    plan: SubjectPlan = field(default_factory=SubjectPlan)
    ids: dict[int, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)
    hidden_ids: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.taken = set(self.existing.ids)
        self.hidden_ids = {record_id for record_id, hidden in self.existing.hidden.items() if hidden == WHOLE}

    def plan_domain(self, domain: str, numbers: Sequence[int], *, withdraw: bool) -> None:
        """Plan the rows of one domain, and the withdrawal of what the cut no longer has."""
        live = self.existing.live.get(domain, {})
        incoming = [self._keyed(number) for number in numbers]
        if not live:
            matches: Iterable[Match] = (Match(MatchKind.NEW) for _ in numbers)
            unmatched: tuple[str, ...] = ()
        else:
            found = match_rows(domain, self._matchable(domain, live), incoming, key=self.cut.keys.get(domain, ()))
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
            is_open = self.cut.hidden_in(row.domain, row.values) != WHOLE
            self.plan.doubts.append(Doubt(row.file, row.number, row.domain, match.reason, is_open))
            self._count(row, "ambiguous", "ambiguous" if is_open else None)
            return
        target = self._target(row) or None
        if match.record_id is None:
            self._add(number, keyed, target)
            return
        self.ids[number] = match.record_id
        before = live[match.record_id]
        values = self._with_kept(row, before)
        # A relation with the same values may point at another record, since IDVARVAL numbers the rows of a cut.
        if before == values and (self.existing.targets.get(match.record_id) or None) == target:
            self._count(row, "unchanged", None if match.record_id in self.hidden_ids else "unchanged")
            return
        self._note(Operation.UPDATE, number, match.record_id, target, before, values)

    def _with_kept(self, row: Row, before: Values) -> Values:
        """The row with what the record has and the cut does not carry; a cell that is there and empty clears."""
        carried = self.cut.carried(self.subject_id, row)
        kept = row.unread if carried is None else (before.keys() - carried) | row.unread
        return {**{name: value for name, value in before.items() if name in kept}, **row.values} if kept else row.values

    def _add(self, number: int, keyed: Values, target: str | None) -> None:
        row = self.rows[number]
        identity = (row.domain, self.cut.study, self.subject_id)
        record_id = new_record_id(*identity, keyed, self.taken, secret=self.cut.secret)
        self.taken.add(record_id)
        self.ids[number] = record_id
        before = self.existing.withdrawn.get(record_id)
        operation = Operation.INSERT if before is None else Operation.REINSTATE
        self._note(operation, number, record_id, target, before, row.values)

    def _note(
        self,
        operation: Operation,
        number: int,
        record_id: str,
        target: str | None,
        before: Values | None,
        values: Values,
    ) -> None:
        row = self.rows[number]
        # Judged with what the cut does not carry: a qualifier that stays may be what tells a treatment.
        hidden = self.cut.hidden_in(row.domain, values)
        if hidden_by_target(target, self.hidden_ids):
            hidden = WHOLE
        (self.hidden_ids.add if hidden == WHOLE else self.hidden_ids.discard)(record_id)
        origin = Origin(self.cut.file_ids[row.file], row.number)
        was = self.existing.hidden.get(record_id, OPEN)
        change = RecordChange(operation, record_id, row.domain, values, before, target, origin, hidden, was)
        self._take(change)
        outcome = "changed" if operation is Operation.UPDATE else "new"
        self._count(row, outcome, _open_outcome(change))

    def _withdraw(self, domain: str, unmatched: Sequence[str], live: Mapping[str, Values]) -> None:
        for record_id in unmatched:
            values, hidden = live[record_id], self.existing.hidden.get(record_id, OPEN)
            self._take(
                RecordChange(Operation.WITHDRAW, record_id, domain, values, values, hidden=hidden, hidden_before=hidden)
            )
            self.plan.whole.withdrawn[domain] += 1

    def _take(self, change: RecordChange) -> None:
        self.plan.changes.append(change)
        self.plan.whole.changes += 1
        seen = open_change(change)
        if seen is not None:
            self.plan.open.changes += 1
            self.plan.open.withdrawn[change.domain] += seen.operation is Operation.WITHDRAW

    def _count(self, row: Row, outcome: str, open_outcome: str | None) -> None:
        if not row.is_counted:
            return
        self.plan.whole.counts[row.file, outcome] += 1
        if open_outcome is not None:
            self.plan.open.counts[row.file, open_outcome] += 1


def _open_outcome(change: RecordChange) -> str | None:
    """What became of a changed row for a blinded reader; None where the row does not exist for them."""
    if change.concealed == WHOLE:
        return None
    seen = open_change(change)
    if seen is None:
        return "unchanged"
    return "changed" if seen.operation is Operation.UPDATE else "new"
