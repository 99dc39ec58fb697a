"""Reads SAS XPORT version 5 (SAS technical note TS-140) and version 8 (TS-140 extended: long names, labels and texts).

Version 5 has no row count: a file cut in the middle reads as a shorter one. So the layout is checked here, from the
lengths in the NAMESTR records, before a value is made.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, check_size, checked_names
from apps.studies.domain.readers.xport_values import Variable, read_values, text_of

_RECORD: Final = 80
_CPORT: Final = b"**COMPRESSED**"
_MOST_VARIABLES: Final = 9_999
_MOST_MEMBERS: Final = 500
_AGAIN: Final = "Export the dataset again as SAS XPORT version 5 and copy it whole"
# TS-140: what fills up the last record are blanks; SAS 9.4 was seen to leave NUL bytes.
_FILLING: Final = b" \0"


@dataclass(frozen=True, slots=True)
class _Version:
    """The words of the header records of one version."""

    library: bytes
    member: bytes
    descriptor: bytes
    names: bytes
    observations: bytes
    name_length: int


def _header(word: bytes) -> bytes:
    return b"HEADER RECORD*******" + word.ljust(8) + b"HEADER RECORD!!!!!!!"


_VERSIONS: Final = (
    _Version(_header(b"LIBRARY"), _header(b"MEMBER"), _header(b"DSCRPTR"), _header(b"NAMESTR"), _header(b"OBS"), 8),
    _Version(_header(b"LIBV8"), _header(b"MEMBV8"), _header(b"DSCPTV8"), _header(b"NAMSTV8"), _header(b"OBSV8"), 32),
)
_LABELS: Final = {_header(b"LABELV8"): 3, _header(b"LABELV9"): 5}


@dataclass(frozen=True, slots=True)
class _Member:
    """One dataset of a file: its name and label, its variables, and where its rows are, in bytes."""

    name: str
    label: str
    variables: tuple[Variable, ...]
    row_length: int
    rows_at: int
    rows: int


def read_xport(name: str, content: bytes) -> list[Frame]:
    """The datasets of a file; UnreadableSourceError when it is cut, damaged or of another kind."""
    version = _checked_version(name, content)
    return [_frame(name, content, member) for member in _members(name, content, version)]


def _frame(name: str, content: bytes, member: _Member) -> Frame:
    check_size(name, member.rows, len(member.variables))
    names = checked_names(name, [variable.name for variable in member.variables])
    read = read_values(content, member.rows_at, member.row_length, member.rows, member.variables)
    labels = {column: variable.label for column, variable in zip(names, member.variables, strict=True)}
    columns = dict(zip(names, read.columns, strict=True))
    faults = {(row, names[column]): reason for (row, column), reason in read.faults.items()}
    return Frame(columns, member.rows, member.label, labels, dataset=member.name, cell_faults=faults)


def _checked_version(name: str, content: bytes) -> _Version:
    if content.startswith(_CPORT):
        raise UnreadableSourceError(name, "this was made by PROC CPORT, expected SAS XPORT version 5. Export it so.")
    version = next((version for version in _VERSIONS if content.startswith(version.library)), None)
    if version is None:
        raise UnreadableSourceError(name, f"this is not a SAS XPORT file: its first header is missing. {_AGAIN}.")
    if len(content) % _RECORD:
        length = f"{len(content):,} bytes"
        raise UnreadableSourceError(name, f"got {length}, expected a multiple of {_RECORD}: the file is cut. {_AGAIN}.")
    return version


def _members(name: str, content: bytes, version: _Version) -> Iterator[_Member]:
    """Each dataset with the end of its rows where the next one begins."""
    start, count = 3 * _RECORD, 0
    while start < len(content) or not count:
        count += 1
        if count > _MOST_MEMBERS:
            raise UnreadableSourceError(name, f"it holds more than {_MOST_MEMBERS} datasets. Split it.")
        end = _next_member(content, version, start + _RECORD)
        yield _member(name, content, version, start, end)
        start = end


def _next_member(content: bytes, version: _Version, after: int) -> int:
    """Where the next dataset begins, at the start of a record; else the end of the file."""
    found = content.find(version.member, after)
    while found >= 0 and found % _RECORD:
        found = content.find(version.member, found + 1)
    return len(content) if found < 0 else found


def _member(name: str, content: bytes, version: _Version, start: int, end: int) -> _Member:
    names_at = start + 4 * _RECORD
    for header, at in ((version.member, start), (version.descriptor, start + _RECORD), (version.names, names_at)):
        if not content.startswith(header, at):
            raise UnreadableSourceError(name, f"the header expected at byte {at} is missing. {_AGAIN}.")
    size = _number(name, content, start + 74, 4)
    count = _number(name, content, names_at + 54, 4 if version.name_length == 8 else 6)
    # TS-140: a description of a variable takes 140 bytes, and 136 where the file was written on VAX/VMS.
    if size not in {136, 140} or not 1 <= count <= _MOST_VARIABLES:
        raise UnreadableSourceError(name, f"got {count} variables described in {size} bytes each. {_AGAIN}.")
    described = _described(name, content, version, names_at + _RECORD, count, size)
    variables, observations_at = _with_long_labels(content, described, names_at + _RECORD + _padded(count * size))
    if not content.startswith(version.observations, observations_at):
        raise UnreadableSourceError(name, f"the file ends inside its list of variables, or it is damaged. {_AGAIN}.")
    rows_at, row_length = observations_at + _RECORD, sum(variable.length for variable in variables)
    rows = _checked_rows(name, content, row_length, rows_at, end)
    return _Member(
        name=text_of(content[start + 2 * _RECORD + 8 :][: version.name_length]),
        label=text_of(content[start + 3 * _RECORD + 32 :][:40]),
        variables=variables,
        row_length=row_length,
        rows_at=rows_at,
        rows=rows,
    )


def _described(name: str, content: bytes, version: _Version, at: int, count: int, size: int) -> tuple[Variable, ...]:
    """The variables of a dataset in their order; their values stand one after the other."""
    found, position = [], 0
    for number in range(count):
        record = content[at + number * size :][:size].ljust(140)
        kind, _, length = struct.unpack_from(">hhh", record)
        if length < 1:
            raise UnreadableSourceError(name, f"got a variable of {length} bytes, expected 1 or more. {_AGAIN}.")
        is_number = kind == 1
        if is_number and length > 8:
            raise UnreadableSourceError(name, f"got a number of {length} bytes, expected 8 or fewer. {_AGAIN}.")
        long_name = text_of(record[88:120]) if version.name_length > 8 else ""
        title = long_name or text_of(record[8:16])
        label, style = text_of(record[16:56]), text_of(record[56:64]).upper()
        found.append(Variable(title, label, position, length, is_number, style))
        position += length
    return tuple(found)


def _with_long_labels(content: bytes, variables: tuple[Variable, ...], at: int) -> tuple[tuple[Variable, ...], int]:
    """The variables with labels of version 8 that are too long for their description; where the rows' header is."""
    header = content[at : at + 48]
    if header not in _LABELS:
        return variables, at
    lengths_count, found = _LABELS[header], list(variables)
    place = at + _RECORD
    count = content[at + 48 : at + _RECORD].split()
    for _ in range(min(int(count[0]), len(found)) if count and count[0].isdigit() else 0):
        if place + 2 * lengths_count > len(content):
            break
        number, *lengths = struct.unpack_from(f">{lengths_count}H", content, place)
        place += 2 * lengths_count
        title = text_of(content[place : place + lengths[0]])
        label = text_of(content[place + lengths[0] :][: lengths[1]])
        place += sum(lengths)
        if 1 <= number <= len(found):
            found[number - 1] = found[number - 1].called(title, label)
    return tuple(found), at + _padded(place - at)


def _checked_rows(name: str, content: bytes, row_length: int, rows_at: int, end: int) -> int:
    """How many rows there are; what fills up the last record is none."""
    available = end - rows_at
    rest = available % row_length
    # After the last whole row only the filling of its record may stand.
    if rest >= _RECORD or content[end - rest : end].strip(_FILLING):
        raise UnreadableSourceError(name, f"the last row has {rest} of {row_length} bytes: the file is cut. {_AGAIN}.")
    rows, last_record = available // row_length, end - _RECORD
    while rows and rows_at + (rows - 1) * row_length > last_record:
        start = rows_at + (rows - 1) * row_length
        if content[start : start + row_length].strip(_FILLING):
            break
        rows -= 1
    return rows


def _number(name: str, content: bytes, start: int, length: int) -> int:
    digits = content[start : start + length].strip()
    if not digits.isdigit():
        raise UnreadableSourceError(name, f"got {digits!r} at byte {start}, expected a number. {_AGAIN}.")
    return int(digits)


def _padded(length: int) -> int:
    return -(-length // _RECORD) * _RECORD
