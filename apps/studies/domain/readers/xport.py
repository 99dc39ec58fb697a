"""Reads SAS XPORT version 5 (SAS technical support note TS-140), after checking that the file is whole.

The format has no row count: a file cut in the middle reads as a shorter one. So the layout is checked here, from the
lengths in the NAMESTR records, before the values are left to the library.
"""

import io
import struct
from dataclasses import dataclass
from typing import Any, Final

import pyreadstat

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, check_size, checked_names

_RECORD: Final = 80
_LIBRARY: Final = b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!"
_LIBRARY_V8: Final = b"HEADER RECORD*******LIBV8   HEADER RECORD!!!!!!!"
_CPORT: Final = b"**COMPRESSED**"
_MEMBER: Final = b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!"
_DESCRIPTOR: Final = b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!"
_NAMES: Final = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!"
_OBSERVATIONS: Final = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!"
_MEMBER_AT, _DESCRIPTOR_AT, _NAMES_AT, _VARIABLES_AT = 3 * _RECORD, 4 * _RECORD, 7 * _RECORD, 8 * _RECORD
_MOST_VARIABLES: Final = 9_999
_AGAIN: Final = "Export the dataset again as SAS XPORT version 5 and copy it whole"


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where the rows of a dataset are, in bytes."""

    row_length: int
    rows_at: int
    rows: int


def read_xport(name: str, content: bytes) -> Frame:
    """One dataset; UnreadableSourceError when the file is cut, damaged, of another version or holds more."""
    layout = _checked_layout(name, content)
    columns, metadata = _decoded(name, content)
    names = checked_names(name, list(metadata.column_names))
    values = [_listed(columns[column]) for column in metadata.column_names]
    height = len(values[0]) if values else 0
    if height != layout.rows:
        raise UnreadableSourceError(name, f"got {height:,} rows, expected {layout.rows:,} by its length. {_AGAIN}.")
    labels = {column: text or "" for column, text in zip(names, metadata.column_labels, strict=True)}
    return Frame(dict(zip(names, values, strict=True)), height, metadata.file_label or "", labels)


def _decoded(name: str, content: bytes) -> tuple[dict[str, Any], Any]:
    """Values as UTF-8 where every text is, else as Windows-1252, the code page of SAS on Windows."""
    failure: Exception | None = None
    # In this order: other text is hardly ever valid UTF-8, while almost any bytes are valid Windows-1252.
    for encoding in ("UTF-8", "WINDOWS-1252"):
        try:
            columns, metadata = pyreadstat.read_xport(io.BytesIO(content), encoding=encoding, output_format="dict")
        except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, UnicodeDecodeError) as error:
            failure = error
        else:
            return columns, metadata
    raise UnreadableSourceError(name, f"its values cannot be read ({failure}). {_AGAIN}.") from failure


def _listed(column: Any) -> list[object]:
    """Plain Python values of a column; the library gives text as a list and numbers as an array."""
    return column if isinstance(column, list) else list(column.tolist())


def _checked_layout(name: str, content: bytes) -> _Layout:
    _check_start(name, content)
    size = _number_at(name, content, _MEMBER_AT + 74, 4)
    count = _number_at(name, content, _NAMES_AT + 54, 4)
    # TS-140: a description of a variable takes 140 bytes, and 136 where the file was written on VAX/VMS.
    if size not in {136, 140} or not 1 <= count <= _MOST_VARIABLES:
        raise UnreadableSourceError(name, f"got {count} variables described in {size} bytes each. {_AGAIN}.")
    observations_at = _VARIABLES_AT + _padded(count * size)
    if not content.startswith(_OBSERVATIONS, observations_at):
        raise UnreadableSourceError(name, f"the file ends inside its list of variables, or it is damaged. {_AGAIN}.")
    starts = range(_VARIABLES_AT, _VARIABLES_AT + count * size, size)
    lengths = [struct.unpack_from(">h", content, start + 4)[0] for start in starts]
    if min(lengths) < 1:
        raise UnreadableSourceError(name, f"got a variable of {min(lengths)} bytes, expected 1 or more. {_AGAIN}.")
    layout = _checked_rows(name, content, sum(lengths), observations_at + _RECORD)
    check_size(name, layout.rows, count)
    return layout


def _check_start(name: str, content: bytes) -> None:
    if content.startswith(_LIBRARY_V8):
        raise UnreadableSourceError(name, "this is SAS XPORT version 8, expected version 5. Export it as version 5.")
    if content.startswith(_CPORT):
        raise UnreadableSourceError(name, "this was made by PROC CPORT, expected SAS XPORT version 5. Export it so.")
    if not content.startswith(_LIBRARY):
        raise UnreadableSourceError(name, f"this is not a SAS XPORT file: its first header is missing. {_AGAIN}.")
    for header, at in ((_MEMBER, _MEMBER_AT), (_DESCRIPTOR, _DESCRIPTOR_AT), (_NAMES, _NAMES_AT)):
        if not content.startswith(header, at):
            raise UnreadableSourceError(name, f"the header expected at byte {at} is missing. {_AGAIN}.")


def _checked_rows(name: str, content: bytes, row_length: int, rows_at: int) -> _Layout:
    available = len(content) - rows_at
    if row_length < 1 or len(content) % _RECORD:
        length = f"{len(content):,} bytes with rows of {row_length}"
        raise UnreadableSourceError(name, f"got {length}, expected a multiple of {_RECORD}: the file is cut. {_AGAIN}.")
    if content.find(_MEMBER, rows_at) >= 0:
        raise UnreadableSourceError(name, "it holds more than one dataset, expected one per file. Export each alone.")
    rest = available % row_length
    # After the last whole row only the blanks may stand that fill up its record.
    if rest >= _RECORD or content[len(content) - rest :].strip(b" "):
        raise UnreadableSourceError(name, f"the last row has {rest} of {row_length} bytes: the file is cut. {_AGAIN}.")
    return _Layout(row_length, rows_at, _count_rows(content, row_length, rows_at))


def _count_rows(content: bytes, row_length: int, rows_at: int) -> int:
    """Rows in the file; blank rows that fit into the last record are its padding."""
    rows = (len(content) - rows_at) // row_length
    last_record = len(content) - _RECORD
    while (
        rows and rows_at + (rows - 1) * row_length > last_record and _is_blank(content, rows_at, row_length, rows - 1)
    ):
        rows -= 1
    return rows


def _is_blank(content: bytes, rows_at: int, row_length: int, row: int) -> bool:
    start = rows_at + row * row_length
    return not content[start : start + row_length].strip(b" ")


def _number_at(name: str, content: bytes, start: int, length: int) -> int:
    digits = content[start : start + length]
    if not digits.isdigit():
        raise UnreadableSourceError(name, f"got {digits!r} at byte {start}, expected a number. {_AGAIN}.")
    return int(digits)


def _padded(length: int) -> int:
    return -(-length // _RECORD) * _RECORD
