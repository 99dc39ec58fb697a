"""Derived facts of a twin: computed from records, naming what they were computed from, with a definition version."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from apps.studies.domain.variables import Value
from apps.twins.domain.events import SERIOUSNESS_CRITERIA, EventGroup
from apps.twins.domain.rows import RowNode, row_order
from apps.twins.domain.spans import day_number, duration_days, full_day, span_of

DEFINITION_VERSION = 1

# FDA guidance "Drug-Induced Liver Injury: Premarketing Clinical Evaluation" (2009): the multiples of ULN.
ALT_AST_LIMIT = 3.0
BILIRUBIN_LIMIT = 2.0
ALP_LIMIT = 2.0


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
            yield DerivedFact(f"{node}.{name}", name, value, unit, tuple(sources))


def subject_facts(dm: RowNode) -> Iterator[DerivedFact]:
    """Days on study drug and the study day of death, from DM alone (open to blinded readers)."""
    first, last, died = dm.text("RFXSTDTC"), dm.text("RFXENDTC"), dm.text("DTHDTC")
    exposure = (dm.reference("RFXSTDTC"), dm.reference("RFXENDTC"))
    yield from _facts(
        dm.id,
        exposure,
        [
            ("last_dose_day", day_number(last, dm.text("RFSTDTC")), "day"),
            ("exposure_days", duration_days(first, last), "days"),
        ],
    )
    death = (dm.reference("DTHDTC"), dm.reference("RFSTDTC"))
    yield from _facts(dm.id, death, [("death_day", day_number(died, dm.text("RFSTDTC")), "day")])


def event_facts(event: EventGroup, dm: RowNode | None, exposures: Sequence[RowNode]) -> Iterator[DerivedFact]:
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
    names = ", ".join(SERIOUSNESS_CRITERIA[name] for name in event.criteria) or None
    yield from _facts(event.id, event.sources["serious"], [("seriousness_criteria", names, None)])
    contradicts = True if event.criteria and event.serious_flag == "N" else None
    yield from _facts(event.id, event.sources["serious"], [("seriousness_flag_contradicts", contradicts, None)])
    yield from _facts(event.id, event.sources["severity"], [("worst_severity", event.worst_severity, None)])
    yield from _facts(event.id, event.sources["outcome"], [("outcome", event.outcome, None)])
    yield from _facts(event.id, event.sources["causality"], [("causality", event.causality, None)])


def _dose_at_onset(event: EventGroup, exposures: Sequence[RowNode]) -> Iterator[DerivedFact]:
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


def covers(exposure: RowNode, day: date) -> bool:
    """Whether a dosing interval contains a day; an interval without an end is taken as going on."""
    span = span_of(exposure.text("EXSTDTC"), exposure.text("EXENDTC"))
    return span.first is not None and span.first <= day and (span.last is None or day <= span.last)


def times_upper_limit(row: RowNode) -> float | None:
    """Result as a multiple of the same sample's upper limit of normal (× ULN), two decimals."""
    result, limit = row.number("LBSTRESN"), row.number("LBSTNRHI")
    multiple = result / limit if result is not None and limit else math.inf
    return round(multiple, 2) if math.isfinite(multiple) else None


def laboratory_facts(test: str, rows: Sequence[RowNode]) -> Iterator[DerivedFact]:
    """× ULN of each result of one test and the highest of them; earlier results win a tie."""
    peak: tuple[float, RowNode] | None = None
    for row in sorted(rows, key=row_order):
        multiple = times_upper_limit(row)
        if multiple is None:
            continue
        sources = (row.reference("LBSTRESN"), row.reference("LBSTNRHI"))
        yield DerivedFact(f"{row.id}.times_uln", "times_uln", multiple, "× ULN", sources)
        if peak is None or multiple > peak[0]:
            peak = (multiple, row)
    if peak is not None:
        yield DerivedFact(
            f"LAB/{test}.peak_times_uln", "peak_times_uln", peak[0], "× ULN", (f"{peak[1].id}.times_uln",)
        )


def liver_facts(rows: Sequence[RowNode]) -> Iterator[DerivedFact]:
    """The eDISH quadrant of the subject's peak ALT or AST and peak bilirubin, and whether Hy's law is met.

    The biochemical criteria are stated; "Hy's law case" is a physician's opinion and is not.
    """
    peaks = {test: _peak(rows, test) for test in ("ALT", "AST", "BILI", "ALP")}
    transaminase = max(peaks["ALT"], peaks["AST"], key=lambda peak: peak[0])
    bilirubin, alp = peaks["BILI"], peaks["ALP"]
    if not transaminase[1] or not bilirubin[1]:
        return
    sources = (*transaminase[1], *bilirubin[1])
    yield DerivedFact("LIVER.quadrant", "liver_quadrant", _quadrant(transaminase[0], bilirubin[0]), None, sources)
    met = transaminase[0] > ALT_AST_LIMIT and bilirubin[0] > BILIRUBIN_LIMIT and alp[0] < ALP_LIMIT
    yield DerivedFact("LIVER.hys_law", "hys_law_criteria_met", met, None, (*sources, *alp[1]))


def _peak(rows: Sequence[RowNode], test: str) -> tuple[float, tuple[str, ...]]:
    multiples = [
        (multiple, (f"{row.id}.times_uln",))
        for row in rows
        if row.text("LBTESTCD") == test and (multiple := times_upper_limit(row)) is not None
    ]
    return max(multiples, key=lambda found: found[0], default=(0.0, ()))


def _quadrant(transaminase: float, bilirubin: float) -> str:
    high_enzyme, high_bilirubin = transaminase > ALT_AST_LIMIT, bilirubin > BILIRUBIN_LIMIT
    if high_enzyme and high_bilirubin:
        return "ALT or AST above 3 × ULN and bilirubin above 2 × ULN"
    if high_enzyme:
        return "ALT or AST above 3 × ULN, bilirubin not above 2 × ULN"
    if high_bilirubin:
        return "bilirubin above 2 × ULN, ALT and AST not above 3 × ULN"
    return "neither above the limits"
