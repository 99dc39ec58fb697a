"""Laboratory charts: by date, each sample against its own range, outside the range told by shape."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.twins.domain.drawing.laboratory import LabPoint, LabSeries, draw_laboratory
from apps.twins.domain.drawing.shapes import Box, Disc, Drawing, Line, Path, Polygon, Words
from tests.twins.domain.drawing.shape_bounds import flat, marks, outside
from tests.twins.domain.drawing.timelines import target

FIRST, LAST = date(2013, 4, 11), date(2013, 8, 8)


def point(
    on: date, value: float, *, low: float | None = 6, high: float | None = 32, flag: str = "", is_censored: bool = False
) -> LabPoint:
    return LabPoint(on, value, low, high, flag, f"{value:g} U/L", target(f"LB/{on}"), is_censored)


def draw(*points: LabPoint) -> Drawing:
    return draw_laboratory(LabSeries("ALT", "U/L", points), FIRST, LAST)


def texts(drawing: Drawing) -> list[str]:
    return [shape.text for shape in flat(drawing.shapes) if isinstance(shape, Words)]


_values = st.integers(-(10**7), 10**10).map(lambda thousandths: thousandths / 1000)
_points = st.builds(
    point,
    st.dates(date(2012, 1, 1), date(2015, 1, 1)),
    _values,
    low=st.none() | _values,
    high=st.none() | _values,
    flag=st.sampled_from(("high", "low", "")),
    is_censored=st.booleans(),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(_points, max_size=12))
def test_nothing_leaves_the_frame_whatever_is_measured(points):
    assert outside(draw(*points)) == []


@given(st.lists(_points, min_size=2, max_size=12))
def test_points_are_joined_in_order_of_date(points):
    (line,) = [shape for shape in flat(draw(*points).shapes) if isinstance(shape, Path)]
    xs = [x for x, _ in line.points]
    assert xs == sorted(xs)


def test_high_points_up_low_points_down_and_in_range_is_a_dot():
    points = (
        point(FIRST, 107, flag="high"),
        point(FIRST + timedelta(days=10), 3, flag="low"),
        point(FIRST + timedelta(days=20), 20),
        point(FIRST + timedelta(days=30), 10, is_censored=True),
    )
    signs = [mark.shapes[1] for mark in marks(draw(*points).shapes)]
    up, down, dot, hollow = signs
    assert isinstance(up, Polygon)
    assert up.points[0][1] < up.points[1][1]
    assert isinstance(down, Polygon)
    assert down.points[0][1] > down.points[1][1]
    assert (isinstance(dot, Disc), dot.css) == (True, "point")
    assert hollow.css == "point--censored"


def test_each_point_leads_to_its_record_and_says_value_and_date():
    (mark,) = marks(draw(point(FIRST, 20)).shapes)
    assert mark.name == "ALT 20 U/L, 11 Apr 2013"
    assert mark.target == target("LB/2013-04-11")


def test_samples_with_the_same_range_share_one_band():
    drawing = draw(point(FIRST, 20), point(LAST, 25))
    assert len([shape for shape in flat(drawing.shapes) if isinstance(shape, Box)]) == 1


def test_a_sample_with_another_range_has_its_own_band_and_limit():
    drawing = draw(point(FIRST, 20), point(LAST, 25, high=40))
    bands = [shape for shape in flat(drawing.shapes) if isinstance(shape, Box)]
    limits = [shape for shape in flat(drawing.shapes) if isinstance(shape, Line)]
    assert len(bands) == len(limits) == 2
    assert bands[0].x + bands[0].width == bands[1].x
    assert limits[1].y1 < limits[0].y1


def test_a_range_open_below_reaches_the_floor_and_one_open_above_has_no_limit():
    (below,) = [shape for shape in flat(draw(point(FIRST, 20, low=None)).shapes) if isinstance(shape, Box)]
    above = draw(point(FIRST, 20, high=None))
    assert below.y + below.height == 72
    assert not [shape for shape in flat(above.shapes) if isinstance(shape, Line)]
    assert not [shape for shape in flat(draw(point(FIRST, 1, low=None, high=None)).shapes) if isinstance(shape, Box)]


def test_the_scale_names_the_limits_and_the_extreme_outside_them():
    assert texts(draw(point(FIRST, 107), point(LAST, 20)))[:3] == ["32", "6", "107"]
    assert "20" not in texts(draw(point(FIRST, 20)))
    assert "12,500" in texts(draw(point(FIRST, 12_500)))


def test_all_tests_of_a_subject_share_the_dates_of_the_axis():
    assert texts(draw(point(date(2013, 5, 1), 20)))[-2:] == ["11 Apr", "08 Aug"]


def test_a_test_without_results_is_an_empty_frame():
    assert list(marks(draw().shapes)) == []
