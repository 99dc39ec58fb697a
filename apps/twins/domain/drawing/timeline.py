"""The timeline of a subject: four lanes on one time axis, drawn once wide and once for a phone."""

from typing import Final

from apps.twins.domain.drawing.axis import HEAD, background
from apps.twins.domain.drawing.frame import NARROW, WIDE, Frame, plot_of
from apps.twins.domain.drawing.lanes import LANES
from apps.twins.domain.drawing.shapes import Drawing, Shape
from apps.twins.domain.drawing.timeline_input import TimelineInput

_LANE_GAP: Final = 12.0


def draw_timeline(data: TimelineInput) -> tuple[Drawing, Drawing]:
    """The wide drawing (1232 px) and the narrow one (358 px) of the same timeline."""
    return _draw(data, WIDE), _draw(data, NARROW)


def _draw(data: TimelineInput, frame: Frame) -> Drawing:
    plot = plot_of(data, frame)
    y = HEAD + _LANE_GAP / 2
    lanes: list[Shape] = []
    for draw_lane in LANES:
        drawn = draw_lane(plot, y)
        lanes.append(drawn.lane)
        y = drawn.bottom + _LANE_GAP
    return Drawing(data.words.timeline, frame.css, frame.width, y, (*background(plot, y), *lanes))
