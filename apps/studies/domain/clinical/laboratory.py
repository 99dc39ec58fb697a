"""What a laboratory result says: a number or a bound, inside or outside its range, in multiples of its limit, of which
specimen; and what results of the liver amount to."""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Context, Decimal, InvalidOperation
from enum import StrEnum
from typing import Final

from apps.studies.domain.clinical.codelists import ABNORMAL, HIGH, LOW, RANGE_FLAG
from apps.studies.domain.clinical.records import ClinicalRecord, row_order

RESULT: Final = "LBSTRESN"
UPPER: Final = "LBSTNRHI"
LOWER: Final = "LBSTNRLO"
FLAG: Final = "LBNRIND"
REPORTED: Final = "LBORRES"
STANDARD_TEXT: Final = "LBSTRESC"
# Digits enough for any quotient that a double holds, with its two decimals.
_EVERY_DOUBLE: Final = Context(prec=320)
_BLOOD: Final = frozenset({"", "SERUM", "PLASMA", "BLOOD", "WHOLE BLOOD", "SERUM OR PLASMA", "SERUM/PLASMA"})
BLOOD: Final = "BLOOD"
_BOUND: Final = re.compile(r"([<>]=?)[ ]?([0-9]{1,15}(?:\.[0-9]{1,15})?)")

# FDA guidance "Drug-Induced Liver Injury: Premarketing Clinical Evaluation" (2009): the multiples of ULN.
ALT_AST_LIMIT: Final = Decimal(3)
BILIRUBIN_LIMIT: Final = Decimal(2)
ALP_LIMIT: Final = Decimal(2)
# CIOMS: R from 5 on, and up to 2.
_HEPATOCELLULAR: Final = Decimal(5)
_CHOLESTATIC: Final = Decimal(2)
TRANSAMINASES: Final = ("ALT", "AST")
LIVER_TESTS: Final = (*TRANSAMINASES, "BILI", "ALP")


def specimen_of(row: ClinicalRecord) -> str:
    """What was examined: `BLOOD` for serum, plasma and where nothing is said, else the specimen, as `URINE`.

    The same LBTESTCD in serum and in urine is two tests: glucose, bilirubin and protein are measured in both.
    """
    named = (row.text("LBSPEC") or "").strip().upper()
    if named in _BLOOD:
        # Data without LBSPEC, as those of the CDISC pilot, say only by the category that it was urine.
        is_urinalysis = not named and (row.text("LBCAT") or "").upper().startswith("URIN")
        return "URINE" if is_urinalysis else BLOOD
    return named


