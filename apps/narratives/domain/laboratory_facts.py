"""Facts on laboratory results that were outside their reference range near the events."""

import math
from collections.abc import Iterator, Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from typing import Final, Unpack

from apps.narratives.domain.facts import Attribution, Fact, FactValue, Kind, Role
from apps.narratives.domain.qualify import is_within
from apps.narratives.domain.stating import Measure, stated
from apps.twins.domain.rows import RowNode
from apps.twins.domain.spans import Span, day_number
from apps.twins.domain.twin import Twin

# Digits enough for any quotient that a double holds, with its two decimals.
EVERY_DOUBLE: Final = Context(prec=320)
HIGH: Final = "HIGH"
LOW: Final = "LOW"
NONE_ABNORMAL: Final = "NONE OUTSIDE RANGE"

# Tests whose excess is judged in multiples of the upper limit (FDA guidance on drug-induced liver injury, 2009).
TESTS_IN_MULTIPLES: Final = frozenset({"ALT", "AST", "ALP", "BILI", "GGT", "CK"})


def results_in(twin: Twin, window: Sequence[Span]) -> list[RowNode]:
    """Numeric laboratory results collected within the window, by date."""
    return [
        row
        for row in twin.rows("LB")
        if row.number("LBSTRESN") is not None
        and row.text("LBDTC")
        and is_within(window, row.text("LBDTC"), row.text("LBDTC"))
    ]


def most_abnormal(rows: Sequence[RowNode]) -> list[RowNode]:
    """Of every test with a result outside its range, the one furthest outside; the earliest wins a tie."""
    worst: dict[str, RowNode] = {}
    for row in rows:
        test = row.text("LBTESTCD") or ""
        if direction_of(row) is not None and (test not in worst or _excess(row) > _excess(worst[test])):
            worst[test] = row
    return sorted(worst.values(), key=lambda row: ((row.text("LBDTC") or "")[:10], row.text("LBTEST") or "", row.id))


def direction_of(row: RowNode) -> str | None:
    """`HIGH` or `LOW` by the laboratory's own flag, or by the sample's range where there is no flag; None inside it."""
    flag = row.text("LBNRIND")
    if flag in (HIGH, LOW):
        return flag
    value, lower, upper = (row.number(name) for name in ("LBSTRESN", "LBSTNRLO", "LBSTNRHI"))
    if flag is not None or value is None:
        return None
    if upper is not None and value > upper:
        return HIGH
    return LOW if lower is not None and value < lower else None


def result_facts(row: RowNode, reference: str | None) -> Iterator[Fact]:
    """A result with its unit, date, direction and limit; high liver tests also as × ULN with two decimals."""
    test = row.text("LBTEST") or row.text("LBTESTCD") or ""
    yield _of(row, Role.TERM, test, Kind.TERM, test, "LBTEST", elements=("E04",))
    unit = row.text("LBSTRESU")
    yield _of(row, Role.RESULT, test, Kind.RESULT, _plain(row, "LBSTRESN"), "LBSTRESN", elements=("E04",), unit=unit)
    yield _of(row, Role.COLLECTED, f"{test}: collected", Kind.DATE, row.text("LBDTC"), "LBDTC")
    day = day_number((row.text("LBDTC") or "")[:10], reference)
    if day is not None:
        yield _of(row, Role.COLLECTED_DAY, f"{test}: study day", Kind.STUDY_DAY, day, "LBDTC")
    direction = direction_of(row)
    yield _of(row, Role.DIRECTION, f"{test}: against the range", Kind.CODE, direction, "LBNRIND", elements=("E04",))
    yield from _limits(row, test, direction, unit)


def times_upper_limit(row: RowNode) -> float | None:
    """Result as a multiple of the sample's upper limit of normal, rounded half up to two decimals."""
    value, upper = row.number("LBSTRESN"), row.number("LBSTNRHI")
    if value is None or not upper:
        return None
    if not math.isfinite(value / upper):
        return None
    exact = EVERY_DOUBLE.divide(Decimal(str(value)), Decimal(str(upper)))
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP, EVERY_DOUBLE))


def _limits(row: RowNode, test: str, direction: str | None, unit: str | None) -> Iterator[Fact]:
    multiple = times_upper_limit(row) if row.text("LBTESTCD") in TESTS_IN_MULTIPLES else None
    if direction == HIGH and multiple is not None:
        sources = (row.reference("LBSTRESN"), row.reference("LBSTNRHI"))
        yield stated(
            row.id,
            Role.MULTIPLE,
            f"{test}: × ULN",
            Kind.MULTIPLE,
            multiple,
            unit="× ULN",
            sources=sources,
            derived_from=sources,
            attribution=Attribution.LABORATORY,
            elements=("E04",),
        )
        return
    for role, variable in ((Role.LOWER, "LBSTNRLO"), (Role.UPPER, "LBSTNRHI")):
        if row.number(variable) is not None:
            yield _of(row, role, f"{test}: {role} limit", Kind.LIMIT, _plain(row, variable), variable, unit=unit)


def _plain(row: RowNode, variable: str) -> int | float | None:
    """A number without the noise of binary transport: 12.41, not 12.409999999999998."""
    value = row.number(variable)
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _excess(row: RowNode) -> float:
    value, lower, upper = (float(row.number(name) or 0) for name in ("LBSTRESN", "LBSTNRLO", "LBSTNRHI"))
    if direction_of(row) == HIGH:
        return value / upper if upper else value
    return lower / value if value else lower


def _of(
    row: RowNode,
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
