"""Names for marks: the dates of a period and its study day, as people read them aloud."""

from datetime import date

from apps.studies.domain.dates import PartialDate, display, study_day
from apps.twins.domain.drawing.timeline_input import Period, TimelineWords


def period_in_words(period: Period, words: TimelineWords) -> str:
    """``09 to 11 May 2013``, ``24 May 2013, ongoing``, ``May 2013, end not recorded``."""
    start, end = period.start, period.end
    if start is None:
        began = words.start_not_recorded
    elif end is not None:
        return _range(start, end, words)
    else:
        began = day_in_words(start)
    if end is not None:
        return f"{began}, {words.to} {day_in_words(end)}"
    return f"{began}, {words.ongoing if period.is_ongoing else words.end_not_recorded}"


def day_in_words(on: PartialDate) -> str:
    """A date without its time, as far as it is known."""
    return display(on.text).partition(",")[0]


def name_of(label: str, period: Period, day_one: date | None, words: TimelineWords) -> str:
    """``Fatigue, mild, 09 to 11 May 2013, day 14``; the day only where the start is a whole date."""
    parts = [label, period_in_words(period, words)]
    if day_one is not None and period.start is not None and period.start.is_full:
        parts.append(f"{words.day} {study_day(period.start.first_day, day_one)}")
    return ", ".join(parts)


def on_in_words(on: date, day_one: date | None, words: TimelineWords) -> str:
    """``09 May 2013, day 14``; without the day where the reference start is not known."""
    text = display(on.isoformat())
    return text if day_one is None else f"{text}, {words.day} {study_day(on, day_one)}"


def _range(start: PartialDate, end: PartialDate, words: TimelineWords) -> str:
    began, ended = day_in_words(start), day_in_words(end)
    if began == ended:
        return ended
    if start.is_full and end.is_full:
        began = _without_repeated_part(start.first_day, end.first_day, began)
    return f"{began} {words.to} {ended}"


def _without_repeated_part(start: date, end: date, began: str) -> str:
    """``09`` within a month, ``28 May`` within a year: what the end says again is left out."""
    if (start.year, start.month) == (end.year, end.month):
        return began[:2]
    return began[:6] if start.year == end.year else began
