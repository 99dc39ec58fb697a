"""One laboratory test over time: its own scale, every sample's own reference range, points in order of date."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby, pairwise
from typing import Final, Literal

from apps.studies.domain.dates import display
from apps.twins.domain.drawing.scale import TimeScale, ValueScale
from apps.twins.domain.drawing.shapes import Box, Disc, Drawing, Line, Mark, Path, Polygon, Shape, Target, Words
from apps.twins.domain.drawing.text import width_of

Flag = Literal["high", "low", "abnormal", ""]

WIDTH: Final = 170.0
HEIGHT: Final = 96.0
_TOP: Final = 8.0
_BOTTOM: Final = 72.0
_SMALL: Final = 11.0
_LABEL_GAP: Final = 12.0
_SIDE: Final = 8.0
_RING: Final = 8.0


@dataclass(frozen=True, slots=True)
class LabPoint:
    """One result: value and range in the unit of the series; label is value, unit and flag as people read them.

    is_censored marks a result such as "<0.2", whose value is the limit.
    """

    on: date
    value: float
    low: float | None
    high: float | None
    flag: Flag
    label: str
    target: Target
    is_censored: bool = False


@dataclass(frozen=True, slots=True)
class LabSeries:
    """All results of one test in one unit, in any order."""

    test: str
    unit: str
    points: tuple[LabPoint, ...]


@dataclass(frozen=True, slots=True)
class _RangeStep:
    """The reference range that holds between two x positions."""

    left: float
    right: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class _Plot:
    time: TimeScale
    value: ValueScale


def draw_laboratory(series: LabSeries, first_on: date, last_on: date) -> Drawing:
    """A small multiple (170 by 96 px) of one test on the time axis shared by all tests of the subject."""
    # Two samples of a day have no order here; the id draws them the same each time.
    points = sorted(series.points, key=lambda point: (point.on, point.target.record_id))
    plot = _plot(points, first_on, last_on)
    shapes: tuple[Shape, ...] = (
        *(shape for step in _range_steps(points, plot) for shape in _range(step, plot)),
        *_value_labels(points, plot),
        *_dates(plot),
        Path(tuple(_place(point, plot) for point in points), "series"),
        *(_mark(series.test, point, plot) for point in points),
    )
    return Drawing(f"{series.test}, {series.unit}", "chart-multiple", WIDTH, HEIGHT, shapes)


def _plot(points: Sequence[LabPoint], first_on: date, last_on: date) -> _Plot:
    days = [first_on, last_on, *(point.on for point in points)]
    values = [value for point in points for value in (point.value, point.low, point.high) if value is not None]
    widest = max((width_of(_short(value), _SMALL) for value in _labelled(points)), default=0)
    left = min(widest + 6 + _SIDE, WIDTH / 2)
    time = TimeScale(min(days), max(days), left, WIDTH - _SIDE)
    return _Plot(time, ValueScale(min(values, default=0), max(values, default=0), _TOP, _BOTTOM))


def _range_steps(points: Sequence[LabPoint], plot: _Plot) -> list[_RangeStep]:
    """A range holds from half way to the sample before until half way to the sample after."""
    places = [plot.time.middle(point.on) for point in points]
    edges = [plot.time.left - _SIDE, *((a + b) / 2 for a, b in pairwise(places)), WIDTH]
    steps = [
        _RangeStep(left, right, point.low, point.high)
        for point, (left, right) in zip(points, pairwise(edges), strict=False)
    ]
    joined = (list(same) for _, same in groupby(steps, key=lambda step: (step.low, step.high)))
    return [replace(same[0], right=same[-1].right) for same in joined]


def _range(step: _RangeStep, plot: _Plot) -> tuple[Shape, ...]:
    if step.low is None and step.high is None:
        return ()
    top = _TOP if step.high is None else plot.value.y(step.high)
    bottom = _BOTTOM if step.low is None else plot.value.y(step.low)
    band = Box(step.left, top, step.right - step.left, max(bottom - top, 0), "range")
    return (band,) if step.high is None else (band, Line(step.left, top, step.right, top, "limit"))


def _labelled(points: Sequence[LabPoint]) -> list[float]:
    """The values worth a label, in order of worth: limits of the last sample, then the extremes outside them."""
    if not points:
        return []
    limits = [limit for limit in (points[-1].high, points[-1].low) if limit is not None]
    values = [point.value for point in points]
    return [*limits, *(value for value in (max(values), min(values)) if not _is_between(value, limits))]


def _is_between(value: float, limits: Sequence[float]) -> bool:
    return len(limits) == 2 and limits[1] <= value <= limits[0]


def _value_labels(points: Sequence[LabPoint], plot: _Plot) -> tuple[Shape, ...]:
    taken: list[float] = []
    words: list[Shape] = []
    for value in _labelled(points):
        y = plot.value.y(value)
        if all(abs(y - other) >= _LABEL_GAP for other in taken):
            taken.append(y)
            words.append(Words(plot.time.left - _SIDE - 5, y + 4, _short(value), "tick", "end", size=_SMALL))
    return tuple(words)


def _dates(plot: _Plot) -> tuple[Shape, ...]:
    first, last = (display(day.isoformat())[:6] for day in (plot.time.first, plot.time.last))
    return (
        Words(plot.time.left - _SIDE, HEIGHT - 6, first, "tick", size=_SMALL),
        Words(WIDTH, HEIGHT - 6, last, "tick", "end", size=_SMALL),
    )


def _mark(test: str, point: LabPoint, plot: _Plot) -> Mark:
    x, y = _place(point, plot)
    name = f"{test} {point.label}, {display(point.on.isoformat())}"
    return Mark(name, point.target, (Disc(x, y, _RING, "ring"), _sign(point, x, y)))


def _sign(point: LabPoint, x: float, y: float) -> Shape:
    # By its shape and not by colour alone, for whoever does not tell the colours apart.
    if point.flag == "high":
        return Polygon(((x, y - 5), (x + 5, y + 4), (x - 5, y + 4)), "point--outside")
    if point.flag == "low":
        return Polygon(((x, y + 5), (x + 5, y - 4), (x - 5, y - 4)), "point--outside")
    return Disc(x, y, 3, "point--censored" if point.is_censored else "point")


def _place(point: LabPoint, plot: _Plot) -> tuple[float, float]:
    return plot.time.middle(point.on), plot.value.y(point.value)


def _short(value: float) -> str:
    """Four figures, enough to read a scale; never in powers of ten."""
    return f"{value:,.0f}" if abs(value) >= 10_000 else f"{Decimal(f'{value:.4g}'):f}"
