"""Dates and times of formats that have types for them, as the text that was meant: no time of day nobody recorded."""

from collections.abc import Sequence
from datetime import datetime, time


def without_midnights(values: Sequence[object]) -> list[object]:
    """A column with its moments as dates where every one is midnight: what wrote it had no type for a date alone."""
    moments = [value for value in values if isinstance(value, datetime)]
    if not moments or any(moment.time() != time(0) or moment.tzinfo is not None for moment in moments):
        return list(values)
    return [value.date() if isinstance(value, datetime) else value for value in values]


def spelled_time(moment: time) -> str:
    """A time of day as ISO 8601, to the minute where it has no seconds."""
    return moment.isoformat("minutes" if not moment.second and not moment.microsecond else "auto")
