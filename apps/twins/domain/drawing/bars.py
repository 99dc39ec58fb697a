"""Bars over time: solid where the day is known, dashed where only month or year is, arrows where they go on."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from apps.twins.domain.drawing.frame import BEFORE, Plot
from apps.twins.domain.drawing.labels import place
from apps.twins.domain.drawing.scale import TimeScale
from apps.twins.domain.drawing.shapes import Box, Mark, Polygon, Shape, Target
from apps.twins.domain.drawing.timeline_input import Period

ARROW: Final = 8.0
_THINNEST: Final = 3.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of a bar with its own colour."""

    period: Period
    css: str


@dataclass(frozen=True, slots=True)
class Bar:
    """What one row shows: its stretches (later ones lie over earlier ones), its label and where it leads."""

    name: str
    label: str
    period: Period
    stretches: tuple[Stretch, ...]
    arrow_css: str
    thickness: float
    target: Target
    is_serious: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A bar drawn: one link, and the height it took."""

    mark: Mark
    height: float


def draw_row(bar: Bar, plot: Plot, top: float, row_height: float) -> Row:
    """Draw a bar and its label in a row that begins at top; a label above the bar makes the row higher."""
    left, right = extent(bar.period, plot)
    label = place(bar.label, left, right, plot.frame, is_serious=bar.is_serious)
    middle = top + label.height + row_height / 2
    y = middle - bar.thickness / 2
    shapes = (
        *(piece for stretch in bar.stretches for piece in pieces(stretch, plot, y, bar.thickness)),
        *arrows(bar.period, plot, middle, bar.arrow_css),
        *label.shapes(top, middle),
    )
    return Row(Mark(bar.name, bar.target, shapes), label.height + row_height)


def extent(period: Period, plot: Plot) -> tuple[float, float]:
    """From where to where a bar and its arrows reach, in px."""
    left = plot.scale.left - BEFORE if began_before(period, plot) else plot.scale.begin(_first_day(period, plot))
    right = plot.scale.end(_last_day(period, plot)) + (ARROW if goes_on(period) else 0)
    return left, max(right, left + _THINNEST)


def began_before(period: Period, plot: Plot) -> bool:
    """Whether a period surely or possibly began before the first day shown."""
    return period.start is not None and period.start.first_day < plot.scale.first


def goes_on(period: Period) -> bool:
    """Whether a period is known to continue after the last day known."""
    return period.is_ongoing and period.end is None


def pieces(stretch: Stretch, plot: Plot, y: float, thickness: float) -> tuple[Shape, ...]:
    """The boxes of a stretch: an uncertain beginning, what is certain, an uncertain end."""
    first, last = _first_day(stretch.period, plot), _last_day(stretch.period, plot)
    # Without a start nothing before the last day is certain.
    sure_from = stretch.period.start.last_day if stretch.period.start else last
    sure_to = _sure_to(stretch.period, plot)
    if sure_from > sure_to:
        return (_box(plot.scale, first, last, y, thickness, f"{stretch.css} partial"),)
    scale = plot.scale
    return (
        *_unsure(scale.begin(first), scale.begin(sure_from), y, thickness, stretch.css),
        _box(scale, sure_from, sure_to, y, thickness, stretch.css),
        *_unsure(scale.end(sure_to), scale.end(last), y, thickness, stretch.css),
    )


def arrows(period: Period, plot: Plot, middle: float, css: str) -> tuple[Shape, ...]:
    """Arrow heads: to the right for what goes on, to the left for what began before the axis."""
    heads: list[Shape] = []
    if began_before(period, plot):
        heads.append(_head(plot.scale.left, plot.scale.left - ARROW, middle, css))
    if goes_on(period):
        heads.append(_head(plot.scale.right, plot.scale.right + ARROW, middle, css))
    return tuple(heads)


def _first_day(period: Period, plot: Plot) -> date:
    return period.start.first_day if period.start else plot.scale.first


def _last_day(period: Period, plot: Plot) -> date:
    """The last day that a period can have had: without an end it stops with the subject, unless known to go on."""
    if period.end is not None:
        return period.end.last_day
    ended = plot.data.ended_on
    if period.is_ongoing or ended is None:
        return plot.scale.last
    return max(min(ended, plot.scale.last), _first_day(period, plot))


def _sure_to(period: Period, plot: Plot) -> date:
    """Last day on which the period certainly still was: an end not recorded leaves only the days of its start."""
    if period.end is not None:
        return period.end.first_day
    if period.is_ongoing:
        return plot.scale.last
    return period.start.last_day if period.start else plot.scale.first


def _box(scale: TimeScale, first: date, last: date, y: float, thickness: float, css: str) -> Box:
    left, right = scale.begin(first), scale.end(last)
    # At the right edge the thinnest box would stand outside the plot.
    left = min(left, scale.right - _THINNEST)
    return Box(left, y, max(right - left, _THINNEST), thickness, css)


def _unsure(left: float, right: float, y: float, thickness: float, css: str) -> tuple[Shape, ...]:
    return (Box(left, y, right - left, thickness, f"{css} partial"),) if right > left else ()


def _head(base: float, tip: float, middle: float, css: str) -> Polygon:
    return Polygon(((base, middle - 5), (tip, middle), (base, middle + 5)), css)
