"""The CDISC pilot study as blinded twins, for tests that judge real data."""

from functools import cache

from apps.studies.domain.blinding import PRODUCT_RULES, open_values
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.rows import Row
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin
from tests.pilot.package import pilot_package

NEEDED = frozenset({"DM", "AE", "CM", "DS", "LB", "MH", "RELREC"})


@cache
def subjects() -> tuple[str, ...]:
    """USUBJID of every subject."""
    return tuple(pilot_package().subject_ids)


@cache
def pilot_twin(subject_id: str) -> Twin:
    """The blinded twin of one subject with what the pilot holds of the domains that are needed."""
    rows = pilot_package().rows_of(subject_id)
    return DigitalTwinFactory().build(
        subject_id, [change for place in range(len(rows)) for change in _change(rows, place)]
    )


def _change(rows: list[Row], place: int) -> list[RecordChange]:
    row = rows[place]
    values = open_values(row.values, PRODUCT_RULES.hidden_in(row.domain, row.values))
    if row.domain not in NEEDED or values is None:
        return []
    targets: list[str | None] = [_record_id(rows, target) for target in row.targets] or [None]
    return [
        RecordChange(Operation.INSERT, _record_id(rows, place, number), row.domain, values, target=target)
        for number, target in enumerate(targets)
    ]


def _record_id(rows: list[Row], place: int, number: int = 0) -> str:
    return f"{rows[place].domain}/{place:06d}{number:02d}"
