"""The values of SAS XPORT: numbers of IBM mainframes, text as bytes, and dates that are numbers with a style."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

import numpy as np

from apps.studies.domain.readers.moments import spelled_time, without_midnights

# SAS counts days and seconds from the first day of 1960.
_FIRST_DAY: Final = datetime(1960, 1, 1)  # noqa: DTZ001 - SAS moments have no zone
_SECONDS_OF_DAY: Final = 86_400
_DATES: Final = (
    "DATE",
    "DDMMYY",
    "MMDDYY",
    "YYMMDD",
    "YYMM",
    "MONYY",
    "JULIAN",
    "WORDDAT",
    "WEEKDAT",
    "E8601DA",
    "IS8601DA",
    "B8601DA",
)
_MOMENTS: Final = ("DATETIME", "DATEAMPM", "E8601DT", "IS8601DT", "B8601DT", "E8601DZ", "MDYAMPM", "NLDATM")
_TIMES: Final = ("TIME", "HHMM", "TOD", "TIMEAMPM", "E8601TM", "IS8601TM", "B8601TM", "NLTIM")
# A missing number is a zero behind one of these: `.`, `_`, or `A` to `Z` of the special missing values.
_MISSING: Final = frozenset(b"._ABCDEFGHIJKLMNOPQRSTUVWXYZ")


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable: name, label, where its bytes stand in a row, how many, and its style (`DATE`) where it has one."""

    name: str
    label: str
    position: int
    length: int
    is_number: bool
    style: str

    def called(self, name: str, label: str) -> "Variable":
        """The variable with a longer name or label."""
        return replace(self, name=name or self.name, label=label or self.label)


@dataclass(frozen=True, slots=True)
class Values:
    """Columns in the order of the variables, and reasons for cells (row and column from 0) that hold no value."""

    columns: list[list[object]]
    faults: Mapping[tuple[int, int], str]


def text_of(content: bytes) -> str:
    """Text without its filling; each byte that is no UTF-8 stays as a lone surrogate (`encodings.py`)."""
    return content.rstrip(b" \0").decode("utf-8", "surrogateescape")


def read_values(content: bytes, rows_at: int, row_length: int, height: int, variables: Sequence[Variable]) -> Values:
    """The values of a dataset, column by column."""
    cells = np.frombuffer(content, np.uint8, height * row_length, rows_at).reshape(height, row_length)
    columns: list[list[object]] = []
    faults: dict[tuple[int, int], str] = {}
    for number, variable in enumerate(variables):
        given = cells[:, variable.position : variable.position + variable.length]
        column = _numbers(given) if variable.is_number else _texts(given)
        if variable.is_number:
            column, wrong = _styled(column, variable.style)
            faults |= {(row, number): reason for row, reason in wrong.items()}
        columns.append(column)
    return Values(columns, faults)


def _texts(cells: Any) -> list[object]:
    """Text of a column; each distinct one is decoded once, because a column repeats few of them often."""
    width = cells.shape[1]
    given: list[bytes] = np.ascontiguousarray(cells).view(f"S{width}").ravel().tolist()
    known = {value: text_of(value) for value in set(given)}
    return [known[value] for value in given]


def _numbers(cells: Any) -> list[object]:
    """IBM hexadecimal floating point of 2 to 8 bytes as numbers, None for missing (TS-140, "Numeric data fields")."""
    height, width = cells.shape
    whole = np.zeros((height, 8), np.uint8)
    whole[:, :width] = cells
    first = whole[:, 0].astype(np.int64)
    bits = whole.view(">u8").ravel().astype(np.uint64) & np.uint64(0x00FF_FFFF_FFFF_FFFF)
    fraction = bits.astype(np.float64)
    values = np.ldexp(fraction, 4 * ((first & 0x7F) - 64) - 56)
    values = np.where(first & 0x80, -values, values)
    # With any exponent a fraction of zero is zero, but for the marks of what is missing.
    missing = (bits == 0) & np.isin(first, list(_MISSING))
    listed: list[object] = values.tolist()
    for row in np.flatnonzero(missing).tolist():
        listed[row] = None
    return listed


def _styled(numbers: list[object], style: str) -> tuple[list[object], dict[int, str]]:
    """Numbers with the style of a date, a time or both as ISO 8601; a reason for each that no calendar has."""
    found = next(((read, unit) for styles, read, unit in _STYLES if style.startswith(styles)), None)
    if found is None:
        return numbers, {}
    read, unit = found
    known = {value: read(value) for value in set(numbers) if isinstance(value, float)}
    wrong = f"expected {unit} that a calendar has."
    faults = {
        row: f"Got {value:g} {unit} since 1960, {wrong}"
        for row, value in enumerate(numbers)
        if isinstance(value, float) and known[value] is None
    }
    return without_midnights([known[value] if isinstance(value, float) else None for value in numbers]), faults


def _day(value: float) -> date | None:
    found = _moment(value * _SECONDS_OF_DAY)
    return None if found is None else found.date()


def _moment(value: float) -> datetime | None:
    try:
        return _FIRST_DAY + timedelta(seconds=value)
    except (OverflowError, ValueError):
        return None


def _time(value: float) -> str | None:
    found = _moment(value) if 0 <= value < _SECONDS_OF_DAY else None
    return None if found is None else spelled_time(found.time())


# In this order, because the names of styles begin like one another.
_STYLES: Final[Sequence[tuple[tuple[str, ...], Callable[[float], date | str | None], str]]] = (
    (_MOMENTS, _moment, "seconds"),
    (_DATES, _day, "days"),
    (_TIMES, _time, "seconds"),
)
