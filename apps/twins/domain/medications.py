"""CM rows that share a sponsor id are one medication, repeated at each visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import Value
from apps.twins.domain.rows import RowNode, row_order

MEDICATION = "MEDICATION"
UNCODED = "UNCODED"


@dataclass(frozen=True, slots=True)
class MedicationGroup:
    """One concomitant medication of one or more CM rows; dates are SDTM date texts, possibly partial."""

    id: str
    rows: tuple[RowNode, ...]
    name: str
    coded_name: str | None
    indication: str | None
    dose: Value | None
    dose_unit: str | None
    frequency: str | None
    route: str | None
    start: str | None
    end: str | None
    is_ongoing: bool
    sources: Mapping[str, tuple[str, ...]]


def medication_of(identifier: str, rows: Sequence[RowNode]) -> MedicationGroup:
    """The medication that its rows record together; the last row by collection date has the last word."""
    ordered = tuple(sorted(rows, key=row_order))
    last = ordered[-1]
    coded = last.text("CMDECOD")
    starts = [start for row in ordered if (start := row.text("CMSTDTC"))]
    return MedicationGroup(
        id=identifier,
        rows=ordered,
        name=last.text("CMTRT") or "",
        coded_name=None if coded == UNCODED else coded,
        indication=last.text("CMINDC"),
        dose=last.values.get("CMDOSE", last.values.get("CMDOSTXT")),
        dose_unit=last.text("CMDOSU"),
        frequency=last.text("CMDOSFRQ"),
        route=last.text("CMROUTE"),
        start=min(starts, key=sort_key, default=None),
        end=last.text("CMENDTC"),
        is_ongoing=last.text("CMENDTC") is None,
        sources=_sources(last),
    )


def _sources(last: RowNode) -> Mapping[str, tuple[str, ...]]:
    variables = {
        "name": "CMTRT",
        "indication": "CMINDC",
        "dose": "CMDOSE",
        "dose_unit": "CMDOSU",
        "frequency": "CMDOSFRQ",
        "route": "CMROUTE",
        "start": "CMSTDTC",
        "end": "CMENDTC",
    }
    return {name: (last.reference(variable),) for name, variable in variables.items()}
