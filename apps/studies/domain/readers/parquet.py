"""Reads a dataset from Parquet, as analysts and the sample package exchange SDTM."""

import io
from typing import Final

import polars as pl

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame, checked_names

_MOST_CELLS: Final = 200_000_000
_AGAIN: Final = "Write the dataset again as Parquet with text, number and date columns"


def read_parquet(name: str, content: bytes) -> Frame:
    """One dataset; UnreadableSourceError when the file is damaged, too large or has columns SDTM cannot have."""
    try:
        lazy = pl.scan_parquet(io.BytesIO(content))
        schema = lazy.collect_schema()
        height = int(lazy.select(pl.len()).collect().item())
        _check_size(name, height, len(schema))
        table = lazy.collect()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnreadableSourceError(name, f"this is not a whole Parquet file ({error}). {_AGAIN}.") from error
    names = checked_names(name, table.columns)
    values = [_listed(name, column) for column in table.get_columns()]
    return Frame(dict(zip(names, values, strict=True)), height)


def _check_size(name: str, height: int, width: int) -> None:
    """Parquet can claim any number of equal values in a few bytes, so the claim is checked before they are made."""
    if height * width > _MOST_CELLS:
        raise UnreadableSourceError(name, f"got {height:,} rows of {width:,} columns, more than can be read. Split it.")


def _listed(name: str, column: pl.Series) -> list[object]:
    kind = column.dtype
    if kind.is_integer() or kind in (pl.String, pl.Null, pl.Date, pl.Datetime):
        return column.to_list()
    if kind.is_float() or kind.is_decimal():
        return column.cast(pl.Float64).fill_nan(None).to_list()
    if kind in (pl.Categorical, pl.Enum):
        return column.cast(pl.String).to_list()
    raise UnreadableSourceError(name, f"the column {column.name} is of type {kind}. {_AGAIN}.")
