"""Laboratory results of a twin as series: one per test, in its latest unit, each sample with its own range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from django.utils.translation import gettext as _

from apps.studies.domain.clinical.codelists import ABNORMAL, HIGH, LOW
from apps.studies.domain.clinical.laboratory import (
    AS_REPORTED,
    AS_STANDARD,
    BLOOD,
    Measured,
    as_told,
    number_of,
    out_of_range,
    specimen_of,
    times_upper_limit,
)
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import partial
from apps.studies.domain.clinical.terms import heading, inline
from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.laboratory import Flag, LabPoint, LabSeries
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses
from apps.twins.web.words import multiple, number, test_name, unit, with_unit

# What is looked at first, in this order (LBTESTCD, C65047). By test and not by category: LBCAT has no codelist.
KEY_TESTS: Final = ("ALT", "AST", "ALP", "BILI", "GGT", "CREAT", "HGB", "WBC", "PLAT", "NEUT", "LYM", "RBC")
# Tests of which only high values matter, so that a multiple of the upper limit says something.
HIGH_MATTERS: Final = frozenset({"ALT", "AST", "ALP", "BILI", "GGT", "CREAT", "CK", "UREAN", "URATE", "CHOL", "LDH"})


_FLAGS: Final[Mapping[str | None, Flag]] = {HIGH: "high", LOW: "low", ABNORMAL: "abnormal", None: ""}


class Units(StrEnum):
    """In what results are shown: as the laboratory reported them, in the units of the study, or × ULN."""

    REPORTED = "reported"
    STANDARD = "standard"
    ULN = "uln"


@dataclass(frozen=True, slots=True)
class Reading:
    """One result in the units that are shown: `variable` holds it, `words` has its unit; limits in the same unit."""

    variable: str
    value: float | None
    low: float | None
    high: float | None
    unit: str
    words: str


@dataclass(frozen=True, slots=True)
class LabTest:
    """One test of one category and specimen: its results in date order, and the units it is shown in."""

    category: str
    specimen: str
    code: str
    name: str
    rows: tuple[ClinicalRecord, ...]
    units: Units

    @property
    def latest(self) -> ClinicalRecord:
        """The last result by date."""
        return self.rows[-1]

    def reading(self, row: ClinicalRecord) -> Reading:
        """One of its results in the units of the test."""
        # A result without an upper limit has no multiple and is still shown.
        if self.units is Units.ULN and (found := _in_multiples(row)) is not None:
            return found
        return _in_units(row, AS_REPORTED if self.units is Units.REPORTED else AS_STANDARD)

    @property
    def unit(self) -> str:
        """The unit of the latest result; results in another unit are not drawn on the same scale."""
        return self.reading(self.latest).unit

    @property
    def is_key(self) -> bool:
        """Whether it is one of those that are looked at first; the same codes name other tests in urine."""
        return self.specimen == BLOOD and self.code in KEY_TESTS

    @property
    def rank(self) -> int:
        """Its place among the key tests, or after all of them."""
        return KEY_TESTS.index(self.code) if self.is_key else len(KEY_TESTS)

    @property
    def is_numeric(self) -> bool:
        """Whether there is anything to draw."""
        return any(self.reading(row).value is not None for row in self.rows)


def _in_multiples(row: ClinicalRecord) -> Reading | None:
    """A result as a multiple of its upper limit; the lower limit as its part of the upper one."""
    times, low, high = times_upper_limit(row), row.number("LBSTNRLO"), row.number("LBSTNRHI")
    if times is None or not high:
        return None
    return Reading("times_uln", times, low / high if low is not None else None, 1.0, "× ULN", multiple(times))


def _in_units(row: ClinicalRecord, measured: Measured) -> Reading:
    """A result in the variables of one system of units; words where it is no number."""
    value = number_of(row, measured.result)
    text = row.text(measured.unit) or ""
    # LBORRES is text: it is told with the decimals that the laboratory gave.
    told = row.values.get(measured.result) if measured is AS_REPORTED else value
    if told is None:
        told = row.values.get("LBSTRESC", row.values.get("LBORRES"))
    low, high = _limits(row, measured)
    return Reading(measured.result, value, low, high, text, with_unit(told, text))


def _limits(row: ClinicalRecord, measured: Measured) -> tuple[float | None, float | None]:
    """Limits in the same units; the study's own hold where the laboratory reported in its units and no limits."""
    low, high = number_of(row, measured.lower), number_of(row, measured.upper)
    if row.text(measured.unit) != row.text(AS_STANDARD.unit):
        return low, high
    return (
        number_of(row, AS_STANDARD.lower) if low is None else low,
        number_of(row, AS_STANDARD.upper) if high is None else high,
    )


