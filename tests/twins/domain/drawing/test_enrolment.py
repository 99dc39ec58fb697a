"""Enrolment: the total runs, the strip counts, and neither is cut off."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.twins.domain.drawing.enrolment import EnrolmentMonth, EnrolmentWords, draw_enrolment
from apps.twins.domain.drawing.scale import months_between
from apps.twins.domain.drawing.shapes import Box, Path, Words
from tests.twins.domain.drawing.shape_bounds import flat, outside


def months(*counts: int) -> list[EnrolmentMonth]:
    days = months_between(date(2012, 7, 1), date(2029, 12, 1))
    return [EnrolmentMonth(day, count) for day, count in zip(days, counts, strict=False)]


@settings(deadline=None)
@given(st.lists(st.integers(0, 5000), max_size=60))
def test_nothing_leaves_the_frame_however_long_the_study(counts):
    for drawing in draw_enrolment(months(*counts), EnrolmentWords()):
        assert outside(drawing) == []


def test_the_point_at_the_end_of_a_long_study_is_whole():
    for drawing in draw_enrolment(months(*([3] * 60)), EnrolmentWords()):
        assert outside(drawing) == []


def test_the_line_never_falls_and_ends_at_the_total():
    wide, _ = draw_enrolment(months(5, 0, 12), EnrolmentWords())
    (line,) = [shape for shape in flat(wide.shapes) if isinstance(shape, Path)]
    heights = [y for _, y in line.points]
    assert heights == sorted(heights, reverse=True)
    assert "17 in total" in [shape.text for shape in wide.shapes if isinstance(shape, Words)]


def test_bars_are_as_high_as_their_counts():
    wide, _ = draw_enrolment(months(5, 0, 10), EnrolmentWords())
    heights = [shape.height for shape in wide.shapes if isinstance(shape, Box)]
    assert heights == [15, 0, 30]


def test_months_are_drawn_in_order_of_time_with_each_year_named():
    wide, _ = draw_enrolment(list(reversed(months(*range(1, 9)))), EnrolmentWords())
    words = [shape.text for shape in wide.shapes if isinstance(shape, Words)]
    assert words[-10:] == ["Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "2012", "2013"]


def test_counts_are_written_over_all_bars_or_over_none():
    _, narrow = draw_enrolment(months(*([1000] * 20)), EnrolmentWords())
    assert "1000" not in [shape.text for shape in narrow.shapes if isinstance(shape, Words)]
