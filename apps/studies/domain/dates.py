"""Partial ISO 8601 dates as SDTM writes them (SDTMIG 3.4, 4.4.1 and 4.4.2), with honest bounds.

A date is never completed or converted to UTC: what is not known stays unknown, and only its bounds are computed.
"""

import calendar
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import lru_cache
from typing import Final

from apps.core.domain.errors import InvalidInputError

_EXPECTED: Final = "an ISO 8601 date as far as it is known, such as 2013-06-02T08:40, 2013-06-02, 2013-06 or 2013"
# The longest that SDTM has: an interval of two instants with zones, and fractions of a second as long as one likes.
_MOST_CHARACTERS: Final = 100
_MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_HOUR, _SIXTY = "(?:[01][0-9]|2[0-3]|-)", "(?:[0-5][0-9]|-)"
_ZONE: Final = re.compile(r"(?:Z|[+-][0-9]{2}:[0-9]{2})\Z")
_PATTERN: Final = re.compile(
    r"(?P<year>[0-9]{4}|-)(?:-(?P<month>[0-9]{2}|-)(?:-(?P<day>[0-9]{2}|-))?)?"
    rf"(?:T(?P<time>{_HOUR}(?::{_SIXTY}(?::(?:[0-5][0-9](?:\.[0-9]+)?|-))?)?(?:Z|[+-][01][0-9]:[0-5][0-9])?))?"
)


class InvalidDateError(InvalidInputError):
    """A text that SDTM does not allow as a date."""

    title = "Not a date"
    kind = "invalid-date"

    def __init__(self, got: str, expected: str = _EXPECTED) -> None:
        shown = got if len(got) <= _MOST_CHARACTERS else f"{got[:_MOST_CHARACTERS]}…"
        super().__init__(f"Got {shown!r}, expected {expected}.", extra={"got": shown, "expected": expected})
        self.got = got
        self.expected = expected


class Precision(StrEnum):
    """The finest part of a date that is known without a gap before it."""

    UNKNOWN = "unknown"
    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    TIME = "time"


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as far as it is known; ``end`` is the second date of an interval."""

    text: str
    year: int | None
    month: int | None
    day: int | None
    time: str | None
    first_day: date
    last_day: date
    end: "PartialDate | None" = None

    @property
    def precision(self) -> Precision:
        """The finest part that is known without a gap before it; a masked year makes it unknown."""
        if self.year is None:
            return Precision.UNKNOWN
        if self.month is None:
            return Precision.YEAR
        if self.day is None:
            return Precision.MONTH
        return Precision.DAY if self.time is None else Precision.TIME

    @property
    def is_dated(self) -> bool:
        """Whether the years are known, so that the bounds say something."""
        return self.year is not None and (self.end is None or self.end.year is not None)

    @property
    def is_full(self) -> bool:
        """Whether exactly one day is meant."""
        return self.first_day == self.last_day


def parse(text: str) -> PartialDate:
    """Read a partial date, an interval ``start/end`` or a form masked with hyphens; InvalidDateError otherwise."""
    # Before the cache, which would else keep endless texts.
    if len(text) > _MOST_CHARACTERS:
        raise InvalidDateError(text)
    return _parsed(text)


@lru_cache(maxsize=65536)
def _parsed(text: str) -> PartialDate:
    start_text, slash, end_text = text.partition("/")
    start = _parse_one(start_text, text)
    if not slash:
        return start
    end = _parse_one(end_text, text)
    # Only where no reading of the partial ends is in order; others may be true.
    if start.first_day > end.last_day:
        raise InvalidDateError(text, "an interval that does not end before it starts")
    return PartialDate(text, start.year, start.month, start.day, start.time, start.first_day, end.last_day, end)


def study_day(on: date, reference: date) -> int:
    """Study day of a date: 1 on the reference date, -1 the day before; there is no day 0 (SDTMIG 4.4.4)."""
    difference = (on - reference).days
    return difference + 1 if difference >= 0 else difference


def sort_key(text: str) -> tuple[date, date, str]:
    """Key that sorts date texts by when they can first have happened; the vaguer later, blank texts last."""
    if not text:
        return date.max, date.max, ""
    parsed = parse(text)
    return parsed.first_day, parsed.last_day, parsed.time or ""


def display(text: str) -> str:
    """A date as people read it: ``02 Jun 2013, 08:40 site time``, ``Jun 2013``; masked parts say they are not known."""
    parsed = parse(text)
    if parsed.end is not None:
        start, _, end = text.partition("/")
        return f"{display(start)} to {display(end)}"
    return f"{_display_day(parsed)}, {_display_time(parsed.time)}" if parsed.time else _display_day(parsed)


def _display_time(time: str) -> str:
    """A time with its zone; without one it is of the clock at the site (SDTMIG 4.4.1: zones are rarely collected)."""
    zone = _ZONE.search(time)
    if zone is None:
        return f"{time} site time"
    return f"{time[: zone.start()]} UTC{zone[0].removeprefix('Z')}"


def display_days(text: str) -> str:
    """A date as people read it, without the time of day; of an interval both ends."""
    start, slash, end = text.partition("/")
    return f"{display_days(start)} to {display_days(end)}" if slash else _display_day(parse(text))


def _parse_one(text: str, whole: str) -> PartialDate:
    found = _PATTERN.fullmatch(text)
    if found is None or _ends_in_mask(found):
        raise InvalidDateError(whole)
    year, month, day = (_number(found[part]) for part in ("year", "month", "day"))
    if year == 0 or (month is not None and not 1 <= month <= 12):
        raise InvalidDateError(whole, "a year from 0001 and a month from 01 to 12")
    longest = _days_in(year, month)
    if day is not None and not 1 <= day <= longest:
        raise InvalidDateError(whole, f"a day from 01 to {longest} in that month")
    first, last = _bounds(year, month, day)
    return PartialDate(text, year, month, day, found["time"], first, last)


def _ends_in_mask(found: re.Match[str]) -> bool:
    """Whether the last part is masked; SDTM masks only what stands before a known part and leaves out the rest."""
    if found["time"] is not None:
        return found["day"] is None or found["time"].endswith("-")
    return next(part for part in (found["day"], found["month"], found["year"]) if part is not None) == "-"


def _number(part: str | None) -> int | None:
    return None if part is None or part == "-" else int(part)


def _days_in(year: int | None, month: int | None) -> int:
    """Most days the month can have; a masked year may be a leap year, a masked month may have 31 days."""
    if month is None:
        return 31
    return calendar.monthrange(2000 if year is None else year, month)[1]


def _bounds(year: int | None, month: int | None, day: int | None) -> tuple[date, date]:
    if year is None:
        return date.min, date.max
    possible = [m for m in range(1, 13) if month in (None, m) and (day or 1) <= _days_in(year, m)]
    first, last = possible[0], possible[-1]
    return date(year, first, day or 1), date(year, last, day or _days_in(year, last))


def _display_day(parsed: PartialDate) -> str:
    if parsed.year is None and parsed.month is None and parsed.day is None:
        return "date not known"
    year = "(year not known)" if parsed.year is None else str(parsed.year)
    month = "" if parsed.month is None else _MONTHS[parsed.month - 1]
    if parsed.day is None:
        return f"{month} {year}".strip()
    return f"{parsed.day:02d} {month or '(month not known)'} {year}"
