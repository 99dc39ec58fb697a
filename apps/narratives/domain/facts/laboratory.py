"""Facts on laboratory results that were outside their reference range near the events."""

import math
from collections.abc import Iterator, Sequence
from typing import Final, Unpack

from apps.narratives.domain.facts.fact import Attribution, Fact, FactValue, Kind, Role
from apps.narratives.domain.facts.relevance import is_within
from apps.narratives.domain.facts.stating import Derived, Measure, fact_of, stated, taken_over
from apps.studies.domain.clinical.codelists import ABNORMAL, HIGH
from apps.studies.domain.clinical.laboratory import (
    FLAG,
    LOWER,
    REPORTED,
    RESULT,
    UPPER,
    Measured,
    as_told,
    magnitude,
    number_of,
    out_of_range,
    result_variable,
    specimen_of,
)
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import Span, day_number
from apps.twins.domain.twin import Twin

NONE_ABNORMAL: Final = "NONE OUTSIDE RANGE"

# Tests whose excess is judged in multiples of the upper limit (FDA guidance on drug-induced liver injury, 2009).
TESTS_IN_MULTIPLES: Final = frozenset({"ALT", "AST", "ALP", "BILI", "GGT", "CK"})


def results_in(twin: Twin, window: Sequence[Span]) -> list[ClinicalRecord]:
    """Measured laboratory results collected within the window, by date."""
    return [
        row
        for row in twin.rows("LB")
        if result_variable(row) is not None
        # A result without a date would lie in every window and be told as near to every event.
        and row.text("LBDTC")
        and is_within(window, row.text("LBDTC"), row.text("LBDTC"))
    ]


def most_abnormal(rows: Sequence[ClinicalRecord]) -> list[ClinicalRecord]:
    """Of every test and specimen with a result outside its range, the one furthest outside; the earliest wins a tie."""
    worst: dict[tuple[str, str], ClinicalRecord] = {}
    for row in rows:
        test = (row.text("LBTESTCD") or "", specimen_of(row))
        if out_of_range(row) is not None and (test not in worst or _excess(row) > _excess(worst[test])):
            worst[test] = row
    return sorted(worst.values(), key=lambda row: ((row.text("LBDTC") or "")[:10], row.text("LBTEST") or "", row.id))


def result_facts(row: ClinicalRecord, reference: str | None, derived: Derived) -> Iterator[Fact]:
    """A result as it was reported, with its unit, date, direction and limits; high liver tests also as × ULN."""
    test = row.text("LBTEST") or row.text("LBTESTCD") or ""
    yield _of(row, Role.TERM, test, Kind.TERM, test, "LBTEST", elements=("E04",))
    told = as_told(row)
    bound = result_variable(row)
    variable = told.result if bound in {RESULT, None} else str(bound)
    unit = row.text("LBORRESU" if variable == REPORTED else told.unit)
    value = number_of(row, variable) if bound in {RESULT, None} else row.text(variable)
    yield _of(row, Role.RESULT, test, Kind.RESULT, value, variable, elements=("E04",), unit=unit)
    yield _of(row, Role.COLLECTED, f"{test}: collected", Kind.DATE, row.text("LBDTC"), "LBDTC")
    day = day_number((row.text("LBDTC") or "")[:10], reference)
    if day is not None:
        yield _of(row, Role.COLLECTED_DAY, f"{test}: study day", Kind.STUDY_DAY, day, "LBDTC")
    direction = out_of_range(row)
    yield _of(row, Role.DIRECTION, f"{test}: against the range", Kind.CODE, direction, FLAG, elements=("E04",))
    is_in_multiples = direction == HIGH and row.text("LBTESTCD") in TESTS_IN_MULTIPLES
    # A limit may be missing of a result that is high by its flag.
    if is_in_multiples and fact_of(row.id, "times_uln") in derived:
        yield from _multiple(row, test, derived)
    else:
        yield from _limits(row, test, told)


def _multiple(row: ClinicalRecord, test: str, derived: Derived) -> Iterator[Fact]:
    source = fact_of(row.id, "times_uln")
    return taken_over(
        derived,
        source,
        row.id,
        Role.MULTIPLE,
        f"{test}: × ULN",
        Kind.MULTIPLE,
        derived_from=derived[source].derived_from,
        attribution=Attribution.LABORATORY,
        elements=("E04",),
    )


def _limits(row: ClinicalRecord, test: str, told: Measured) -> Iterator[Fact]:
    for role, variable in ((Role.LOWER, told.lower), (Role.UPPER, told.upper)):
        limit = number_of(row, variable)
        if limit is not None:
            yield _of(row, role, f"{test}: {role} limit", Kind.LIMIT, limit, variable, unit=row.text(told.unit))


def _excess(row: ClinicalRecord) -> tuple[float, float]:
    """How far outside its limits a result is: as a ratio, then as a distance; a bound counts with its number."""
    direction, value = out_of_range(row), magnitude(row)
    if direction == ABNORMAL:
        return 0.0, 0.0
    limit = float(row.number(UPPER if direction == HIGH else LOWER) or 0)
    distance = value - limit if direction == HIGH else limit - value
    # At and below zero there is no ratio: a limit there leaves the distance, a value there is beyond every multiple.
    if limit <= 0:
        return distance, distance
    ratio = value / limit if direction == HIGH else limit / value if value > 0 else math.inf
    return ratio, distance


def _of(
    row: ClinicalRecord,
    role: Role,
    name: str,
    kind: Kind,
    value: FactValue | None,
    variable: str,
    **details: Unpack[Measure],
) -> Fact:
    return stated(
        row.id,
        role,
        name,
        kind,
        value,
        sources=(row.reference(variable),),
        attribution=Attribution.LABORATORY,
        **details,
    )
