"""What every reader hands on: the columns of one dataset as the file has them, before any value is judged."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from apps.core.domain.errors import UnreadableSourceError

# More than any SDTM dataset has: wide ones come to a few hundred variables, long ones to a million rows.
MOST_COLUMNS: Final = 2_000
MOST_CELLS: Final = 50_000_000
# SAS names since version 7 (SAS XPORT v8); SDTM's own have eight characters.
_VARIABLE_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,31}")
_MOST_NAMED: Final = 5
# What rows are told apart and joined by: a blank before it or a small letter makes no other study, domain or subject.
_CODES: Final = frozenset({"DOMAIN", "RDOMAIN", "IDVAR", "QNAM"})
_IDENTIFYING: Final = _CODES | {"STUDYID", "USUBJID", "IDVARVAL"}


@dataclass(frozen=True, slots=True)
class Frame:
    """One dataset: equally long columns by variable name, and reasons for rows (from 0) the format itself rules out.

    `notes` say what was assumed of the file or left out of it; `dataset` is the name that the file itself gives.
    """

    columns: Mapping[str, list[object]]
    height: int
    label: str = ""
    variable_labels: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    has_decimal_commas: bool = False
    dataset: str = ""
    cell_faults: Mapping[tuple[int, str], str] = field(default_factory=dict)


def check_size(file: str, height: int, width: int) -> None:
    """Raise UnreadableSourceError for more cells than can be held, before they are made."""
    if height < 0 or height * width > MOST_CELLS:
        raise UnreadableSourceError(file, f"got {height:,} rows of {width:,} columns, more than can be read. Split it.")


def check_width(file: str, width: int) -> None:
    """Raise UnreadableSourceError for more columns than any dataset has."""
    if width > MOST_COLUMNS:
        raise UnreadableSourceError(file, f"got {width:,} columns, expected at most {MOST_COLUMNS:,}. Split it.")


def checked_names(file: str, names: list[str]) -> list[str]:
    """Names of columns in capitals; UnreadableSourceError when a variable comes twice, or for too many."""
    check_width(file, len(names))
    capitals = [name.strip().upper() for name in names]
    counts = Counter(name for name in capitals if _VARIABLE_NAME.fullmatch(name))
    twice = next((name for name, count in counts.items() if count > 1), None)
    if twice is not None:
        raise UnreadableSourceError(file, f"got the column {twice} more than once, expected each variable once.")
    return capitals


def with_plain_names(frame: Frame) -> Frame:
    """The frame with identifiers without blanks around them and codes of domains and variables in capitals."""
    columns = {
        name: [_plain(value, name) if isinstance(value, str) else value for value in column]
        if name in _IDENTIFYING
        else column
        for name, column in frame.columns.items()
    }
    return replace(frame, columns=columns)


def _plain(value: str, name: str) -> str:
    text = value.strip()
    return text.upper() if name in _CODES else text


def with_variables_alone(frame: Frame, *, may_quote: bool) -> Frame:
    """The frame without columns whose names no variable can have; a note counts them, and names them where it may."""
    odd = [name for name in frame.columns if not _VARIABLE_NAME.fullmatch(name)]
    if not odd:
        return frame
    named = f": {', '.join(repr(name[:40]) for name in odd[:_MOST_NAMED])}" if may_quote else ""
    more = ", …" if may_quote and len(odd) > _MOST_NAMED else ""
    note = f"{len(odd)} columns were left out, because their names are not such as USUBJID{named}{more}."
    return replace(
        frame,
        columns={name: column for name, column in frame.columns.items() if name not in odd},
        cell_faults={place: reason for place, reason in frame.cell_faults.items() if place[1] not in odd},
        notes=(*frame.notes, note),
    )
