"""Derived facts of a twin: computed from records, naming what they were computed from, with a definition version."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from apps.studies.domain.clinical.disposition import DEATH_DATE, Death
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.laboratory import (
    BLOOD,
    RESULT,
    UPPER,
    liver_findings,
    peak_of,
    specimen_of,
    times_upper_limit,
)
from apps.studies.domain.clinical.records import ClinicalRecord, row_order
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.clinical.seriousness import CRITERIA, Conflict
from apps.studies.domain.clinical.spans import day_number, duration_days, full_day, span_of
from apps.studies.domain.variables import Value

# Raised with every change of a definition in apps/studies/domain/clinical.
DEFINITION_VERSION = 4


@dataclass(frozen=True, slots=True)
class DerivedFact:
    """A value computed from records; `derived_from` names `record_id.VARIABLE` or other facts."""

    id: str
    name: str
    value: Value | bool
    unit: str | None
    derived_from: tuple[str, ...]


def _facts(
    node: str, sources: Sequence[str], values: Iterable[tuple[str, Value | bool | None, str | None]]
) -> Iterator[DerivedFact]:
    for name, value, unit in values:
        if value is not None:
            yield DerivedFact(str(Reference.of(node, name)), name, value, unit, tuple(sources))


def subject_facts(dm: ClinicalRecord) -> Iterator[DerivedFact]:
    """Days on study drug and the study day of death, from DM alone (open to blinded readers)."""
    day_one, first, last = dm.text("RFSTDTC"), dm.text("RFXSTDTC"), dm.text("RFXENDTC")
    # Study days count from RFSTDTC, which the sponsor defines and which need not be the day of the first dose.
    for name, variable in (("last_dose_day", "RFXENDTC"), ("death_day", DEATH_DATE)):
        sources = (dm.reference(variable), dm.reference("RFSTDTC"))
        yield from _facts(dm.id, sources, [(name, day_number(dm.text(variable), day_one), "day")])
    exposure = (dm.reference("RFXSTDTC"), dm.reference("RFXENDTC"))
    yield from _facts(dm.id, exposure, [("exposure_days", duration_days(first, last), "days")])


def death_facts(death: Death) -> Iterator[DerivedFact]:
    """That the subject died, by which records, and what of them disagrees."""
    yield from _facts("DEATH", death.evidence, [("died", True, None)])
    yield from _facts("DEATH", death.evidence, [("contradictions", "; ".join(death.conflicts) or None, None)])


def event_facts(
    event: EventGroup, dm: ClinicalRecord | None, exposures: Sequence[ClinicalRecord]
) -> Iterator[DerivedFact]:
    """What one adverse event is beyond its rows: days, seriousness by any criterion, dose at onset where visible."""
    day_one = dm.text("RFSTDTC") if dm else None
    reference = (dm.reference("RFSTDTC"),) if dm else ()
    onset, end = event.sources["onset"], event.sources["end"]
    yield from _facts(event.id, onset, [("onset", event.onset, None)])
    yield from _facts(event.id, (*onset, *reference), [("onset_day", day_number(event.onset, day_one), "day")])
    yield from _facts(event.id, end, [("end", event.end, None)])
    yield from _facts(event.id, (*end, *reference), [("end_day", day_number(event.end, day_one), "day")])
    yield from _facts(event.id, (*onset, *end), [("duration_days", duration_days(event.onset, event.end), "days")])
    yield from _judgement_facts(event)
    yield from _dose_at_onset(event, exposures)


def _judgement_facts(event: EventGroup) -> Iterator[DerivedFact]:
    yield from _facts(event.id, event.sources["serious"], [("is_serious", event.is_serious, None)])
    names = ", ".join(CRITERIA[name] for name in event.criteria) or None
    yield from _facts(event.id, event.sources["serious"], [("seriousness_criteria", names, None)])
    conflicts = event.seriousness.conflicts
    # None and not False: a fact is there only where something contradicts.
    denied = True if {Conflict.FLAG_SAYS_NO, Conflict.FATAL_BUT_FLAG_SAYS_NO} & set(conflicts) else None
    sources = (*event.sources["serious"], *event.sources["outcome"])
    yield from _facts(event.id, sources, [("seriousness_flag_contradicts", denied, None)])
    yield from _facts(event.id, sources, [("contradictions", "; ".join(conflicts) or None, None)])
    yield from _facts(event.id, event.sources["severity"], [("worst_severity", event.worst_severity, None)])
    yield from _facts(event.id, event.sources["outcome"], [("outcome", event.outcome, None)])
    yield from _facts(event.id, event.sources["causality"], [("causality", event.causality, None)])


def _dose_at_onset(event: EventGroup, exposures: Sequence[ClinicalRecord]) -> Iterator[DerivedFact]:
    # Only a whole date: within a month the dose may have changed.
    onset = full_day(event.onset)
    for row in exposures:
        if onset is not None and covers(row, onset):
            sources = (row.reference("EXDOSE"), row.reference("EXSTDTC"), row.reference("EXENDTC"))
            yield from _facts(
                event.id,
                (*sources, *event.sources["onset"]),
                [("dose_at_onset", row.number("EXDOSE"), row.text("EXDOSU"))],
            )
            return


def covers(exposure: ClinicalRecord, day: date) -> bool:
    """Whether a dosing interval contains a day; an interval without an end is taken as going on."""
    span = span_of(exposure.text("EXSTDTC"), exposure.text("EXENDTC"))
    return span.first is not None and span.first <= day and (span.last is None or day <= span.last)


def laboratory_facts(test: str, rows: Sequence[ClinicalRecord]) -> Iterator[DerivedFact]:
    """× ULN of each result of one test, and the highest of each specimen; earlier results win a tie."""
    by_specimen: dict[str, list[ClinicalRecord]] = {}
    for row in sorted(rows, key=row_order):
        by_specimen.setdefault(specimen_of(row), []).append(row)
        multiple = times_upper_limit(row)
        if multiple is not None:
            sources = (row.reference(RESULT), row.reference(UPPER))
            yield DerivedFact(row.reference("times_uln"), "times_uln", multiple, "× ULN", sources)
    for specimen, found in by_specimen.items():
        peak = peak_of(found)
        if peak is not None:
            # One code in serum and in urine is two tests, each with a peak of its own.
            node = f"LAB/{test}" if specimen == BLOOD else f"LAB/{test} {specimen}"
            source = (peak.row.reference("times_uln"),)
            yield DerivedFact(
                str(Reference.of(node, "peak_times_uln")), "peak_times_uln", peak.multiple, "× ULN", source
            )


def liver_facts(rows: Sequence[ClinicalRecord]) -> Iterator[DerivedFact]:
    """The eDISH quadrant of the subject's peak ALT or AST and peak bilirubin, and whether Hy's law is met."""
    found = liver_findings(rows)
    quadrant = found.quadrant
    # A quadrant needs both of its axes; nothing is said of a subject in whom one was never measured.
    if found.transaminase is None or found.bilirubin is None or quadrant is None:
        return
    sources = (found.transaminase.row.reference("times_uln"), found.bilirubin.row.reference("times_uln"))
    alp = (found.alp.row.reference("times_uln"),) if found.alp is not None else ()
    yield DerivedFact("LIVER.quadrant", "liver_quadrant", quadrant, None, sources)
    yield DerivedFact("LIVER.hys_law", "hys_law_criteria_met", found.meets_criteria, None, (*sources, *alp))
