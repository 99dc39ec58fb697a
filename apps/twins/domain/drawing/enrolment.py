"""Enrolment of a study: the running total over a strip of months, two scales and never two axes in one frame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import accumulate
from typing import Final

from apps.twins.domain.drawing.scale import ValueScale, round_ticks
from apps.twins.domain.drawing.shapes import Box, Disc, Drawing, Line, Path, Shape, Words
from apps.twins.domain.drawing.text import width_of

_HEIGHT: Final = 216.0
_SMALL: Final = 11.0
_TICK_GAP: Final = 6.0
_POINT: Final = 4.0
_TOTAL_TOP: Final = 28.0
_TOTAL_BASE: Final = 128.0
_STRIP_TOP: Final = 156.0
_STRIP_BASE: Final = 186.0


@dataclass(frozen=True, slots=True)
class EnrolmentMonth:
    """Subjects who entered in the month that begins on the first day."""

    first_day: date
    count: int


@dataclass(frozen=True, slots=True)
class EnrolmentWords:
    """The words of the chart itself, so that a page can hand in translated ones."""

    name: str = "Randomised, in total and per month"
    in_total: str = "in total"


@dataclass(frozen=True, slots=True)
class _Frame:
    css: str
    width: float
    left: float


_WIDE: Final = _Frame("chart-wide", 840, 36)
_NARROW: Final = _Frame("chart-narrow", 358, 30)


def draw_enrolment(months: Sequence[EnrolmentMonth], words: EnrolmentWords) -> tuple[Drawing, Drawing]:
    """The wide drawing (840 px) and the narrow one (358 px); months in any order, one entry a month."""
    ordered = sorted(months, key=lambda month: month.first_day)
    return _draw(ordered, words, _WIDE), _draw(ordered, words, _NARROW)


def _draw(months: Sequence[EnrolmentMonth], words: EnrolmentWords, frame: _Frame) -> Drawing:
    totals = list(accumulate(month.count for month in months))
    ticks = round_ticks(totals[-1] if totals else 0, 3)
    roomy = replace(frame, left=max(frame.left, width_of(str(ticks[-1]), _SMALL) + _TICK_GAP))
    shapes = (*_total(totals, ticks, words, roomy), *_strip(months, roomy))
    return Drawing(words.name, frame.css, frame.width, _HEIGHT, shapes)


def _total(totals: Sequence[int], ticks: Sequence[int], words: EnrolmentWords, frame: _Frame) -> tuple[Shape, ...]:
    scale = ValueScale(0, ticks[-1], _TOTAL_TOP, _TOTAL_BASE)
    places = tuple((_middle(number, len(totals), frame), scale.y(total)) for number, total in enumerate(totals))
    return (*_grid(ticks, scale, frame), *_line(places, f"{max(totals, default=0)} {words.in_total}", frame))


def _grid(ticks: Sequence[int], scale: ValueScale, frame: _Frame) -> tuple[Shape, ...]:
    shapes: list[Shape] = []
    for tick in ticks:
        y = scale.y(tick)
        css = "gridline" if tick else "baseline"
        shapes.append(Line(frame.left, y, frame.width, y, css))
        shapes.append(Words(frame.left - _TICK_GAP, y + 4, str(tick), "tick", "end", size=_SMALL))
    return tuple(shapes)


def _line(places: tuple[tuple[float, float], ...], text: str, frame: _Frame) -> tuple[Shape, ...]:
    if not places:
        return ()
    # In a long study the last month is narrower than the point at its end.
    x, y = min(places[-1][0], frame.width - _POINT), places[-1][1]
    label = Words(max(x, width_of(text, 12, is_strong=True)), y - 12, text, "label--strong", "end")
    return (Path(places, "running-total"), Disc(x, y, _POINT, "point"), label)


def _strip(months: Sequence[EnrolmentMonth], frame: _Frame) -> tuple[Shape, ...]:
    highest = max((month.count for month in months), default=0)
    scale = ValueScale(0, max(highest, 1), _STRIP_TOP, _STRIP_BASE)
    base = Line(frame.left, _STRIP_BASE, frame.width, _STRIP_BASE, "baseline")
    bars = (shape for number in range(len(months)) for shape in _bar(number, months, scale, frame))
    return (base, *bars, *_counts(months, scale, frame), *_month_names(months, frame), *_years(months, frame))


def _bar(number: int, months: Sequence[EnrolmentMonth], scale: ValueScale, frame: _Frame) -> tuple[Shape, ...]:
    x, y = _middle(number, len(months), frame), scale.y(months[number].count)
    width = min(24.0, _step(len(months), frame) * 0.6)
    return (Box(x - width / 2, y, width, _STRIP_BASE - y, "month-bar"),)


def _counts(months: Sequence[EnrolmentMonth], scale: ValueScale, frame: _Frame) -> tuple[Shape, ...]:
    """The number over every bar, or over none where the widest would touch its neighbour."""
    texts = [str(month.count) for month in months]
    if any(width_of(text, _SMALL) + 2 > _step(len(months), frame) for text in texts):
        return ()
    return tuple(
        Words(
            _middle(number, len(months), frame), scale.y(months[number].count) - 4, text, "label", "middle", size=_SMALL
        )
        for number, text in enumerate(texts)
    )


def _month_names(months: Sequence[EnrolmentMonth], frame: _Frame) -> tuple[Shape, ...]:
    texts = [(number, month.first_day.strftime("%b")) for number, month in enumerate(months)]
    return _spread(texts, months, frame, _STRIP_BASE + 14)


def _years(months: Sequence[EnrolmentMonth], frame: _Frame) -> tuple[Shape, ...]:
    """The year under the first month and under each January."""
    texts = [
        (number, str(month.first_day.year))
        for number, month in enumerate(months)
        if number == 0 or month.first_day.month == 1
    ]
    return _spread(texts, months, frame, _STRIP_BASE + 27)


def _spread(
    texts: Sequence[tuple[int, str]], months: Sequence[EnrolmentMonth], frame: _Frame, y: float
) -> tuple[Shape, ...]:
    """Texts under their months, from left to right, leaving out what would touch the one before."""
    words: list[Shape] = []
    free_from = 0.0
    for number, text in texts:
        half = width_of(text, _SMALL) / 2
        x = min(max(_middle(number, len(months), frame), half), frame.width - half)
        if x - half >= free_from:
            words.append(Words(x, y, text, "tick", "middle", size=_SMALL))
            free_from = x + half + 3
    return tuple(words)


def _step(count: int, frame: _Frame) -> float:
    return (frame.width - frame.left) / count


def _middle(number: int, count: int, frame: _Frame) -> float:
    return frame.left + (number + 0.5) * _step(count, frame)
