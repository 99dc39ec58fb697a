"""From days and values to px: linear, nothing smoothed, nothing outside the plot."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from apps.studies.domain.dates import study_day

_DAY_STEPS: Final = (14, 28, 56, 84, 168, 336, 672, 1344)
_ROUND: Final = (1, 2, 5)


@dataclass(frozen=True, slots=True)
class TimeScale:
    """Days from first to last, both whole, laid between two x positions in px."""

    first: date
    last: date
    left: float
    right: float

    @property
    def day_width(self) -> float:
        """Width of one day in px."""
        return (self.right - self.left) / ((self.last - self.first).days + 1)

    def begin(self, on: date) -> float:
        """The x where a day begins, kept within the scale."""
        return self._within(self.left + (on - self.first).days * self.day_width)

    def end(self, on: date) -> float:
        """The x where a day ends, kept within the scale."""
        return self._within(self.left + ((on - self.first).days + 1) * self.day_width)

    def middle(self, on: date) -> float:
        """The x of noon of a day, kept within the scale."""
        return (self.begin(on) + self.end(on)) / 2

    def _within(self, x: float) -> float:
        return min(max(x, self.left), self.right)


@dataclass(frozen=True, slots=True)
class ValueScale:
    """Values from lowest to highest laid between two y positions in px; bottom is the larger y."""

    lowest: float
    highest: float
    top: float
    bottom: float

    def y(self, value: float) -> float:
        """The y of a value; a scale of one single value puts it in the middle."""
        if self.highest == self.lowest:
            return (self.top + self.bottom) / 2
        share = (value - self.lowest) / (self.highest - self.lowest)
        return self.bottom - share * (self.bottom - self.top)


def months_between(first: date, last: date) -> tuple[date, ...]:
    """The first days of months that lie within two dates, both counted."""
    begun = first.year * 12 + first.month - 1 + (first.day > 1)
    ended = last.year * 12 + last.month - 1
    return tuple(date(number // 12, number % 12 + 1, 1) for number in range(begun, ended + 1))


def study_day_ticks(scale: TimeScale, day_one: date, gap: float) -> tuple[tuple[int, date], ...]:
    """Study days to write under an axis with their dates: day 1, then multiples of two weeks at least gap px apart."""
    step = next((days for days in _DAY_STEPS if days * scale.day_width >= gap), _DAY_STEPS[-1])
    last = max(study_day(scale.last, day_one), 1)
    days = [1, *range(step, last + 1, step)]
    dated = ((day, day_one + timedelta(days=day - 1)) for day in days)
    return tuple((day, on) for day, on in dated if scale.first <= on <= scale.last)


def round_ticks(highest: float, wanted: int) -> tuple[int, ...]:
    """Round whole values from 0 up to or beyond the highest, at most one more than wanted steps."""
    step = next(step for power in range(12) for factor in _ROUND if (step := factor * 10**power) * wanted >= highest)
    count = max(1, -(-int(highest) // step))
    return tuple(step * number for number in range(count + 1))
