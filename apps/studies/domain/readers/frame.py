"""What every reader hands on: the columns of one dataset as the file has them, before any value is judged."""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from apps.core.domain.errors import UnreadableSourceError

_VARIABLE_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,31}")


@dataclass(frozen=True, slots=True)
class Frame:
    """One dataset: equally long columns by variable name, and reasons for rows (from 0) the format itself rules out."""

    columns: Mapping[str, list[object]]
    height: int
    label: str = ""
    variable_labels: Mapping[str, str] = field(default_factory=dict)
    faults: Mapping[int, str] = field(default_factory=dict)


def checked_names(file: str, names: list[str]) -> list[str]:
    """Variable names in capitals; UnreadableSourceError when one is not a SAS name or comes twice."""
    capitals = [name.strip().upper() for name in names]
    for name in capitals:
        if not _VARIABLE_NAME.fullmatch(name):
            raise UnreadableSourceError(
                file, f"got the column name {name[:60]!r}, expected SDTM names such as USUBJID."
            )
    twice = next((name for name, count in Counter(capitals).items() if count > 1), None)
    if twice is not None:
        raise UnreadableSourceError(file, f"got the column {twice} more than once, expected each variable once.")
    return capitals
