"""SVG is well formed, escaped and free of anything a strict content policy refuses."""

from xml.etree import ElementTree

from hypothesis import given, settings

from apps.twins.domain.drawing.shapes import (
    Box,
    Disc,
    Drawing,
    Lane,
    Line,
    Mark,
    Path,
    Polygon,
    Target,
    Words,
)
from apps.twins.domain.drawing.svg import to_svg
from apps.twins.domain.drawing.timeline import draw_timeline
from tests.twins.domain.drawing.timelines import event, timeline, timelines

HOSTILE = "<script>alert(\"1\")</script> & 'quotes'"


def svg_of(*shapes) -> ElementTree.Element:
    text = to_svg(Drawing("A chart", "chart-wide", 100, 50, shapes)).replace(" data-rove>", ' data-rove="">', 1)
    return ElementTree.fromstring(text)  # noqa: S314 - our own markup


def test_each_shape_becomes_its_element_with_a_class_for_its_colour():
    root = svg_of(
        Box(1, 2, 3, 4.126, "box"),
        Line(0, 0, 1, 1, "line"),
        Polygon(((0, 0), (1, 1.5), (2, 0)), "head"),
        Path(((0, 0), (1, 1)), "series"),
        Disc(1, 2, 3, "dot"),
        Words(1, 2, "text", "label", "end"),
    )
    assert [child.tag for child in root] == ["rect", "line", "polygon", "polyline", "circle", "text"]
    assert root[0].attrib == {"class": "box", "x": "1", "y": "2", "width": "3", "height": "4.13"}
    assert root[2].attrib["points"] == "0,0 1,1.5 2,0"
    assert root[5].attrib["class"] == "label anchor-end"


def test_a_mark_is_a_link_with_a_name_that_opens_the_history_beside_the_page():
    target = Target("AE/7f3k", "?value=AE/7f3k", "/history/AE/7f3k")
    (lane,) = svg_of(Lane("Events", (Mark("Fatigue, mild", target, (Box(0, 0, 1, 1, "bar"),)),)))
    (link,) = lane
    assert lane.attrib["aria-label"] == "Events"
    assert link.attrib["href"] == "?value=AE/7f3k"
    assert link.attrib["aria-label"] == "Fatigue, mild"
    assert link.attrib["data-history"] == "/history/AE/7f3k"
    assert link.attrib["data-record"] == "AE/7f3k"


def test_hostile_text_stays_text():
    target = Target(HOSTILE, HOSTILE, HOSTILE)
    root = svg_of(Mark(HOSTILE, target, (Words(0, 0, HOSTILE, "label"),)))
    assert root[0].attrib["aria-label"] == HOSTILE
    assert root[0][0].text == HOSTILE
    assert root.find(".//script") is None


def test_no_style_and_no_handler_is_written():
    for drawing in draw_timeline(timeline(events=(event("Rash", "2013-05-24", "2013-05-25"),))):
        assert " style=" not in to_svg(drawing)
        assert " on" not in to_svg(drawing).replace(" ongoing", "")


@settings(max_examples=40, deadline=None)
@given(timelines())
def test_any_timeline_is_written(data):
    for drawing in draw_timeline(data):
        assert to_svg(drawing).startswith('<svg class="chart chart-')
