"""Partial dates: what SDTM allows, what it does not, and honest bounds."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.dates import InvalidDateError, Precision, display, display_days, parse, sort_key, study_day


@pytest.mark.parametrize(
    ("text", "first", "last", "precision"),
    [
        ("2013", date(2013, 1, 1), date(2013, 12, 31), Precision.YEAR),
        ("2012-02", date(2012, 2, 1), date(2012, 2, 29), Precision.MONTH),
        ("2013-06-02", date(2013, 6, 2), date(2013, 6, 2), Precision.DAY),
        ("2013-06-02T08:40", date(2013, 6, 2), date(2013, 6, 2), Precision.TIME),
        ("2003---15", date(2003, 1, 15), date(2003, 12, 15), Precision.YEAR),
        ("2003---31", date(2003, 1, 31), date(2003, 12, 31), Precision.YEAR),
        ("2003-12--T10:00", date(2003, 12, 1), date(2003, 12, 31), Precision.MONTH),
        ("2003-12-15T-:15", date(2003, 12, 15), date(2003, 12, 15), Precision.TIME),
        ("--12-15", date.min, date.max, Precision.UNKNOWN),
        ("-----T07:15", date.min, date.max, Precision.UNKNOWN),
        ("2003-01/2003-02", date(2003, 1, 1), date(2003, 2, 28), Precision.MONTH),
    ],
)
def test_a_date_has_the_bounds_of_what_is_known(text: str, first: date, last: date, precision: Precision) -> None:
    parsed = parse(text)
    assert (parsed.first_day, parsed.last_day, parsed.precision) == (first, last, precision)


@pytest.mark.parametrize(
    "text",
    [
        *("2013-02-30", "2013-13", "2013-00", "2013-06-00", "0000", "13/02/2013", "--02-30", "2014-01-01/2013-01-01"),
        *("", "-", "2003-", "2003--", "2003-12--", "2003-12-15T", "2003-12-15T24:00", "2003-12T10:00", "UN-JUN-2013"),
        *("2003-12-15T10:-", "２０１３", "2013-06-02 08:40", "2013-06-02T08:40/", "20130602"),
    ],
)
def test_an_impossible_date_says_what_was_got_and_what_was_expected(text: str) -> None:
    with pytest.raises(InvalidDateError) as caught:
        parse(text)
    assert caught.value.got == text
    assert caught.value.expected
    assert repr(text) in str(caught.value)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2013-06-02", "02 Jun 2013"),
        ("2013-06", "Jun 2013"),
        ("2013", "2013"),
        ("2013-06-02T08:40", "02 Jun 2013, 08:40 site time"),
        ("2013-06-02T08:40:07Z", "02 Jun 2013, 08:40:07 UTC"),
        ("2013-06-02T08:40-05:00", "02 Jun 2013, 08:40 UTC-05:00"),
        ("2013-06-02T08+09:30", "02 Jun 2013, 08 UTC+09:30"),
        ("2003---15", "15 (month not known) 2003"),
        ("--12-15", "15 Dec (year not known)"),
        ("-----T07:15", "date not known, 07:15 site time"),
        ("2003-12-15T10:00/2003-12-16", "15 Dec 2003, 10:00 site time to 16 Dec 2003"),
    ],
)
def test_a_date_is_shown_as_people_read_it(text: str, shown: str) -> None:
    assert display(text) == shown


def test_there_is_no_study_day_zero() -> None:
    reference = date(2013, 1, 10)
    days = [study_day(reference + timedelta(days=offset), reference) for offset in (-2, -1, 0, 1)]
    assert days == [-2, -1, 1, 2]


def test_dates_sort_by_when_they_can_have_happened_and_blanks_come_last() -> None:
    texts = ["", "2013-02", "2013", "2013-01-01T09:00", "2013-01-01", "2012-12-31"]
    expected = ["2012-12-31", "2013-01-01", "2013-01-01T09:00", "2013", "2013-02", ""]
    assert sorted(texts, key=sort_key) == expected


def test_a_date_without_its_year_is_not_dated() -> None:
    assert not parse("--12-15").is_dated
    assert not parse("2003-01-01/--12-15").is_dated
    assert parse("2003-01-01/2003-02").is_dated
    assert parse("0001-01-01").is_dated
    assert parse("2013-06-02").is_full
    assert not parse("2013-06").is_full


@given(st.dates(), st.dates())
def test_study_days_count_the_days_between(one: date, other: date) -> None:
    day = study_day(one, other)
    assert day != 0
    assert other + timedelta(days=day - 1 if day > 0 else day) == one


@given(st.dates(min_value=date(1000, 1, 1)), st.integers(min_value=1, max_value=3))
def test_a_truncated_date_contains_the_whole_one(day: date, parts: int) -> None:
    text = "-".join(day.isoformat().split("-")[:parts])
    parsed = parse(text)
    assert parsed.first_day <= day <= parsed.last_day


@given(st.text(max_size=30))
def test_any_text_is_a_date_or_an_invalid_date(text: str) -> None:
    try:
        parsed = parse(text)
    except InvalidDateError:
        return
    assert parsed.first_day <= parsed.last_day
    assert display(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2013-06-02T08:40", "02 Jun 2013"),
        ("2013-06", "Jun 2013"),
        ("-----T08:40", "date not known"),
        ("2013-06-02T08:40/2013-06-03T09:00", "02 Jun 2013 to 03 Jun 2013"),
    ],
)
def test_a_date_is_shown_without_its_time_whatever_is_known_of_it(text: str, shown: str) -> None:
    assert display_days(text) == shown
