"""Facts on what was there before and beside the events: history and concomitant medication."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final, Unpack

from apps.narratives.domain.facts import Fact, FactValue, Kind, Role
from apps.narratives.domain.factset import Entity, EntityKind
from apps.narratives.domain.qualify import is_within
from apps.narratives.domain.stating import Measure, stated
from apps.narratives.domain.subject_facts import PRIMARY_DIAGNOSIS
from apps.narratives.domain.terms import drug_forms, sentence_case
from apps.twins.domain.events import EventGroup
from apps.twins.domain.medications import MedicationGroup
from apps.twins.domain.rows import RowNode
from apps.twins.domain.spans import Span, full_day, partial
from apps.twins.domain.twin import Twin

HISTORICAL: Final = "HISTORICAL DIAGNOSIS"
# MHTERM is masked at de-identification in the pilot: such a text names no illness.
_MASKED: Final = re.compile(r"VERBATIM_[0-9]+")


def history(twin: Twin) -> list[tuple[Entity, RowNode]]:
    """MH rows that name an illness other than the disease treated, each illness and date once."""
    found: dict[tuple[str, str], tuple[Entity, RowNode]] = {}
    for row in twin.rows("MH"):
        term = history_term(row)
        if term is None or row.text("MHCAT") == PRIMARY_DIAGNOSIS:
            continue
        kind = EntityKind.PAST_HISTORY if row.text("MHCAT") == HISTORICAL else EntityKind.PRESENT_CONDITION
        found.setdefault((term, row.text("MHSTDTC") or ""), (Entity(row.id, kind), row))
    return sorted(found.values(), key=lambda item: (item[1].text("MHSTDTC") or "~", history_term(item[1]) or ""))


def history_term(row: RowNode) -> str | None:
    """The coded term, or the reported one where it is not masked."""
    reported = row.text("MHTERM")
    return row.text("MHDECOD") or (None if reported is None or _MASKED.fullmatch(reported) else reported)


def history_facts(row: RowNode) -> Iterator[Fact]:
    """An earlier or concomitant illness and when it began."""
    variable = "MHDECOD" if row.text("MHDECOD") else "MHTERM"
    term_id = row.reference("term")
    source = (row.reference(variable),)
    yield stated(
        row.id, Role.TERM, "History", Kind.TERM, history_term(row), fact_id=term_id, sources=source, elements=("E13",)
    )
    if row.text("MHSTDTC"):
        date_id = row.reference("MHSTDTC")
        name = f"{sentence_case(history_term(row) or '')}: since"
        yield stated(row.id, Role.START, name, Kind.DATE, row.text("MHSTDTC"), fact_id=date_id, sources=(date_id,))


def medications(
    twin: Twin, window: Sequence[Span], events: Sequence[EventGroup]
) -> list[tuple[Entity, MedicationGroup]]:
    """Medications that overlap the window; those known to have begun at or after the first onset are kept apart."""
    onset = min((found.first_day for event in events if (found := partial(event.onset))), default=None)
    return [
        (Entity(drug.id, _medication_kind(drug, onset)), drug)
        for drug in twin.medications()
        if drug.name and is_within(window, drug.start, drug.end)
    ]


def _medication_kind(drug: MedicationGroup, onset: date | None) -> EntityKind:
    start = full_day(drug.start)
    is_later = onset is not None and start is not None and start >= onset
    return EntityKind.LATER_MEDICATION if is_later else EntityKind.MEDICATION


def medication_facts(drug: MedicationGroup, kind: EntityKind) -> Iterator[Fact]:
    """A medication with its dosage and dates; the later ones also count as possible countermeasures."""
    elements = ("E06", "E14") if kind is EntityKind.LATER_MEDICATION else ("E14",)
    yield _of(drug, Role.TERM, "medication", Kind.TERM, drug.name, "name", elements=elements)
    if drug.dose is not None:
        unit = drug.dose_unit.lower() if drug.dose_unit else None
        yield _of(drug, Role.AMOUNT, "dose", Kind.DOSE, drug.dose, "dose", elements=("E14",), unit=unit)
    for role, name, value, source, kind_of_value in (
        (Role.FREQUENCY, "frequency", drug.frequency, "frequency", Kind.CODE),
        (Role.ROUTE, "route", drug.route, "route", Kind.CODE),
        (Role.START, "start", drug.start, "start", Kind.DATE),
        (Role.STOP, "end", drug.end, "end", Kind.DATE),
    ):
        if value and (kind is EntityKind.LATER_MEDICATION or role not in (Role.ROUTE, Role.STOP)):
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