def in_blood(rows: Iterable[ClinicalRecord]) -> list[ClinicalRecord]:
    """Results of blood, serum or plasma."""
    return [row for row in rows if specimen_of(row) == BLOOD]


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in one system of units: the variables of the result, its unit and its limits."""

    result: str
    unit: str
    lower: str
    upper: str


AS_REPORTED: Final = Measured(REPORTED, "LBORRESU", "LBORNRLO", "LBORNRHI")
AS_STANDARD: Final = Measured(RESULT, "LBSTRESU", LOWER, UPPER)


def as_told(row: ClinicalRecord) -> Measured:
    """The units that a reader is told: those of the laboratory, where it reported a number with its unit.

    A value converted to standard units (8.56428 mmol/L of 33 mg/dL) is no value that anybody measured.
    """
    has_number = _reported(row, REPORTED) is not None
    return AS_REPORTED if has_number and row.text(AS_REPORTED.unit) is not None else AS_STANDARD


def result_variable(row: ClinicalRecord) -> str | None:
    """The variable that holds what was measured: a number, or a bound such as `<1.1`; None for other words."""
    if row.number(RESULT) is not None:
        return RESULT
    return next((name for name in (STANDARD_TEXT, REPORTED) if _BOUND.fullmatch(row.text(name) or "")), None)


def magnitude(row: ClinicalRecord) -> float:
    """The number of a result or of its bound, 0 where there is none; only to compare results of one test."""
    value = row.number(RESULT)
    if value is not None:
        return float(value)
    found = _BOUND.fullmatch(row.text(result_variable(row) or "") or "")
    return float(found[2]) if found is not None else 0.0


def out_of_range(row: ClinicalRecord) -> str | None:
    """`HIGH`, `LOW` or `ABNORMAL` where a result lies outside its range, None where it does not or nobody says.

    The limits of the sample come before its flag: a laboratory's own, in the units it reported, and those in standard
    units. A conversion rounds the limits and not the result, so that a creatinine of 1.6 mg/dL at a limit of 1.6 is
    141.44 µmol/L at a limit of 141; where the reported limits hold, the standard ones are read at their own precision.
    """
    lowest, highest = _reported(row, "LBORNRLO"), _reported(row, "LBORNRHI")
    reported = _against(_reported(row, REPORTED), lowest, highest)
    value, lower, upper = (_decimal(row.number(name)) for name in (RESULT, LOWER, UPPER))
    standard = _against(value, lower, upper, is_rounded=reported == "")
    term = RANGE_FLAG.find(row.values.get(FLAG))
    flagged = term.code if term is not None and term.code in {HIGH, LOW, ABNORMAL} else None
    return reported or standard or _bound_against(row, lowest, highest) or flagged


def _against(
    value: Decimal | None, lower: Decimal | None, upper: Decimal | None, *, is_rounded: bool = False
) -> str | None:
    """Where a value lies against its limits: empty inside them, None where there is nothing to compare."""
    if value is None or (lower is None and upper is None):
        return None
    if upper is not None and _at_precision_of(upper, value, is_rounded=is_rounded) > upper:
        return HIGH
    return LOW if lower is not None and _at_precision_of(lower, value, is_rounded=is_rounded) < lower else ""


def _bound_against(row: ClinicalRecord, lower: Decimal | None, upper: Decimal | None) -> str | None:
    """A result beyond what the method measures (`<0.2`, `>500`), where that alone puts it outside the limits."""
    found = _BOUND.fullmatch(row.text(REPORTED) or "")
    if found is None:
        return None
    sign, bound = found[1], Decimal(found[2])
    # `<=3.5` may be the limit itself, which lies inside.
    is_beyond = not sign.endswith("=")
    if sign[0] == "<" and lower is not None and (bound < lower or (bound == lower and is_beyond)):
        return LOW
    is_high = upper is not None and (bound > upper or (bound == upper and is_beyond))
    return HIGH if sign[0] == ">" and is_high else None


def _at_precision_of(limit: Decimal, value: Decimal, *, is_rounded: bool) -> Decimal:
    """The value with as many decimals as the limit, where the limit is known to be rounded."""
    exponent = limit.normalize().as_tuple().exponent
    decimals = min(exponent, 0) if isinstance(exponent, int) else 0
    return value.quantize(Decimal(1).scaleb(decimals), ROUND_HALF_EVEN, _EVERY_DOUBLE) if is_rounded else value


def _reported(row: ClinicalRecord, variable: str) -> Decimal | None:
    """A result or limit as it was reported, which SDTM keeps as text; None for `<1.1` and other words."""
    try:
        number = Decimal(row.text(variable) or "")
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def number_in(text: str) -> int | float | None:
    """The number that a reported text is; None for `<1.1` and other words."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        return None
    if not number.is_finite() or not math.isfinite(float(number)):
        return None
    return int(number) if number == number.to_integral_value() and "." not in text else float(number)


def number_of(row: ClinicalRecord, variable: str) -> int | float | None:
    """A number without the noise of binary transport: 12.41, not 12.409999999999998; reported ones are text."""
    value = row.values.get(variable)
    if isinstance(value, str):
        return number_in(value)
    return float(f"{value:.10g}") if isinstance(value, float) else value


def _decimal(number: float | None) -> Decimal | None:
    # By its text: as the binary fraction that it is, 2.675 would round down to 2.67.
    return None if number is None else Decimal(str(number))


def exact_multiple(row: ClinicalRecord) -> Decimal | None:
    """Result as a multiple of the same sample's upper limit of normal (× ULN), as it is judged."""
    value, upper = row.number(RESULT), row.number(UPPER)
    if value is None or not upper or not math.isfinite(value / upper):
        return None
    return _EVERY_DOUBLE.divide(Decimal(str(value)), Decimal(str(upper)))


def times_upper_limit(row: ClinicalRecord) -> float | None:
    """The multiple of the upper limit (× ULN) as it is told, rounded half up to two decimals."""
    exact = exact_multiple(row)
    return None if exact is None else _told(exact)


def _told(exact: Decimal) -> float:
    return float(exact.quantize(Decimal("0.01"), ROUND_HALF_UP, _EVERY_DOUBLE))


@dataclass(frozen=True, slots=True)
class Peak:
    """The highest result of a test in multiples of its limit; the earliest of equals."""

    exact: Decimal
    row: ClinicalRecord

    @property
    def multiple(self) -> float:
        """The multiple as it is told."""
        return _told(self.exact)

    @property
    def is_above_limit(self) -> bool:
        """Whether the result lies above its upper limit of normal."""
        return self.exact > 1


def peak_of(rows: Iterable[ClinicalRecord]) -> Peak | None:
    """The peak of some results; None where none of them has a limit."""
    peak: Peak | None = None
    for row in sorted(rows, key=row_order):
        exact = exact_multiple(row)
        if exact is not None and (peak is None or exact > peak.exact):
            peak = Peak(exact, row)
    return peak


