"""Two plain lists of the page: medical history and medications."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.studies.domain.clinical.codelists import FREQUENCY, ROUTE, SEVERITY
from apps.studies.domain.clinical.medications import MedicationGroup
from apps.studies.domain.clinical.records import ClinicalRecord, name_of
from apps.studies.domain.clinical.terms import heading, inline
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.scope import SubjectView
from apps.twins.web.words import day, with_unit


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One condition of the medical history."""

    term: Shown
    category: str
    since: Shown
    severity: Shown


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """One medication at one dose, whatever the number of its rows."""

    name: Shown
    dose: Shown
    indication: str
    start: Shown
    end: Shown
    row_count: int


class HistoryPanel(SubjectView):
    """Medical history, as recorded."""

    template_name = "twins/history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Conditions by the date they began, those without one last, and what was asked for and is not there."""
        lines = [_history_line(row, self.addresses) for row in self.twin.rows("MH")]
        return {"lines": lines, "denied": denied_names(self.twin, "MH"), "is_received": self.is_received("MH")}


class MedicationsPanel(SubjectView):
    """Medications beside the study drug; rows of one sponsor id and one regimen are one line."""

    template_name = "twins/medications.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Medications by start, and what was asked for and is not taken."""
        lines = list(_medication_lines(self.twin.regimens(), self.addresses))
        return {"lines": lines, "denied": denied_names(self.twin, "CM"), "is_received": self.is_received("CM")}


def denied_names(twin: Twin, domain: str) -> list[str]:
    """What was asked for by name and did not take place, or is not known to have; each once."""
    names = (name_of(row) for row in twin.denied(domain))
    return list(dict.fromkeys(heading(name) for name in names if name))


def _history_line(row: ClinicalRecord, addresses: Addresses) -> HistoryLine:
    variable = "MHDECOD" if row.text("MHDECOD") else "MHTERM"
    return HistoryLine(
        term=addresses.shown(heading(row.text(variable) or ""), row.id, variable),
        category=heading(row.text("MHCAT") or ""),
        since=addresses.shown(day(row.text("MHSTDTC")), row.id, "MHSTDTC"),
        severity=addresses.shown(heading(SEVERITY.page(row.text("MHSEV"))), row.id, "MHSEV"),
    )


def _medication_lines(medications: list[MedicationGroup], addresses: Addresses) -> Iterator[MedicationLine]:
    for medication in medications:
        last = medication.rows[-1].id
        dose = with_unit(medication.dose, (medication.dose_unit or "").lower())
        how = " ".join(
            part for part in (dose, FREQUENCY.page(medication.frequency), ROUTE.page(medication.route)) if part
        )
        open_end = "ongoing" if medication.is_ongoing else "end_not_recorded"
        yield MedicationLine(
            name=addresses.shown(heading(medication.name), last),
            dose=addresses.shown(how, last, "CMDOSE"),
            indication=inline(medication.indication or ""),
            start=addresses.shown(day(medication.start), last, "CMSTDTC"),
            end=addresses.shown(day(medication.end), last, "CMENDTC", why=open_end),
            row_count=len(medication.rows),
        )
