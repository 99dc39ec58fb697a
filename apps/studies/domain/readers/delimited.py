"""Reads a dataset from delimited text as R, SAS and spreadsheets write it; its header line names SDTM variables.

What stands between the fields is found out from the header, where names leave nothing to guess. What was assumed is
said in the notes of the frame.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Sequence
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, check_size, check_width, checked_names

# Characters of one row; the default limit of the csv module would refuse a whole file for one long field, which is
# only one row's fault.
_LONGEST_ROW: Final = 16 * 1024 * 1024
# A short line counts as this long, so that a row of endless short lines ends too.
_LEAST_COUNTED: Final = 200
csv.field_size_limit(_LONGEST_ROW)

_SEPARATORS: Final = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
# R quotes every text and writes a missing value without quotes: there, and only there, the two can be told apart.
_BARE_NA: Final = re.compile(r"(?:(?<=[,;\t|])|(?<![\s\S]))NA(?=[,;\t|\r\n]|$)")
_ALL_QUOTED: Final = re.compile(r'(?:"[^"\r\n]*"[,;\t|])+"[^"\r\n]*"\r?\n')


def read_csv(name: str, content: bytes) -> Frame:
    """One dataset; too few or too many fields are a fault of their row; UnreadableSourceError for the rest."""
    text = _decoded(content)
    header_line = text[: text.find("\n") + 1] or text
    separator = _separator_of(header_line)
    lines = _rows(_MeasuredLines(name, text, without_bare_na=_ALL_QUOTED.fullmatch(header_line) is not None), separator)
    header = next(lines, None)
    if not header:
        raise UnreadableSourceError(name, "the file is empty, expected a header line with SDTM variable names.")
    check_width(name, len(header))
    read = list(_bounded(name, filter(None, lines), len(header)))
    notes = [] if separator == "," else [f"Its fields stand between {_SEPARATORS[separator]}."]
    if read and all(count == len(header) + 1 for count, _ in read):
        # R may write the names of rows into a column that has none.
        header = ["", *header]
    faults = {number: _ragged(count, len(header)) for number, (count, _) in enumerate(read) if count != len(header)}
    rows = [fields if len(fields) == len(header) else [""] * len(header) for _, fields in read]
    _drop_empty_tail(rows, faults, notes)
    columns = _columns(header, rows)
    _drop_unnamed(columns, notes)
    names = checked_names(name, [title for title, _ in columns])
    cells = [column for _, column in columns]
    return Frame(
        dict(zip(names, cells, strict=True)),
        len(rows),
        faults=faults,
        notes=tuple(notes),
        has_decimal_commas=separator == ";",
    )


def _decoded(content: bytes) -> str:
    """Text with each byte that is no UTF-8 as a lone surrogate (`encodings.py`); UTF-16 by the mark of spreadsheets."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "surrogateescape")


def _separator_of(header: str) -> str:
    """What parts the header into most names."""
    return max(_SEPARATORS, key=lambda separator: (header.count(separator), separator == ","))


def _bounded(file: str, rows: Iterator[list[str]], width: int) -> Iterator[tuple[int, list[str]]]:
    """Each row with the number of its fields; those of a row of endless fields are not kept."""
    for number, row in enumerate(rows, start=1):
        check_size(file, number, width)
        yield len(row), row if len(row) <= width + 1 else []


def _ragged(count: int, width: int) -> str:
    return f"Got {count} fields, expected {width} as in the header. Check its quotes and separators."


def _drop_empty_tail(rows: list[list[str]], faults: dict[int, str], notes: list[str]) -> None:
    """Spreadsheets write rows that were once touched; without a value they are no data."""
    height = len(rows)
    while rows and len(rows) - 1 not in faults and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if height > len(rows):
        notes.append(f"{height - len(rows):,} empty rows at its end were left out.")


def _columns(header: Sequence[str], rows: Sequence[Sequence[str]]) -> list[tuple[str, list[object]]]:
    cells: list[list[object]] = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in header]
    return list(zip(header, cells, strict=True))


def _drop_unnamed(columns: list[tuple[str, list[object]]], notes: list[str]) -> None:
    """Leave out the names of rows in front, and columns that have neither a name nor a value."""
    if len(columns) > 1 and _is_unnamed(columns[0][0]):
        columns.pop(0)
        notes.append("Its first column has no name and was left out.")
    empty = [entry for entry in columns if not entry[0].strip() and not any(str(cell).strip() for cell in entry[1])]
    if empty and len(empty) < len(columns):
        columns[:] = [entry for entry in columns if entry not in empty]
        notes.append(f"{len(empty):,} columns without a name or a value were left out.")


def _is_unnamed(title: str) -> bool:
    # pandas names it so when it reads such a file and writes it again.
    return not title.strip() or title.strip() == "Unnamed: 0"


class _MeasuredLines:
    """The lines of a file; UnreadableSourceError when those of one row are too long, or too many."""

    def __init__(self, name: str, text: str, *, without_bare_na: bool) -> None:
        self.name = name
        self._text = io.StringIO(text, newline="")
        self._taken = 0
        self._without_bare_na = without_bare_na
        self._is_within_quotes = False

    def __iter__(self) -> Iterator[str]:
        while line := self._text.readline(_LONGEST_ROW + 1):
            self._taken += max(len(line), _LEAST_COUNTED)
            if self._taken > _LONGEST_ROW:
                expected = f"expected at most {_LONGEST_ROW:,} characters. Check its quotes and line ends"
                raise UnreadableSourceError(self.name, f"one of its rows does not end, {expected}.")
            yield self._blanked(line) if self._without_bare_na else line

    def _blanked(self, line: str) -> str:
        """The line without NA where it stands outside of quotes, which divide a line into parts."""
        parts = line.split('"')
        start = 1 if self._is_within_quotes else 0
        for number in range(start, len(parts), 2):
            parts[number] = _without_na(parts[number], is_first=number == 0, is_last=number == len(parts) - 1)
        if len(parts) % 2 == 0:
            self._is_within_quotes = not self._is_within_quotes
        return '"'.join(parts)

    def end_row(self) -> None:
        """What comes next belongs to another row."""
        self._taken = 0


def _without_na(part: str, *, is_first: bool, is_last: bool) -> str:
    """A part outside of quotes without bare NA; at an inner edge stands a quote and not the edge of a field."""
    padded = f"{'' if is_first else 'x'}{part}{'' if is_last else 'x'}"
    blanked = _BARE_NA.sub("", padded)
    return blanked[0 if is_first else 1 : None if is_last else -1]


def _rows(lines: _MeasuredLines, separator: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, strict=True, delimiter=separator)
    try:
        for row in reader:
            lines.end_row()
            yield row
    except csv.Error as error:
        wrong = f"line {reader.line_num} is not CSV ({error}). Check its quotes."
        raise UnreadableSourceError(lines.name, wrong) from error
