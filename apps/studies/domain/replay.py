"""A finished study as it was on an earlier day, and what each later day added."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date

from apps.studies.domain.arrival import known_rows
from apps.studies.domain.rows import Row

Place = tuple[str, int]


def rows_known_on(rows: Sequence[Row], on: date) -> list[Row]:
    """Rows of one subject as they were known at the end of a day, with the positions of relations renumbered."""
    known = known_rows(rows, on)
    position = {number: place for place, number in enumerate(n for n, values in enumerate(known) if values is not None)}
    return [
        replace(row, values=values, targets=tuple(position[target] for target in row.targets if target in position))
        for row, values in zip(rows, known, strict=True)
        if values is not None
    ]


def places_moved(earlier: Iterable[Row], later: Iterable[Row]) -> frozenset[Place]:
    """File and row number of what is new or says something else on the later day."""
    before = {(row.file, row.number): row.values for row in earlier}
    return frozenset((row.file, row.number) for row in later if before.get((row.file, row.number)) != row.values)
