"""Spans of days with honest bounds for partial and open dates."""

from dataclasses import dataclass
from datetime import date

from apps.studies.domain.dates import InvalidDateError, PartialDate, parse, study_day


@dataclass(frozen=True, slots=True)
class Span:
    """First and last possible day; None where the beginning or the end is not known."""

    first: date | None
    last: date | None

    def overlaps(self, other: "Span") -> bool:
        """Whether the two may share a day; an unknown bound does not exclude it."""
        starts_in_time = self.first is None or other.last is None or self.first <= other.last
        return starts_in_time and (other.first is None or self.last is None or other.first <= self.last)


def partial(text: str | None) -> PartialDate | None:
    """The partial date of an SDTM text, or None where it is absent or cannot be read."""
    if not text:
        return None
    try:
        return parse(text)
    except InvalidDateError:
        return None


def full_day(text: str | None) -> date | None:
    """The day of a complete date; None for a partial one, which is never completed by guessing."""
    found = partial(text)
    return found.first_day if found is not None and found.first_day == found.last_day else None


def span_of(start: str | None, end: str | None) -> Span:
    """Span of days from the first possible day of the start to the last possible day of the end."""
    began, ended = partial(start), partial(end)
    return Span(began.first_day if began else None, ended.last_day if ended else None)


def day_number(on: str | None, reference: str | None) -> int | None:
    """Study day (day 1 is the reference, no day 0; SDTMIG 4.4.4) where both dates are complete."""
    day, day_one = full_day(on), full_day(reference)
    return study_day(day, day_one) if day is not None and day_one is not None else None


def duration_days(start: str | None, end: str | None) -> int | None:
    """Days from start to end, both counted, where both dates are complete and in order."""
    first, last = full_day(start), full_day(end)
    return (last - first).days + 1 if first is not None and last is not None and last >= first else None