class Injury(StrEnum):
    """The pattern of a liver injury, by the R value."""

    HEPATOCELLULAR = "hepatocellular"
    MIXED = "mixed"
    CHOLESTATIC = "cholestatic"


@dataclass(frozen=True, slots=True)
class LiverFindings:
    """The peaks that the eDISH plot and Hy's law look at; the biochemical criteria are no diagnosis.

    FDA guidance on drug-induced liver injury (2009), IV.A: "Hy's law case" is the opinion of a physician. `alp_beside`
    is the ALP of the day of the peak ALT, for the R value.
    """

    alt: Peak | None
    ast: Peak | None
    bilirubin: Peak | None
    alp: Peak | None
    first_alp: Peak | None
    alp_beside: Peak | None

    @property
    def transaminase(self) -> Peak | None:
        """The higher of the peaks of ALT and AST."""
        found = [peak for peak in (self.alt, self.ast) if peak is not None]
        return max(found, key=lambda peak: peak.exact, default=None)

    @property
    def is_transaminase_high(self) -> bool:
        """Whether ALT or AST rose above 3 × ULN."""
        return self.transaminase is not None and self.transaminase.exact > ALT_AST_LIMIT

    @property
    def is_bilirubin_high(self) -> bool:
        """Whether bilirubin rose above 2 × ULN."""
        return self.bilirubin is not None and self.bilirubin.exact > BILIRUBIN_LIMIT

    @property
    def is_cholestatic(self) -> bool:
        """Whether ALP reached 2 × ULN, which the criteria exclude."""
        return self.alp is not None and self.alp.exact >= ALP_LIMIT

    @property
    def meets_criteria(self) -> bool:
        """Whether the biochemical criteria of Hy's law are met by the peaks."""
        # The peaks need not be of one day: bilirubin may follow the transaminases by weeks.
        return self.is_transaminase_high and self.is_bilirubin_high and not self.is_cholestatic

    @property
    def quadrant(self) -> str | None:
        """Where the two peaks lie against 3 × ULN and 2 × ULN; None where one of them is not known."""
        if self.transaminase is None or self.bilirubin is None:
            return None
        if self.is_transaminase_high and self.is_bilirubin_high:
            return "ALT or AST above 3 × ULN and bilirubin above 2 × ULN"
        if self.is_transaminase_high:
            return "ALT or AST above 3 × ULN, bilirubin not above 2 × ULN"
        if self.is_bilirubin_high:
            return "bilirubin above 2 × ULN, ALT and AST not above 3 × ULN"
        return "neither above the limits"

    @property
    def r_value(self) -> float | None:
        """(ALT ÷ ULN) ÷ (ALP ÷ ULN) of the day of the peak ALT, two decimals; None where they are not of one day."""
        exact = self._exact_r()
        return None if exact is None else _told(exact)

    @property
    def pattern(self) -> Injury | None:
        """What R says of the injury (5 and above, 2 and below); None where R is not known."""
        exact = self._exact_r()
        if exact is None:
            return None
        if exact >= _HEPATOCELLULAR:
            return Injury.HEPATOCELLULAR
        return Injury.CHOLESTATIC if exact <= _CHOLESTATIC else Injury.MIXED

    def _exact_r(self) -> Decimal | None:
        if self.alt is None or self.alp_beside is None or not self.alp_beside.exact:
            return None
        return _EVERY_DOUBLE.divide(self.alt.exact, self.alp_beside.exact)


def liver_findings(rows: Sequence[ClinicalRecord]) -> LiverFindings:
    """What the liver tests of blood of a subject amount to."""
    of_test: dict[str, list[ClinicalRecord]] = {test: [] for test in LIVER_TESTS}
    for row in in_blood(rows):
        if row.text("LBTESTCD") in of_test:
            of_test[str(row.text("LBTESTCD"))].append(row)
    peaks = {test: peak_of(found) for test, found in of_test.items()}
    alp = sorted((row for row in of_test["ALP"] if exact_multiple(row) is not None), key=row_order)
    alt = peaks["ALT"]
    day = _day_of(alt.row) if alt is not None else None
    beside = [row for row in alp if day is not None and _day_of(row) == day]
    return LiverFindings(alt, peaks["AST"], peaks["BILI"], peaks["ALP"], peak_of(alp[:1]), peak_of(beside))


def _day_of(row: ClinicalRecord) -> str | None:
    """The whole day of a sample; None where the date is partial."""
    on = (row.text("LBDTC") or "")[:10]
    return on if len(on) == len("2013-06-02") else None
