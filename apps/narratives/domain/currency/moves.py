"""What to say of stale text: only what moved in the data, what weighs most first.

A fact also leaves the facts because another record moved: a relation that ends takes every detail of its event along.
The text then needs to be read again, and the person who reads needs to be told of the one value that moved.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from apps.narratives.domain.currency.compare import CurrencyReport, Moved, Reason, ReasonKind
from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.references import RecordId, Reference
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.variables import Value

# What a reviewer must see first (ICH E3 12.3.2: deaths, then other serious events): the rest keeps its order.
_WEIGHTS: Final[Mapping[Role, int]] = {
    role: weight
    for weight, roles in enumerate(
        (
            (Role.DIED, Role.DEATH_DATE, Role.DEATH_DAY),
            (Role.CRITERION, Role.SERIOUS_FLAG),
            (Role.OUTCOME,),
            (Role.CAUSALITY,),
            (Role.TERM, Role.ONSET, Role.SEVERITY, Role.ACTION),
            (Role.DISPOSITION, Role.CAUSE),
            (Role.RESULT, Role.MULTIPLE),
        )
    )
    for role in roles
}
_LIGHTEST: Final = len(_WEIGHTS)
# Demographics are everybody's.
_GENERAL: Final = "DM"

Facts = Mapping[str, Fact]


@dataclass(frozen=True, slots=True)
class Moves:
    """Values that differ from those a text was written from, by record and variable, and the records withdrawn."""

    values: Mapping[str, Mapping[str, tuple[Value | None, Value | None]]]
    withdrawn: frozenset[str] = frozenset()


def moves_of(changes: Iterable[RecordChange]) -> Moves:
    """What changes that are about to be written would move."""
    values: dict[str, dict[str, tuple[Value | None, Value | None]]] = {}
    withdrawn = set()
    for change in changes:
        is_gone = change.operation is Operation.WITHDRAW
        before, now = (change.values, {}) if is_gone else (change.before or {}, change.values)
        names = before.keys() | now.keys()
        values[change.record_id] = {
            name: (before.get(name), now.get(name)) for name in names if before.get(name) != now.get(name)
        }
        if is_gone:
            withdrawn.add(change.record_id)
    return Moves(values, frozenset(withdrawn))


def told(report: CurrencyReport, old: FactSet, new: FactSet, moves: Moves) -> CurrencyReport:
    """The report with the reasons that a person needs; its state stays, for the text must be read again in any case."""
    # The old facts count: a reason names a thing as the text knew it.
    facts = {**new.by_id, **old.by_id}
    paired = list(_paired(report.reasons, facts))
    listed = list(_marked(list(_one_for_each_thing(paired, facts, old, moves))))
    # Where nothing is known to have moved all are told: a stale text without a reason helps nobody.
    kept = listed if any(not reason.follows for reason in listed) else paired
    weighed = sorted(kept, key=lambda reason: _WEIGHTS.get(facts[reason.fact_id].role, _LIGHTEST))
    return replace(report, reasons=tuple(weighed))


def _marked(reasons: Sequence[Reason]) -> Iterator[Reason]:
    """What is dropped for a value that another reason tells follows from that one."""
    told_of = {source for reason in reasons if reason.kind is not ReasonKind.DROPPED for source in reason.sources}
    for reason in reasons:
        is_told = reason.kind is ReasonKind.DROPPED and set(reason.sources) <= told_of
        yield replace(reason, follows=True) if is_told else reason


def _paired(reasons: Sequence[Reason], facts: Facts) -> Iterator[Reason]:
    """A fact that is gone and the one that stands in its place are one change."""

    def place(reason: Reason) -> tuple[str, Role]:
        return facts[reason.fact_id].about, facts[reason.fact_id].role

    unsaid = {place(reason): reason for reason in reasons if reason.kind is ReasonKind.OMISSION}
    gone = {place(reason) for reason in reasons if reason.kind is ReasonKind.WITHDRAWN}
    for reason in reasons:
        other = unsaid.get(place(reason))
        if reason.kind is ReasonKind.WITHDRAWN and other is not None:
            sources = other.sources or reason.sources
            yield replace(reason, kind=ReasonKind.CITED, new=other.new, new_text=other.new_text, sources=sources)
        elif reason.kind is not ReasonKind.OMISSION or place(reason) not in gone:
            yield reason


def _one_for_each_thing(reasons: Sequence[Reason], facts: Facts, old: FactSet, moves: Moves) -> Iterator[Reason]:
    gone: dict[str, list[Reason]] = {}
    known = {fact.about for fact in old.facts}
    for reason in reasons:
        fact = facts[reason.fact_id]
        # A cause is told by itself: it goes with a relation (RELREC), and the records that it related stay as they are.
        if reason.kind is ReasonKind.WITHDRAWN and reason.sources and fact.role is not Role.CAUSE:
            gone.setdefault(fact.about, []).append(reason)
        elif reason.kind is ReasonKind.OMISSION and fact.about in known and not _is_news(reason, fact, moves):
            yield replace(reason, follows=True)
        else:
            yield reason
    for about, of_one in gone.items():
        yield from _of_one_thing(of_one, old.get(about, Role.TERM), moves)


def _is_news(reason: Reason, fact: Fact, moves: Moves) -> bool:
    """Whether what a known thing has not been told with moved itself, and is not only to be told from now on."""
    return fact.role is Role.CAUSE or any(True for _ in _moved([reason], _own([reason]), moves))


def _own(reasons: Sequence[Reason]) -> set[RecordId]:
    """The records of a thing itself, where it has any."""
    records = {Reference.parse(source).record for reason in reasons for source in reason.sources}
    return {record for record in records if record.domain != _GENERAL} or records


def _of_one_thing(reasons: Sequence[Reason], term: Fact | None, moves: Moves) -> Iterator[Reason]:
    """Facts about one thing that are gone: with its record, for what moved in it, or for nothing of its own."""
    own = _own(reasons)
    sentences = tuple(sorted({index for reason in reasons for index in reason.sentences}))
    about = replace(reasons[0], sentences=sentences)
    if term is not None:
        about = replace(about, fact_id=term.id, name=term.name, old=term.value, old_text=heading(term.text))
    if own & moves.withdrawn:
        yield about
        return
    moved = tuple(_moved(reasons, own, moves))
    if moved:
        sources = tuple(str(Reference.of(move.record, move.variable)) for move in moved)
        yield replace(about, kind=ReasonKind.DROPPED, sources=sources, moved=moved)


def _moved(reasons: Sequence[Reason], own: set[RecordId], moves: Moves) -> Iterator[Moved]:
    cited = {source for reason in reasons for source in reason.sources}
    for record, values in sorted(moves.values.items()):
        for variable, (before, now) in sorted(values.items()):
            if record in own or str(Reference.of(record, variable)) in cited:
                yield Moved(record, variable, before, now)
