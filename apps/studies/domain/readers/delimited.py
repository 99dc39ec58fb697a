"""Reads a dataset from CSV whose header line names SDTM variables; nothing is guessed from the look of a value."""

import csv
import io
from collections.abc import Iterator
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, checked_names

_LONGEST_FIELD: Final = 256 * 1024 * 1024

# The default limit of the csv module would refuse a whole file for one long field, which is only one row's fault.
csv.field_size_limit(_LONGEST_FIELD)


def read_csv(name: str, content: bytes) -> Frame:
    """One dataset; too few or too many fields are a fault of their row; UnreadableSourceError for the rest."""
    lines = _lines(name, _decoded(name, content))
    header = next(lines, None)
    if not header:
        raise UnreadableSourceError(name, "the file is empty, expected a header line with SDTM variable names.")
    names = checked_names(name, header)
    rows = [row for row in lines if row]
    faults = {
        number: f"Got {len(row)} fields, expected {len(names)} as in the header. Check its quotes and commas."
        for number, row in enumerate(rows)
        if len(row) != len(names)
    }
    blank = [""] * len(names)
    whole = [blank if number in faults else row for number, row in enumerate(rows)]
    columns: list[list[object]] = [list(column) for column in zip(*whole, strict=True)] or [[] for _ in names]
    return Frame(dict(zip(names, columns, strict=True)), len(rows), faults=faults)


def _decoded(name: str, content: bytes) -> str:
    """Text as UTF-8 where the file is, else as Windows-1252, the code page of spreadsheets on Windows."""
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise UnreadableSourceError(name, "its text is neither UTF-8 nor Windows-1252. Save it as CSV UTF-8.")


def _lines(name: str, text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise UnreadableSourceError(name, f"line {reader.line_num} is not CSV ({error}). Check its quotes.") from error
