"""Reads a dataset from CSV whose header line names SDTM variables; nothing is guessed from the look of a value."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, check_size, checked_names

# Characters of one row; the default limit of the csv module would refuse a whole file for one long field, which is
# only one row's fault.
_LONGEST_ROW: Final = 16 * 1024 * 1024
# A short line counts as this long, so that a row of endless short lines ends too.
_LEAST_COUNTED: Final = 200
csv.field_size_limit(_LONGEST_ROW)


def read_csv(name: str, content: bytes) -> Frame:
    """One dataset; too few or too many fields are a fault of their row; UnreadableSourceError for the rest."""
    lines = _rows(_MeasuredLines(name, content, _encoding_of(name, content)))
    header = next(lines, None)
    if not header:
        raise UnreadableSourceError(name, "the file is empty, expected a header line with SDTM variable names.")
    names = checked_names(name, header)
    rows: list[list[str]] = []
    faults: dict[int, str] = {}
    blank = [""] * len(names)
    for row in filter(None, lines):
        if len(row) != len(names):
            expected = f"expected {len(names)} as in the header. Check its quotes and commas."
            faults[len(rows)] = f"Got {len(row)} fields, {expected}"
        rows.append(row if len(row) == len(names) else blank)
        check_size(name, len(rows), len(names))
    columns: list[list[object]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in names]
    return Frame(dict(zip(names, columns, strict=True)), len(rows), faults=faults)


def _encoding_of(name: str, content: bytes) -> str:
    """UTF-8 where the file is, else Windows-1252, the code page of spreadsheets on Windows."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableSourceError(name, "its text is neither UTF-8 nor Windows-1252. Save it as CSV UTF-8.")


class _MeasuredLines:
    """The lines of a file; UnreadableSourceError when those of one row are too long, or too many."""

    def __init__(self, name: str, content: bytes, encoding: str) -> None:
        self.name = name
        self._text = io.TextIOWrapper(io.BytesIO(content), encoding=encoding, newline="")
        self._taken = 0

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_ROW + 1):
            self._taken += max(len(line), _LEAST_COUNTED)
            if self._taken > _LONGEST_ROW:
                expected = f"expected at most {_LONGEST_ROW:,} characters. Check its quotes and line ends"
                raise UnreadableSourceError(self.name, f"one of its rows does not end, {expected}.")
            yield line

    def end_row(self) -> None:
        """What comes next belongs to another row."""
        self._taken = 0


def _rows(lines: _MeasuredLines) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True)
    try:
        for row in reader:
            lines.end_row()
            yield row
    except csv.Error as error:
        wrong = f"line {reader.line_num} is not CSV ({error}). Check its quotes."
        raise UnreadableSourceError(lines.name, wrong) from error
