"""The two sizes a timeline is drawn in, and the plot they leave for the data."""

from dataclasses import dataclass
from typing import Final

from apps.twins.domain.drawing.scale import TimeScale
from apps.twins.domain.drawing.timeline_input import TimelineInput

TEXT: Final = 12.0
LINE: Final = 15.0


@dataclass(frozen=True, slots=True)
class Frame:
    """Measures of one drawing in px: whole width, where the plot begins, room after the last day, gap of day ticks."""

    css: str
    width: float
    plot_left: float
    after: float
    tick_gap: float
    is_narrow: bool


WIDE: Final = Frame("chart-wide", width=1232, plot_left=126, after=52, tick_gap=72, is_narrow=False)
NARROW: Final = Frame("chart-narrow", width=358, plot_left=0, after=24, tick_gap=56, is_narrow=True)

# Room in front of the first day for the arrow of what began earlier.
BEFORE: Final = 9.0


@dataclass(frozen=True, slots=True)
class Plot:
    """A frame with the time scale of one subject in it."""

    frame: Frame
    scale: TimeScale
    data: TimelineInput


def plot_of(data: TimelineInput, frame: Frame) -> Plot:
    """Lay the days of a subject into a frame; the last day known ends before the right edge."""
    last = max(data.first_on, data.last_known_on)
    scale = TimeScale(data.first_on, last, frame.plot_left + BEFORE, frame.width - frame.after)
    return Plot(frame, scale, data)
