"""Two plain lists of the page: medical history and medications."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from apps.twins.domain.medications import MedicationGroup
from apps.twins.domain.rows import RowNode
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.scope import SubjectView
from apps.twins.web.words import coded, day, inline, sentence, with_unit


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One condition of the medical history."""

    term: Shown
    category: str
    since: Shown
    severity: Shown


@dataclass(frozen=True, slots=True)
class MedicationLine:
    """One medication, whatever the number of its rows."""

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
        """Conditions by the date they began, those without one last."""
        lines = [_history_line(row, self.addresses) for row in self.twin.rows("MH")]
        return {"lines": lines}


class MedicationsPanel(SubjectView):
    """Medications beside the study drug; rows that share a sponsor id are one medication."""

    template_name = "twins/medications.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Medications by start."""
        lines = list(_medication_lines(self.twin.medications(), self.addresses))
        return {"lines": lines}


def _history_line(row: RowNode, addresses: Addresses) -> HistoryLine:
    variable = "MHDECOD" if row.text("MHDECOD") else "MHTERM"
    return HistoryLine(
        term=addresses.shown(sentence(row.text(variable) or ""), row.id, variable),
        category=sentence(row.text("MHCAT") or ""),
        since=addresses.shown(day(row.text("MHSTDTC")), row.id, "MHSTDTC"),
        severity=addresses.shown(sentence(coded(row.text("MHSEV"))), row.id, "MHSEV"),
    )


def _medication_lines(medications: list[MedicationGroup], addresses: Addresses) -> Iterator[MedicationLine]:
    for medication in medications:
        last = medication.rows[-1].id
        dose = with_unit(medication.dose, (medication.dose_unit or "").lower())
        how = " ".join(part for part in (dose, coded(medication.frequency), coded(medication.route)) if part)
        yield MedicationLine(
            name=addresses.shown(sentence(medication.name), last),
            dose=addresses.shown(how, last, "CMDOSE"),
            indication=inline(medication.indication or ""),
            start=addresses.shown(day(medication.start), last, "CMSTDTC"),
            end=addresses.shown(day(medication.end), last, "CMENDTC", why="ongoing"),
            row_count=len(medication.rows),
        )
