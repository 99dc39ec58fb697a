"""A finished study as it was on an earlier day, and what each later day added."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from apps.studies.domain.arrival import known_rows
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

Place = tuple[str, int]
Values = Mapping[str, Value]


def rows_known_on(rows: Sequence[Row], on: date) -> list[Row]:
    """Rows of one subject as they were known at the end of a day, with the positions of relations renumbered."""
    known = known_rows(rows, on)
    position = {number: place for place, number in enumerate(n for n, values in enumerate(known) if values is not None)}
    return [
        replace(row, values=values, targets=tuple(position[target] for target in row.targets if target in position))
        for row, values in zip(rows, known, strict=True)
        if values is not None
    ]


def values_moved(earlier: Iterable[Row], later: Iterable[Row]) -> dict[Place, Values]:
    """What each file and row number says on the later day that it did not say before; a new row says everything."""
    before = {(row.file, row.number): row.values for row in earlier}
    moved: dict[Place, Values] = {}
    for row in later:
        known = before.get((row.file, row.number))
        said = {name: value for name, value in row.values.items() if known is None or known.get(name) != value}
        if said or known is None:
            moved[row.file, row.number] = said
    return moved


def moved_only(change: RecordChange, said: Values) -> RecordChange | None:
    """The change reduced to what the day said, so that a correction made since stays; None when nothing is left."""
    if change.operation is not Operation.UPDATE or change.before is None:
        return change
    values = {**change.before, **said}
    # What is hidden was judged on the whole row of the day; the corrected record is judged when it is written.
    return replace(change, values=values, hidden=None) if values != change.before else None
