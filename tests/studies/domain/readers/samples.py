"""Small SDTM files for the tests of the readers, built in memory."""

import csv
import hashlib
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import polars as pl
import pyreadstat

from apps.studies.domain.readers.source import SourceFile, kind_of

Table = Mapping[str, Sequence[object]]


def source_file(name: str, content: bytes) -> SourceFile:
    """A file as the package reader gets it."""
    return SourceFile(name, kind_of(name), hashlib.sha256(content).hexdigest(), len(content), lambda: content)


def csv_bytes(table: Table) -> bytes:
    """A table as CSV in UTF-8."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(table)
    writer.writerows(zip(*table.values(), strict=True))
    return text.getvalue().encode()


def parquet_bytes(table: Table) -> bytes:
    """A table as Parquet."""
    stream = io.BytesIO()
    pl.DataFrame(table, strict=False).write_parquet(stream)
    return stream.getvalue()


def xport_bytes(table: Table, folder: Path, name: str = "AE") -> bytes:
    """A table as SAS XPORT version 5."""
    path = folder / f"{name.lower()}.xpt"
    pyreadstat.write_xport(pl.DataFrame(table, strict=False), str(path), table_name=name, file_format_version=5)
    return path.read_bytes()


def subjects(*names: str, study: str = "S1") -> SourceFile:
    """A DM file with these subjects."""
    table = {"STUDYID": [study] * len(names), "DOMAIN": ["DM"] * len(names), "USUBJID": names}
    return source_file("dm.csv", csv_bytes(table))


def events(name: str = "ae.csv", *, study: str = "S1", **columns: Sequence[object]) -> SourceFile:
    """An AE file of subject 01 with these columns."""
    height = len(next(iter(columns.values())))
    start = {"STUDYID": [study] * height, "DOMAIN": ["AE"] * height, "USUBJID": ["01"] * height}
    return source_file(name, csv_bytes({**start, **columns}))
