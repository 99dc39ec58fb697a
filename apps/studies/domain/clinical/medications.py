"""CM rows that share a sponsor id are one medication, repeated at each visit."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.studies.domain.clinical.codelists import ROUTE, is_yes
from apps.studies.domain.clinical.records import ClinicalRecord, row_order
from apps.studies.domain.clinical.spans import span_of
from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import Value

MEDICATION = "MEDICATION"
UNCODED = "UNCODED"


@dataclass(frozen=True, slots=True)
class MedicationGroup:
    """One concomitant medication of one or more CM rows; dates are SDTM date texts, possibly partial."""

    id: str
    rows: tuple[ClinicalRecord, ...]
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

    @property
    def told_dose(self) -> Value | None:
        """The dose where it can be one: not 0, and not a tablet of a cream."""
        is_none = self.dose in (0, "0")
        is_swallowed = (self.dose_unit or "").strip().upper() in _SWALLOWED
        return None if is_none or (is_swallowed and ROUTE.code(self.route) in _OUTSIDE) else self.dose


# Forms that are counted and swallowed; a dose in them on the skin or in the eye is an error of the record.
_SWALLOWED: Final = frozenset({"TABLET", "TABLETS", "CAPSULE", "CAPSULES", "PILL", "CAPLET"})
_OUTSIDE: Final = frozenset({"TOPICAL", "TRANSDERMAL", "OPHTHALMIC", "AURICULAR (OTIC)", "NASAL"})


# CMENRTPT and CMENRF (C66728): what says that it went on; a blank end date alone only says that none was recorded.
_GOES_ON: Final = frozenset({"ONGOING", "AFTER", "DURING/AFTER"})


def medication_of(identifier: str, rows: Sequence[ClinicalRecord]) -> MedicationGroup:
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
        dose=last.values.get(_dose_variable(last)),
        dose_unit=last.text("CMDOSU"),
        frequency=last.text("CMDOSFRQ"),
        route=last.text("CMROUTE"),
        start=min(starts, key=sort_key, default=None),
        end=last.text("CMENDTC"),
        is_ongoing=last.text("CMENDTC") is None and _goes_on(last),
        sources=_sources(ordered),
    )


# What makes two rows under one sponsor id two regimens, where both of them say it.
_REGIMEN: Final = ("CMTRT", "CMDOSE", "CMDOSTXT", "CMDOSU", "CMDOSFRQ", "CMROUTE")


def regimens_of(medication: MedicationGroup) -> tuple[MedicationGroup, ...]:
    """The medication as taken: one span for each product, dose, frequency and route, in order of collection.

    A row that begins after the end of the ones before it is a span of its own too. What a row does not say does not
    disagree. The first keeps the id of the medication, so that a later change of dose does not rename it.
    """
    courses: list[list[ClinicalRecord]] = []
    known: dict[str, Value] = {}
    for row in medication.rows:
        said = {name: _folded(value) for name in _REGIMEN if (value := row.values.get(name)) is not None}
        disagrees = any(known.get(name, value) != value for name, value in said.items())
        if not courses or disagrees or _begins_anew(courses[-1][-1], row):
            courses.append([])
            known = {}
        courses[-1].append(row)
        known |= said
    if len(courses) == 1:
        return (medication,)
    ids = (medication.id, *(f"{medication.id}~{number}" for number in range(2, len(courses) + 1)))
    return tuple(medication_of(identifier, rows) for identifier, rows in zip(ids, courses, strict=True))


def _folded(value: Value) -> Value:
    return value.strip().upper() if isinstance(value, str) else value


def _begins_anew(before: ClinicalRecord, row: ClinicalRecord) -> bool:
    return not span_of(None, before.text("CMENDTC")).overlaps(span_of(row.text("CMSTDTC"), None))


def _goes_on(row: ClinicalRecord) -> bool:
    said = any((row.text(name) or "").strip().upper() in _GOES_ON for name in ("CMENRTPT", "CMENRF", "CMONGO"))
    return said or is_yes(row.values.get("CMONGO"))


def _dose_variable(row: ClinicalRecord) -> str:
    """The variable that holds the dose: a number, or a text such as `1-2` where there is none."""
    return "CMDOSTXT" if "CMDOSE" not in row.values and "CMDOSTXT" in row.values else "CMDOSE"


def _sources(rows: Sequence[ClinicalRecord]) -> Mapping[str, tuple[str, ...]]:
    last = rows[-1]
    variables = {
        "name": "CMTRT",
        "indication": "CMINDC",
        "dose": _dose_variable(last),
        "dose_unit": "CMDOSU",
        "frequency": "CMDOSFRQ",
        "route": "CMROUTE",
        "end": "CMENDTC",
    }
    found: dict[str, tuple[str, ...]] = {name: (last.reference(variable),) for name, variable in variables.items()}
    found["start"] = tuple(row.reference("CMSTDTC") for row in rows)
    return found
