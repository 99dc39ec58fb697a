"""Whether the numbers of a file's rows may be known to blinded readers.

A number tells where a row stands among all the others. Where a file is ordered by arm, it tells the arm; where rows are
hidden, such as concentrations that only the treated have, the gaps between the numbers tell who has them.
"""

import re
from collections.abc import Iterable

from apps.studies.domain.blinding import WHOLE, BlindingRules, deciding_variables
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.readers.sheets import Sheet
from apps.studies.domain.variables import Value

_DIGITS = re.compile(r"([0-9]+)")


def numbered_openly(sheets: Iterable[Sheet], rules: BlindingRules) -> frozenset[str]:
    """Names of the files whose rows stand in the order of their subjects, none of them hidden as a whole."""
    return frozenset(
        sheet.source.name
        for sheet in sheets
        if sheet.kind is SheetKind.RECORDS and _is_by_subject(sheet) and not _hides_rows(sheet, rules)
    )


def _is_by_subject(sheet: Sheet) -> bool:
    """Whether subjects follow each other by their ids: letter by letter, or with the numbers in them as numbers."""
    subjects = [str(subject or "") for subject in sheet.column("USUBJID")]
    in_numbers = [_by_numbers(subject) for subject in subjects]
    return subjects == sorted(subjects) or in_numbers == sorted(in_numbers)


def _by_numbers(subject: str) -> list[tuple[int, str]]:
    parts = _DIGITS.split(subject)
    return [(int(part), "") if position % 2 else (-1, part) for position, part in enumerate(parts)]


def _hides_rows(sheet: Sheet, rules: BlindingRules) -> bool:
    """Asked once for each set of values that decides, because a file has many rows and few of those."""
    names = [name for name in deciding_variables(sheet.domain) if name in sheet.columns]
    distinct = set(zip(*(sheet.columns[name] for name in names), strict=True)) or {()}
    return any(rules.hidden_in(sheet.domain, _present(names, cells)) == WHOLE for cells in distinct)


def _present(names: list[str], cells: tuple[Value | None, ...]) -> dict[str, Value]:
    return {name: cell for name, cell in zip(names, cells, strict=True) if cell is not None}
