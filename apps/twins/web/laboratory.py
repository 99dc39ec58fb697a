"""The laboratory panel: small multiples by category, key tests first, and the same results as tables."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from apps.studies.domain.clinical.laboratory import peak_of, times_upper_limit
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.twins.domain.drawing.laboratory import Flag, draw_laboratory
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.laboratory_source import (
    HIGH_MATTERS,
    LabTest,
    Units,
    category_name,
    collected_on,
    day_heading,
    flag_of,
    laboratory_tests,
    range_words,
    series_of,
    span_of_results,
)
from apps.twins.web.scope import SubjectView
from apps.twins.web.timeline import svg
from apps.twins.web.words import NO_BREAK, multiple, short_day, unit


@dataclass(frozen=True, slots=True)
class Multiple:
    """One test: its latest value in words, and its course as a chart."""

    name: str
    flag: Flag
    has_range: bool
    latest: Shown
    against: Shown | None
    note: str
    chart: str


@dataclass(frozen=True, slots=True)
class LabTableRow:
    """One test over all days of collection; a cell is empty where no sample was taken on that day."""

    name: str
    unit: str
    cells: tuple[tuple[Shown, ...], ...]


@dataclass(frozen=True, slots=True)
class LabCategory:
    """The tests of one category that are shown, of how many."""

    id: str
    name: str
    multiples: tuple[Multiple, ...]
    days: tuple[str, ...]
    rows: tuple[LabTableRow, ...]
    shown_count: int
    test_count: int
    last_on: str


class LaboratoryPanel(SubjectView):
    """Laboratory results against the reference range of each sample."""

    template_name = "twins/laboratory.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Key tests, or every test of every category; every test too where the subject has none of the key tests."""
        asked = self.request.GET.get("units", "")
        units = Units(asked) if asked in set(Units) else Units.REPORTED
        tests = laboratory_tests(self.twin, units)
        is_all = self.request.GET.get("lab") == "all" or not any(test.is_key for test in tests)
        return {
            "categories": list(_categories(tests, self.addresses, is_all=is_all)),
            "is_received": self.is_received("LB"),
            "is_all": is_all,
            "other_tests": self._way(units, is_all=not is_all),
            "units": [(words, self._way(each, is_all=is_all), each is units) for each, words in _units_in_words()],
        }

    def _way(self, units: Units, *, is_all: bool) -> tuple[str, str]:
        """Address of the page, and of the panel alone, with other tests or other units."""
        query = {"lab": "all"} if is_all else {}
        # The usual choice stays out of the address, so that one view has one address.
        query |= {"units": str(units)} if units is not Units.REPORTED else {}
        page = self.addresses.page()
        joined = f"{page}{'&' if '?' in page else '?'}{urlencode(query)}" if query else page
        return joined, self.addresses.panel("twin-laboratory", **query)


def _units_in_words() -> list[tuple[Units, str]]:
    return [(Units.REPORTED, _("As reported")), (Units.STANDARD, _("Standard units")), (Units.ULN, _("× ULN"))]


def _categories(tests: Sequence[LabTest], addresses: Addresses, *, is_all: bool) -> Iterator[LabCategory]:
    span = span_of_results(tests)
    for name, group in groupby(tests, key=lambda test: test.category):
        members = list(group)
        shown = members if is_all else [test for test in members if test.is_key]
        if shown and span is not None:
            yield _category(name, members, shown, span, addresses)


def _category(
    name: str, members: Sequence[LabTest], shown: Sequence[LabTest], span: tuple[date, date], addresses: Addresses
) -> LabCategory:
    days = sorted({on for test in shown for row in test.rows if (on := collected_on(row)) is not None})
    return LabCategory(
        id=f"laboratory-{name.lower() or 'none'}".replace(" ", "-"),
        name=category_name(name),
        multiples=tuple(_multiple(test, span, addresses) for test in shown if test.is_numeric),
        days=tuple(day_heading(on) for on in days),
        rows=tuple(_table_row(test, days, addresses) for test in shown),
        shown_count=len(shown),
        test_count=len(members),
        last_on=day_heading(days[-1]) if days else "",
    )


def _multiple(test: LabTest, span: tuple[date, date], addresses: Addresses) -> Multiple:
    latest = test.latest
    flag, reading = flag_of(latest), test.reading(latest)
    return Multiple(
        name=test.name,
        flag=flag,
        has_range=bool(range_words(reading)),
        latest=addresses.shown(reading.words, latest.id, reading.variable),
        against=None if test.units is Units.ULN else _against(test, latest, flag, addresses),
        note=_note(test, latest),
        chart=svg(draw_laboratory(series_of(test, addresses), *span)),
    )


def _against(test: LabTest, row: ClinicalRecord, flag: Flag, addresses: Addresses) -> Shown | None:
    """The latest value as a multiple of the limit that matters; None where neither does."""
    times = times_upper_limit(row)
    if times is not None and (test.code in HIGH_MATTERS or flag == "high"):
        return addresses.shown(multiple(times), row.id, "times_uln", outside=flag if flag == "high" else "")
    value, low = row.number("LBSTRESN"), row.number("LBSTNRLO")
    if flag == "low" and value is not None and low:
        words = f"{value / low:.2f}{NO_BREAK}× {_('lower limit')}"
        return addresses.shown(words, row.id, "LBSTNRLO", outside="low")
    return None


def _note(test: LabTest, latest: ClinicalRecord) -> str:
    """The peak where high values matter, else the range of the latest sample."""
    peak = peak_of(test.rows)
    if test.code not in HIGH_MATTERS or peak is None:
        told = range_words(test.reading(latest))
        return f"{told} {unit(test.unit)}".strip() if told else ""
    if not peak.is_above_limit:
        return _("never above ULN")
    words = {"multiple": multiple(peak.multiple), "day": short_day(peak.row.text("LBDTC"))}
    return _("peak %(multiple)s on %(day)s") % words


def _table_row(test: LabTest, days: Sequence[date], addresses: Addresses) -> LabTableRow:
    by_day: dict[date | None, list[ClinicalRecord]] = {}
    for row in test.rows:
        by_day.setdefault(collected_on(row), []).append(row)
    cells = (tuple(_cell(row, test, addresses) for row in by_day.get(on, ())) for on in days)
    return LabTableRow(test.name, unit(test.unit), tuple(cells))


def _cell(row: ClinicalRecord, test: LabTest, addresses: Addresses) -> Shown:
    """One result; its unit only where it differs from the unit in the row's head."""
    reading = test.reading(row)
    own = unit(reading.unit)
    value = reading.words.removesuffix(f"{NO_BREAK}{own}") if own == unit(test.unit) else reading.words
    return addresses.shown(value, row.id, reading.variable, outside=flag_of(row))
