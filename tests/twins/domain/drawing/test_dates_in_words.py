"""Dates of marks as people say them."""

from datetime import date

import pytest

from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.dates_in_words import name_of, on_in_words, period_in_words
from apps.twins.domain.drawing.timeline_input import Period, TimelineWords

WORDS = TimelineWords()


@pytest.mark.parametrize(
    ("start", "end", "expected"),
    [
        ("2013-05-09", "2013-05-11", "09 to 11 May 2013"),
        ("2013-05-09T08:40", "2013-05-11", "09 to 11 May 2013"),
        ("2013-05-28", "2013-06-02", "28 May to 02 Jun 2013"),
        ("2012-12-28", "2013-01-02", "28 Dec 2012 to 02 Jan 2013"),
        ("2013-05-09", "2013-05-09", "09 May 2013"),
        ("2013-05", "2013-06-02", "May 2013 to 02 Jun 2013"),
        ("2011", "2013-06", "2011 to Jun 2013"),
    ],
)
def test_a_range_leaves_out_what_its_end_says_again(start, end, expected):
    assert period_in_words(Period(parse(start), parse(end)), WORDS) == expected


def test_what_is_not_recorded_is_told_from_what_goes_on():
    start = parse("2013-05-24")
    assert period_in_words(Period(start, None, is_ongoing=True), WORDS) == "24 May 2013, ongoing"
    assert period_in_words(Period(start, None), WORDS) == "24 May 2013, end not recorded"
    assert period_in_words(Period(None, start), WORDS) == "start not recorded, to 24 May 2013"
    assert period_in_words(Period(None, None), WORDS) == "start not recorded, end not recorded"


def test_a_partial_start_has_no_study_day():
    assert name_of("ASA", Period(parse("2013-05"), None), date(2013, 4, 26), WORDS) == "ASA, May 2013, end not recorded"


def test_a_day_before_the_reference_start_has_a_negative_study_day():
    assert on_in_words(date(2013, 4, 25), date(2013, 4, 26), WORDS) == "25 Apr 2013, day -1"
    assert on_in_words(date(2013, 4, 25), None, WORDS) == "25 Apr 2013"
