"""What matters in a change of data, most serious first: deaths, new serious events, changed judgements."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.variables import Value, label

CRITERIA = ("AESDTH", "AESLIFE", "AESHOSP", "AESDISAB", "AESCONG", "AESCAN", "AESOD", "AESMIE")
JUDGEMENTS = ("AEOUT", "AEREL", "AESER", *CRITERIA)


class Matter(StrEnum):
    """Kinds of change that a person must see first, in their order."""

    DEATH = "death"
    SERIOUS = "new serious event"
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
    """What matters among the changes, as their reader sees them, most serious first."""
    found = [item for change in changes for item in _of(change)]
    return sorted(found, key=lambda item: WEIGHT[item.matter])


def is_serious(change: RecordChange) -> bool:
    """Whether an AE row is serious by flag or by any criterion (ICH E2A II.B)."""
    return any(change.values.get(name) == "Y" for name in ("AESER", *CRITERIA))


def _of(change: RecordChange) -> Iterator[Highlight]:
    if change.operation is Operation.WITHDRAW:
        yield _highlight(Matter.WITHDRAWN, change, change.domain)
    elif change.domain == "DM":
        yield from _death(change)
    elif change.domain == "AE":
        yield from _event(change)
    elif change.domain == "DS":
        yield from _disposition(change)


def _death(change: RecordChange) -> Iterator[Highlight]:
    before = (change.before or {}).get("DTHFL")
    if change.values.get("DTHFL") == "Y" and before != "Y":
        yield _highlight(Matter.DEATH, change, str(change.values.get("DTHDTC", "")), "DTHFL", before, "Y")


def _event(change: RecordChange) -> Iterator[Highlight]:
    term = str(change.values.get("AEDECOD") or change.values.get("AETERM") or "")
    if change.operation is not Operation.UPDATE:
        if is_serious(change):
            yield _highlight(Matter.SERIOUS, change, term)
        elif change.values.get("AESEV") == "SEVERE":
            yield _highlight(Matter.SEVERE, change, term)
        return
    before = change.before or {}
    for name in JUDGEMENTS:
        if before.get(name) != change.values.get(name):
            text = f"{term}: {label('AE', name)}"
            yield _highlight(Matter.JUDGEMENT, change, text, name, before.get(name), change.values.get(name))


def _disposition(change: RecordChange) -> Iterator[Highlight]:
    reason = change.values.get("DSDECOD")
    left = change.values.get("DSCAT") in {"DISPOSITION EVENT", None}
    if left and reason not in {None, "COMPLETED", "SCREEN FAILURE"} and change.operation is not Operation.UPDATE:
        yield _highlight(Matter.DISCONTINUED, change, str(reason))


def _highlight(
    matter: Matter,
    change: RecordChange,
    text: str,
    variable: str = "",
    old: Value | None = None,
    new: Value | None = None,
) -> Highlight:
    return Highlight(matter, change.domain, change.record_id, text, variable, old, new)
