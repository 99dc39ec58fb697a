"""What lies behind the lanes of a timeline: months, study days, guide lines, the time after the last day known."""

from datetime import date
from typing import Final

from apps.twins.domain.drawing.frame import Plot
from apps.twins.domain.drawing.scale import months_between, study_day_ticks
from apps.twins.domain.drawing.shapes import Box, Line, Shape, Words
from apps.twins.domain.drawing.text import width_of

HEAD: Final = 40.0
_SMALL: Final = 11.0
_MONTH_BASE: Final = 13.0
_DAY_BASE: Final = 31.0


def background(plot: Plot, height: float) -> tuple[Shape, ...]:
    """Everything behind the lanes, from the head down to a height in px."""
    data, scale = plot.data, plot.scale
    after = Box(scale.right, HEAD, plot.frame.width - scale.right, height - HEAD, "after-data")
    axis = Line(plot.frame.plot_left, HEAD, plot.frame.width, HEAD, "axis")
    return (
        after,
        *_months(plot, height),
        axis,
        *_study_days(plot),
        *_guide(plot, data.selected_on, height, "guide-onset", at_end=False),
        *_guide(plot, data.ended_on, height, "guide-end", at_end=True),
    )


def _months(plot: Plot, height: float) -> tuple[Shape, ...]:
    shapes: list[Shape] = []
    free_from, written = plot.frame.plot_left, "%b %y" if plot.frame.is_narrow else "%b %Y"
    for month in months_between(plot.scale.first, plot.scale.last):
        x, text = plot.scale.begin(month), month.strftime(written)
        shapes.append(Line(x, HEAD, x, height, "guide-month"))
        width = width_of(text, _SMALL)
        if x >= free_from and x + 4 + width <= plot.frame.width:
            shapes.append(Words(x + 4, _MONTH_BASE, text, "tick", size=_SMALL))
            free_from = x + 4 + width + 6
    return tuple(shapes)


def _study_days(plot: Plot) -> tuple[Shape, ...]:
    if plot.data.day_one is None:
        return ()
    shapes: list[Shape] = []
    for day, on in study_day_ticks(plot.scale, plot.data.day_one, plot.frame.tick_gap):
        x = plot.scale.middle(on)
        text = plot.data.words.day_one if day == 1 else str(day)
        half = width_of(text, _SMALL) / 2
        middle = min(max(x, plot.frame.plot_left + half), plot.frame.width - half)
        shapes.append(Line(x, HEAD - 4, x, HEAD, "axis"))
        shapes.append(Words(middle, _DAY_BASE, text, "tick", "middle", size=_SMALL))
    return tuple(shapes)


def _guide(plot: Plot, on: date | None, height: float, css: str, *, at_end: bool) -> tuple[Shape, ...]:
    if on is None:
        return ()
    # The last day was still one in the study, so its line stands where the day ends.
    x = plot.scale.end(on) if at_end else plot.scale.begin(on)
    return (Line(x, HEAD, x, height, css),)
