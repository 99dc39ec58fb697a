"""Facts on what was there before and beside the events: history and concomitant medication."""

import re
from collections.abc import Iterator, Sequence
from typing import Final, Unpack

from apps.narratives.domain.facts.fact import Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.fact_set import Entity, EntityKind
from apps.narratives.domain.facts.relevance import is_within
from apps.narratives.domain.facts.stating import Measure, stated
from apps.narratives.domain.facts.terms import drug_forms, label_of
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.history import is_disease_treated, is_present_at_entry
from apps.studies.domain.clinical.medications import MedicationGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import Span, partial
from apps.studies.domain.dates import PartialDate
from apps.twins.domain.twin import Twin

# MHTERM is masked at de-identification in the pilot: such a text names no illness.
_MASKED: Final = re.compile(r"VERBATIM_[0-9]+")


def history(twin: Twin) -> list[tuple[Entity, ClinicalRecord]]:
    """MH rows that name an illness other than the disease treated, each illness and date once."""
    found: dict[tuple[str, str], tuple[Entity, ClinicalRecord]] = {}
    for row in twin.rows("MH"):
        term = history_term(row)
        if term is None or is_disease_treated(row):
            continue
        # Nothing is told as present that the record does not place there; history may go on, and its text says neither.
        kind = EntityKind.PRESENT_CONDITION if is_present_at_entry(row) else EntityKind.PAST_HISTORY
        found.setdefault((term, row.text("MHSTDTC") or ""), (Entity(row.id, kind), row))
    # `~` comes after every digit: what has no date comes last.
    return sorted(found.values(), key=lambda item: (item[1].text("MHSTDTC") or "~", history_term(item[1]) or ""))


def history_term(row: ClinicalRecord) -> str | None:
    """The coded term, or the reported one where it is not masked."""
    reported = row.text("MHTERM")
    return row.text("MHDECOD") or (None if reported is None or _MASKED.fullmatch(reported) else reported)


def history_facts(row: ClinicalRecord) -> Iterator[Fact]:
    """An earlier or concomitant illness and when it began."""
    variable = "MHDECOD" if row.text("MHDECOD") else "MHTERM"
    term_id = row.reference("term")
    source = (row.reference(variable),)
    yield stated(
        row.id, Role.TERM, "History", Kind.TERM, history_term(row), fact_id=term_id, sources=source, elements=("E13",)
    )
    if row.text("MHSTDTC"):
        date_id = row.reference("MHSTDTC")
        name = f"{label_of(history_term(row) or '')}: since"
        yield stated(row.id, Role.START, name, Kind.DATE, row.text("MHSTDTC"), fact_id=date_id, sources=(date_id,))


def medications(
    twin: Twin, window: Sequence[Span], events: Sequence[EventGroup]
) -> list[tuple[Entity, MedicationGroup]]:
    """Medications, regimen by regimen, that overlap the window, by how they lie in time to the first onset."""
    onsets = [found for event in events if (found := partial(event.onset)) is not None]
    # By the first possible day; of "Jun 2013" and 01 Jun 2013 the sharper one is the onset.
    onset = min(onsets, key=lambda found: (found.first_day, found.last_day), default=None)
    is_first = len(onsets) == len(events)
    return [
        (Entity(drug.id, medication_kind(drug, onset, is_first=is_first)), drug)
        for drug in twin.regimens()
        if drug.name and is_within(window, drug.start, drug.end)
    ]


def medication_kind(drug: MedicationGroup, onset: PartialDate | None, *, is_first: bool) -> EntityKind:
    """Taken across the onset, ended before it, started on or after it, or not known where a date is partial.

    Without an onset there is nothing to relate it to, and it is one that was taken. Where another event has no onset,
    which may be the first, nothing had ended before "the onset".
    """
    if onset is None:
        return EntityKind.MEDICATION
    start, end = partial(drug.start), partial(drug.end)
    # A partial date puts a medication on one side only where every day that it may mean lies on that side.
    if end is not None and end.last_day < onset.first_day:
        return EntityKind.ENDED_MEDICATION if is_first else EntityKind.UNDATED_MEDICATION
    if start is not None and start.first_day >= onset.last_day:
        return EntityKind.LATER_MEDICATION
    began_before = start is not None and start.last_day < onset.first_day
    went_on = end is None or end.first_day >= onset.last_day
    return EntityKind.MEDICATION if began_before and went_on else EntityKind.UNDATED_MEDICATION


def medication_facts(drug: MedicationGroup, kind: EntityKind) -> Iterator[Fact]:
    """A medication with its dosage and dates; the later ones also count as possible countermeasures."""
    elements = ("E06", "E14") if kind is EntityKind.LATER_MEDICATION else ("E14",)
    yield _of(drug, Role.TERM, "medication", Kind.TERM, drug.name, "name", elements=elements)
    if drug.told_dose is not None:
        unit = drug.dose_unit.lower() if drug.dose_unit else None
        yield _of(drug, Role.AMOUNT, "dose", Kind.DOSE, drug.told_dose, "dose", elements=("E14",), unit=unit)
    for role, name, value, source, kind_of_value in (
        (Role.FREQUENCY, "frequency", drug.frequency, "frequency", Kind.CODE),
        (Role.ROUTE, "route", drug.route, "route", Kind.CODE),
        (Role.START, "start", drug.start, "start", Kind.DATE),
        (Role.STOP, "end", drug.end, "end", Kind.DATE),
    ):
        if value and (kind is EntityKind.LATER_MEDICATION or role is not Role.ROUTE):
            yield _of(drug, role, name, kind_of_value, value, source)


def _of(
    drug: MedicationGroup,
    role: Role,
    name: str,
    kind: Kind,
    value: FactValue,
    source: str,
    **details: Unpack[Measure],
) -> Fact:
    label = "Medication" if role is Role.TERM else f"{drug_forms(drug.name)[0]}: {name}"
    return stated(drug.id, role, label, kind, value, sources=drug.sources[source], **details)