def _fitting(units: Units, rows: Sequence[ClinicalRecord]) -> Units:
    """The units that a test can be shown in: as reported only where every number has the same reported unit."""
    measured = [row for row in rows if row.number("LBSTRESN") is not None]
    is_of_one_unit = len({row.text(AS_REPORTED.unit) for row in measured}) <= 1
    is_reported = is_of_one_unit and all(_is_whole_as_reported(row) for row in measured)
    return Units.STANDARD if units is Units.REPORTED and not is_reported else units


def _is_whole_as_reported(row: ClinicalRecord) -> bool:
    """Whether a result was reported as a number with its unit, and no limit is known in standard units alone."""
    limits = zip(_limits(row, AS_REPORTED), _limits(row, AS_STANDARD), strict=True)
    return as_told(row) is AS_REPORTED and all(own is not None or other is None for own, other in limits)


def laboratory_tests(twin: Twin, units: Units) -> list[LabTest]:
    """Every test of the subject by category, those with key tests first, and within one key tests first."""
    found: dict[tuple[str, str, str], list[ClinicalRecord]] = {}
    for row in twin.rows("LB"):
        key = (row.text("LBCAT") or "", specimen_of(row), row.text("LBTESTCD") or "")
        found.setdefault(key, []).append(row)
    tests = [
        LabTest(category, specimen, code, _named(code, specimen, rows[-1]), tuple(rows), _fitting(units, rows))
        for (category, specimen, code), rows in found.items()
    ]
    first: dict[str, int] = {}
    for test in tests:
        first[test.category] = min(test.rank, first.get(test.category, test.rank))
    return sorted(tests, key=lambda test: (first[test.category], test.category, test.rank, test.name))


def _named(code: str, specimen: str, row: ClinicalRecord) -> str:
    """A test by its name, and by its specimen where that is not blood and the category does not say it."""
    name = test_name(code, row.text("LBTEST"))
    says_specimen = specimen == BLOOD or (row.text("LBCAT") or "").upper().startswith(specimen[:4])
    return name if says_specimen else f"{name}, {inline(specimen)}"


def category_name(category: str) -> str:
    """A category in words."""
    return heading(category) if category else _("Without category")


def series_of(test: LabTest, addresses: Addresses) -> LabSeries:
    """What is drawn of a test: its numeric results in its latest unit that have a date."""
    return LabSeries(test.name, unit(test.unit), tuple(_points(test, addresses)))


def flag_of(row: ClinicalRecord) -> Flag:
    """Whether a result is outside the reference range of its own sample, and on which side."""
    return _FLAGS[out_of_range(row)]


def range_words(reading: Reading) -> str:
    """The reference range of a sample in words; empty where it has none."""
    low, high = reading.low, reading.high
    if low is not None and high is not None:
        return _("range %(low)s to %(high)s") % {"low": number(low), "high": number(high)}
    if high is not None:
        return _("range to %(high)s") % {"high": number(high)}
    return _("range from %(low)s") % {"low": number(low)} if low is not None else ""


def collected_on(row: ClinicalRecord) -> date | None:
    """The day a sample was taken, as far as it is known; None without a whole date."""
    found = partial(row.text("LBDTC"))
    return found.first_day if found is not None and found.is_full else None


def span_of_results(tests: Sequence[LabTest]) -> tuple[date, date] | None:
    """First and last day of any result, the axis that all tests share."""
    days = [day for test in tests for row in test.rows if (day := collected_on(row)) is not None]
    return (min(days), max(days)) if days else None


def _points(test: LabTest, addresses: Addresses) -> Iterator[LabPoint]:
    for row in test.rows:
        on, reading = collected_on(row), test.reading(row)
        if on is None or reading.value is None or reading.unit != test.unit:
            continue
        flag = flag_of(row)
        times = times_upper_limit(row) if test.units is not Units.ULN else None
        parts = (reading.words, flag, multiple(times) if times is not None and flag == "high" else "")
        yield LabPoint(
            on=on,
            value=reading.value,
            low=reading.low,
            high=reading.high,
            flag=flag,
            label=", ".join(part for part in parts if part),
            target=addresses.target(row.id, reading.variable),
            is_censored=(row.text("LBORRES") or "").startswith(("<", ">")),
        )


def day_heading(on: date) -> str:
    """A day of collection as a column head."""
    return parse(on.isoformat()).first_day.strftime("%d %b %Y")
