"""Reads a dataset from Parquet, as analysts and the sample package exchange SDTM.

The library is Arrow's own reader: a damaged file makes it raise, where others end the whole process.
"""

import re
from datetime import time
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, check_size, checked_names
from apps.studies.domain.readers.moments import spelled_time, without_midnights
from apps.studies.domain.readers.xport_values import text_of

_MOST_BYTES: Final = 1 << 30
_ROW_LABELS: Final = re.compile(r"__index_level_\d+__|Unnamed: 0|")
_AGAIN: Final = "Write the dataset again as Parquet with text, number and date columns"
_DAMAGED: Final = (pa.ArrowException, OSError, ValueError, OverflowError, KeyError, MemoryError)


def read_parquet(name: str, content: bytes) -> Frame:
    """One dataset; UnreadableSourceError when the file is damaged, too large or has columns SDTM cannot have."""
    try:
        return _read(name, content)
    except _DAMAGED as error:
        raise UnreadableSourceError(name, f"this is not a whole Parquet file ({error}). {_AGAIN}.") from error


def _read(name: str, content: bytes) -> Frame:
    """What the file claims is checked before a value is made: any number of equal ones fits into a few bytes."""
    schema = pq.ParquetFile(pa.BufferReader(content)).schema_arrow
    # The row labels of a filtered pandas frame, which nobody collected.
    given_names = [title for title in schema.names if not _ROW_LABELS.fullmatch(title)]
    names = checked_names(name, given_names)
    for field in map(schema.field, given_names):
        _check_kind(name, field)
    # As dictionaries: a long text that a column repeats is then held once, as it is in the file.
    texts = [title for title in given_names if _is_text(schema.field(title).type)]
    file = pq.ParquetFile(pa.BufferReader(content), read_dictionary=texts)
    height = file.metadata.num_rows
    check_size(name, height, len(names))
    columns: dict[str, list[object]] = {}
    taken = 0
    for given, capitals in zip(given_names, names, strict=True):
        column = file.read(columns=[given], use_threads=False).column(0)
        taken += column.nbytes
        _check_read(name, column, height, taken)
        columns[capitals] = _listed(column)
    notes = ("Its row labels were left out.",) if len(given_names) < len(schema.names) else ()
    return Frame(columns, height, notes=notes)


def _check_kind(name: str, field: Any) -> None:
    kind = field.type
    if not (_is_text(kind) or _is_bytes(kind) or _is_number(kind) or _is_moment(kind) or pa.types.is_null(kind)):
        raise UnreadableSourceError(name, f"the column {field.name} is of type {field.type}. {_AGAIN}.")


def _check_read(name: str, column: Any, height: int, taken: int) -> None:
    if len(column) != height:
        raise UnreadableSourceError(name, f"got {len(column):,} rows, expected {height:,} as it says. {_AGAIN}.")
    if taken > _MOST_BYTES:
        raise UnreadableSourceError(name, f"its values take more than {_MOST_BYTES:,} bytes. Split it.")


def _is_text(kind: Any) -> bool:
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_string_view(kind)
        or (pa.types.is_dictionary(kind) and _is_text(kind.value_type))
    )


def _is_bytes(kind: Any) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_number(kind: Any) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind))


def _is_moment(kind: Any) -> bool:
    return bool(pa.types.is_date(kind) or pa.types.is_timestamp(kind) or pa.types.is_time(kind))


def _listed(column: Any) -> list[object]:
    """Plain Python values; equal texts share one object, so that a repeated one takes no room."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return [value for chunk in column.chunks for value in _spread(chunk)]
    if pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        numbers = column.cast(pa.float64()).to_pylist()
        return [None if number is None or number != number else number for number in numbers]  # noqa: PLR0124  # NaN
    # Python's own moments end at microseconds.
    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    listed: list[object] = column.to_pylist()
    if _is_bytes(kind):
        return [text_of(value) if isinstance(value, bytes) else None for value in listed]
    if pa.types.is_time(kind):
        return [spelled_time(value) if isinstance(value, time) else None for value in listed]
    return without_midnights(listed) if pa.types.is_timestamp(kind) else listed


def _spread(chunk: Any) -> list[object]:
    texts = chunk.dictionary.to_pylist()
    return [None if index is None else texts[index] for index in chunk.indices.to_pylist()]
