"""Scales: linear, in order, and never outside the plot."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from apps.twins.domain.drawing.scale import (
    TimeScale,
    ValueScale,
    months_between,
    round_ticks,
    study_day_ticks,
)

SCALE = TimeScale(date(2013, 4, 1), date(2013, 4, 10), 100, 200)


def test_a_day_is_as_wide_as_its_share_of_the_scale():
    assert SCALE.day_width == 10
    assert (SCALE.begin(date(2013, 4, 2)), SCALE.middle(date(2013, 4, 2)), SCALE.end(date(2013, 4, 2))) == (
        110,
        115,
        120,
    )


@given(st.dates())
def test_no_day_lies_outside_the_scale(on):
    assert 100 <= SCALE.begin(on) <= SCALE.end(on) <= 200


def test_a_higher_value_lies_higher_up():
    scale = ValueScale(0, 10, top=8, bottom=72)
    assert (scale.y(0), scale.y(5), scale.y(10)) == (72, 40, 8)


def test_a_single_value_lies_in_the_middle():
    assert ValueScale(4, 4, top=8, bottom=72).y(4) == 40


def test_months_are_those_that_begin_within_the_dates():
    assert months_between(date(2012, 12, 1), date(2013, 2, 1)) == (
        date(2012, 12, 1),
        date(2013, 1, 1),
        date(2013, 2, 1),
    )
    assert months_between(date(2013, 1, 2), date(2013, 1, 31)) == ()
    assert months_between(date(9999, 11, 2), date.max) == (date(9999, 12, 1),)


def test_study_days_are_day_1_and_multiples_of_two_weeks_that_have_room():
    scale = TimeScale(date(2013, 4, 20), date(2013, 7, 20), 0, 920)
    ticks = study_day_ticks(scale, date(2013, 4, 26), gap=140)
    assert ticks == ((1, date(2013, 4, 26)), (14, date(2013, 5, 9)), (28, date(2013, 5, 23)), *ticks[3:])
    assert [day for day, _ in ticks] == [1, 14, 28, 42, 56, 70, 84]
    assert [day for day, _ in study_day_ticks(scale, date(2013, 4, 26), gap=250)] == [1, 28, 56, 84]
    assert [day for day, _ in study_day_ticks(scale, date(2013, 4, 26), gap=1e9)] == [1]


def test_ticks_of_an_axis_begin_at_0_and_reach_the_highest_value():
    assert round_ticks(149, 3) == (0, 50, 100, 150)
    assert round_ticks(0, 3) == (0, 1)
    assert round_ticks(7, 3) == (0, 5, 10)


@given(st.integers(0, 10**9))
def test_ticks_reach_beyond_any_total_in_few_steps(highest):
    ticks = round_ticks(highest, 3)
    assert ticks[-1] >= highest
    assert 2 <= len(ticks) <= 4
