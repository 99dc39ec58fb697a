"""The key under a timeline: only the signs that this subject's timeline holds, each with its words."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.twins.domain.drawing.bars import began_before, goes_on
from apps.twins.domain.drawing.frame import WIDE, plot_of
from apps.twins.domain.drawing.shapes import Box, Drawing, Line, Polygon, Shape, Words
from apps.twins.domain.drawing.timeline_input import Period, TimelineInput

_WIDTH: Final = 22.0
_HEIGHT: Final = 14.0
_MIDDLE: Final = _HEIGHT / 2


@dataclass(frozen=True, slots=True)
class LegendEntry:
    """A sign (22 by 14 px, decoration) and the words that say what it means."""

    sign: Drawing
    text: str


def legend_of(data: TimelineInput) -> tuple[LegendEntry, ...]:
    """The entries of the key in the order of the lanes; empty when the timeline holds no sign that needs one."""
    return tuple(
        LegendEntry(Drawing(text, "legend__sign", _WIDTH, _HEIGHT, shapes), text) for text, shapes in _entries(data)
    )


def _entries(data: TimelineInput) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    words = data.words
    yield from _severities(data)
    if any(event.is_serious for event in data.events):
        square = Box(5, 1, 12, 12, "serious-ground")
        yield words.serious, (square, Words(11, 10.5, "S", "serious-letter", "middle", size=10.5))
    yield from _extents(data)
    if any(visit.is_unscheduled for visit in data.visits):
        yield words.unscheduled, (Polygon(((11, 1), (16, 7), (11, 13), (6, 7)), "visit-unscheduled"),)
    if data.selected_on is not None:
        yield words.selected, (Line(11, 0, 11, _HEIGHT, "guide-onset"),)
    if data.ended_on is not None:
        yield words.ended, (Line(11, 0, 11, _HEIGHT, "guide-end"),)


def _severities(data: TimelineInput) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    words = data.words
    used = {segment.severity for event in data.events for segment in event.segments}
    texts = {"mild": words.mild, "moderate": words.moderate, "severe": words.severe}
    for severity, text in texts.items():
        if severity in used:
            yield text, (Box(1, _MIDDLE - 4, 20, 8, f"severity-{severity}"),)


def _extents(data: TimelineInput) -> Iterator[tuple[str, tuple[Shape, ...]]]:
    # Either frame would do: both begin on the same day, and that is all that is asked of the plot.
    words, plot = data.words, plot_of(data, WIDE)
    periods = [*(event.period for event in data.events), *(medication.period for medication in data.medications)]
    if any(_is_uncertain(period, plot.scale.first) for period in periods):
        yield words.partial, (Box(1, _MIDDLE - 4, 20, 8, "medication partial"),)
    if any(goes_on(period) for period in periods):
        yield words.ongoing, (Polygon(((7, 2), (15, 7), (7, 12)), "arrow-medication"),)
    if any(began_before(period, plot) for period in periods):
        yield words.began_before, (Polygon(((15, 2), (7, 7), (15, 12)), "arrow-medication"),)


def _is_uncertain(period: Period, first_shown: date) -> bool:
    """Whether a bound is a month or a year of which a part is shown."""
    return any(
        bound is not None and not bound.is_full and bound.last_day >= first_shown
        for bound in (period.start, period.end)
    )
