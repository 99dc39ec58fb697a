"""Laboratory results of a twin as series: one per test, in its latest unit, each sample with its own range."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.laboratory import Flag, LabPoint, LabSeries
from apps.twins.domain.facts import times_upper_limit
from apps.twins.domain.rows import RowNode
from apps.twins.domain.spans import partial
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses
from apps.twins.web.words import number, sentence, test_name, unit, with_unit

# What is looked at first in each category, in this order.
KEY_TESTS: Final[Mapping[str, tuple[str, ...]]] = {
    "CHEMISTRY": ("ALT", "AST", "ALP", "BILI", "GGT", "CREAT"),
    "HEMATOLOGY": ("HGB", "WBC", "PLAT", "NEUT", "LYM", "RBC"),
}
# Tests of which only high values matter, so that a multiple of the upper limit says something.
HIGH_MATTERS: Final = frozenset({"ALT", "AST", "ALP", "BILI", "GGT", "CREAT", "CK", "UREAN", "URATE", "CHOL", "LDH"})


@dataclass(frozen=True, slots=True)
class LabTest:
    """One test of one category: its results in date order."""

    category: str
    code: str
    name: str
    rows: tuple[RowNode, ...]

    @property
    def latest(self) -> RowNode:
        """The last result by date."""
        return self.rows[-1]

    @property
    def unit(self) -> str:
        """The unit of the latest result; results in another unit are not drawn on the same scale."""
        return self.latest.text("LBSTRESU") or ""

    @property
    def is_numeric(self) -> bool:
        """Whether there is anything to draw."""
        return any(row.number("LBSTRESN") is not None for row in self.rows)


def laboratory_tests(twin: Twin) -> list[LabTest]:
    """Every test of the subject, key tests of each category first, then by name."""
    found: dict[tuple[str, str], list[RowNode]] = {}
    for row in twin.rows("LB"):
        key = (row.text("LBCAT") or "", row.text("LBTESTCD") or "")
        found.setdefault(key, []).append(row)
    tests = (
        LabTest(category, code, test_name(code, rows[-1].text("LBTEST")), tuple(rows))
        for (category, code), rows in found.items()
    )
    return sorted(tests, key=lambda test: (_category_order(test.category), _rank(test), test.name))


def category_name(category: str) -> str:
    """A category in words."""
    return sentence(category) if category else _("Without category")


def series_of(test: LabTest, addresses: Addresses) -> LabSeries:
    """What is drawn of a test: its numeric results in its latest unit that have a date."""
    return LabSeries(test.name, unit(test.unit), tuple(_points(test, addresses)))


def flag_of(row: RowNode) -> Flag:
    """Whether a result is outside the reference range of its own sample.

    The laboratory's own LBNRIND decides, for limits converted to standard units are rounded; without it, the limits.
    """
    indicator = (row.text("LBNRIND") or "").upper()
    if indicator:
        return "high" if indicator.startswith("H") else "low" if indicator.startswith("L") else ""
    value, low, high = (row.number(name) for name in ("LBSTRESN", "LBSTNRLO", "LBSTNRHI"))
    if value is not None and high is not None and value > high:
        return "high"
    return "low" if value is not None and low is not None and value < low else ""


def result_words(row: RowNode) -> str:
    """A result with its unit; a result that is not a number as it was reported."""
    value = row.values.get("LBSTRESN", row.values.get("LBSTRESC", row.values.get("LBORRES")))
    return with_unit(value, row.text("LBSTRESU"))


def range_words(row: RowNode) -> str:
    """The reference range of a sample in words; empty where it has none."""
    low, high = row.number("LBSTNRLO"), row.number("LBSTNRHI")
    if low is not None and high is not None:
        return _("range %(low)s to %(high)s") % {"low": number(low), "high": number(high)}
    if high is not None:
        return _("range to %(high)s") % {"high": number(high)}
    return _("range from %(low)s") % {"low": number(low)} if low is not None else ""


def collected_on(row: RowNode) -> date | None:
    """The day a sample was taken, as far as it is known; None without a whole date."""
    found = partial(row.text("LBDTC"))
    return found.first_day if found is not None and found.is_full else None


def span_of_results(tests: Sequence[LabTest]) -> tuple[date, date] | None:
    """First and last day of any result, the axis that all tests share."""
    days = [day for test in tests for row in test.rows if (day := collected_on(row)) is not None]
    return (min(days), max(days)) if days else None


def _points(test: LabTest, addresses: Addresses) -> Iterator[LabPoint]:
    for row in test.rows:
        on, value = collected_on(row), row.number("LBSTRESN")
        if on is None or value is None or (row.text("LBSTRESU") or "") != test.unit:
            continue
        flag = flag_of(row)
        multiple = times_upper_limit(row)
        parts = (result_words(row), flag, f"{multiple:.2f} × ULN" if multiple is not None and flag == "high" else "")
        yield LabPoint(
            on=on,
            value=float(value),
            low=_limit(row, "LBSTNRLO"),
            high=_limit(row, "LBSTNRHI"),
            flag=flag,
            label=", ".join(part for part in parts if part),
            target=addresses.target(row.id, "LBSTRESN"),
            is_censored=(row.text("LBORRES") or "").startswith(("<", ">")),
        )


def _limit(row: RowNode, name: str) -> float | None:
    limit = row.number(name)
    return None if limit is None else float(limit)


def _category_order(category: str) -> tuple[int, str]:
    known = list(KEY_TESTS)
    return (known.index(category) if category in known else len(known), category)


def _rank(test: LabTest) -> int:
    keys = KEY_TESTS.get(test.category, ())
    return keys.index(test.code) if test.code in keys else len(keys)


def peak_of(test: LabTest) -> tuple[float, RowNode] | None:
    """The highest multiple of the upper limit and its sample; the earlier of two equal ones."""
    multiples = [(multiple, row) for row in test.rows if (multiple := times_upper_limit(row)) is not None]
    return max(multiples, key=lambda found: found[0], default=None)


def day_heading(on: date) -> str:
    """A day of collection as a column head."""
    return parse(on.isoformat()).first_day.strftime("%d %b %Y")
