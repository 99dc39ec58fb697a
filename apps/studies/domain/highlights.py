"""What matters in a change of data, most serious first: deaths, new serious events, changed judgements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.disposition import DEATH_DATE, is_concern, is_death, reason_of, says_died
from apps.studies.domain.clinical.events import CAUSALITY_VARIABLE, is_severe
from apps.studies.domain.clinical.seriousness import EVIDENCE, Conflict, is_serious, seriousness_of
from apps.studies.domain.variables import Value, label

JUDGEMENTS = (CAUSALITY_VARIABLE, *EVIDENCE)


class Matter(StrEnum):
    """Kinds of change that a person must see first, in their order; first of all what ought to be in and is not."""

    NOT_IN = "death or serious event not in"
    DEATH = "death"
    SERIOUS = "new serious event"
    CONTRADICTION = "contradicting evidence"
    JUDGEMENT = "changed judgement"
    DISCONTINUED = "discontinued"
    SEVERE = "new severe event"
    WITHDRAWN = "withdrawn record"


WEIGHT = {matter: number for number, matter in enumerate(Matter)}


@dataclass(frozen=True, slots=True)
class Highlight:
    """One thing that matters: what, about which record, and where it changed the old and the new value."""

    matter: Matter
    domain: str
    record_id: str
    text: str
    variable: str = ""
    old: Value | None = None
    new: Value | None = None


def highlights(changes: Iterable[RecordChange]) -> list[Highlight]:
    """What matters among the changes of one subject, as their reader sees them, most serious first."""
    found = [item for change in changes for item in _of(change)]
    deaths = [item for item in found if item.matter is Matter.DEATH]
    # A subject dies once, however many records say so; the one that gives the date tells it.
    told = [max(deaths, key=lambda item: item.text)] if deaths else []
    others = [item for item in found if item.matter is not Matter.DEATH]
    return sorted([*told, *others], key=lambda item: WEIGHT[item.matter])


def _of(change: RecordChange) -> Iterator[Highlight]:
    if change.operation is Operation.WITHDRAW:
        yield _highlight(Matter.WITHDRAWN, change, change.domain)
        return
    yield from _death(change)
    if change.domain == "AE":
        yield from _event(change)
    elif change.domain == "DS":
        yield from _disposition(change)


def _death(change: RecordChange) -> Iterator[Highlight]:
    """A record that says that the subject died, and did not say so before."""
    if says_died(change.domain, change.values) and not says_died(change.domain, change.before or {}):
        on = change.values.get(DEATH_DATE, "") if change.domain == "DM" else ""
        yield _highlight(Matter.DEATH, change, str(on))


def _event(change: RecordChange) -> Iterator[Highlight]:
    term = str(change.values.get("AEDECOD") or change.values.get("AETERM") or "")
    if change.operation is not Operation.UPDATE:
        if is_serious(change.values):
            yield _highlight(Matter.SERIOUS, change, term)
        elif is_severe(change.values):
            yield _highlight(Matter.SEVERE, change, term)
        yield from _conflicts(change, term)
        return
    before = change.before or {}
    for name in JUDGEMENTS:
        if before.get(name) != change.values.get(name):
            text = f"{term}: {label('AE', name)}"
            yield _highlight(Matter.JUDGEMENT, change, text, name, before.get(name), change.values.get(name))
    yield from _conflicts(change, term)


def _conflicts(change: RecordChange, term: str) -> Iterator[Highlight]:
    """What an AE row says against itself, and did not say before."""
    known = seriousness_of([change.before or {}]).conflicts
    for conflict in seriousness_of([change.values]).conflicts:
        # A flag without a criterion is a gap of the record: nothing in it says the opposite.
        if conflict not in known and conflict is not Conflict.NO_CRITERION:
            yield _highlight(Matter.CONTRADICTION, change, f"{term}: {conflict}")


def _disposition(change: RecordChange) -> Iterator[Highlight]:
    is_new = change.operation is not Operation.UPDATE or not is_concern(change.before or {})
    # A death is told as one, and not once more as a reason to leave.
    if is_new and is_concern(change.values) and not is_death(change.values):
        yield _highlight(Matter.DISCONTINUED, change, reason_of(change.values))


def _highlight(
    matter: Matter,
    change: RecordChange,
    text: str,
    variable: str = "",
    old: Value | None = None,
    new: Value | None = None,
) -> Highlight:
    return Highlight(matter, change.domain, change.record_id, text, variable, old, new)
