"""What a number or a date can be: nothing is stored that arithmetic, or the format of submissions, cannot hold."""

from datetime import date

import pytest

from apps.studies.domain.ranges import is_possible
from apps.studies.domain.values import InvalidValueError, canonical_value


@pytest.mark.parametrize(
    ("domain", "variable", "raw", "expected"),
    [
        ("AE", "AESEQ", 1e300, "a whole number from 1 to 99,999,999"),
        ("AE", "AESEQ", 0, "a whole number from 1 to 99,999,999"),
        ("AE", "AESEQ", -3, "a whole number from 1 to 99,999,999"),
        ("AE", "AESEQ", 1.5, "a whole number from 1 to 99,999,999"),
        ("AE", "AESEQ", "1e8", "a whole number from 1 to 99,999,999"),
        ("LB", "VISITNUM", 1e15, "a number from -99,999,999 to 99,999,999"),
        ("AE", "AEPTCD", "123456789012", "a number from -99,999,999 to 99,999,999"),
        ("AE", "AESTDY", 1e9, "a whole number from -127,834 to 127,834"),
        ("LB", "VISITDY", 0.5, "a whole number from -127,834 to 127,834"),
        ("DM", "AGE", -1, "a number from 0 to 1,314,900"),
        ("DM", "AGE", 1e300, "a number from 0 to 1,314,900"),
        ("LB", "LBSTRESN", 1e300, "0, or 5.4E-79 to 7.2E75"),
        ("LB", "LBSTRESN", "5e-324", "0, or 5.4E-79 to 7.2E75"),
    ],
)
def test_a_number_stays_within_what_its_variable_can_be(domain: str, variable: str, raw: object, expected: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        canonical_value(domain, variable, raw)
    assert expected in refused.value.reason


@pytest.mark.parametrize(
    ("domain", "variable", "raw"),
    [
        ("AE", "AESEQ", 1),
        ("AE", "AESEQ", 99_999_999),
        ("LB", "VISITNUM", 3.1),
        ("LB", "VISITNUM", -1),
        ("AE", "AEPTCD", 10_012_378),
        ("AE", "AESTDY", -7),
        ("DM", "AGE", 69),
        ("LB", "LBSTRESN", 0),
        ("LB", "LBSTRESN", -7.2e75),
        ("LB", "LBSTRESN", 5.4e-79),
    ],
)
def test_what_trials_hold_is_accepted(domain: str, variable: str, raw: object) -> None:
    assert canonical_value(domain, variable, raw) == raw


@pytest.mark.parametrize("text", ["9999-12-31", "9999", "1849-12", "2200-01-01", "2013-01-01/9999", "0001-01-01T00:00"])
def test_a_year_that_no_trial_can_have_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="expected a year from 1850 to 2199"):
        canonical_value("DM", "RFSTDTC", text)


@pytest.mark.parametrize("text", ["1850", "2199-12-31", "--12-15", "-----T08:40", "2013-06-02/2013-06"])
def test_years_of_a_trial_and_masked_years_are_kept(text: str) -> None:
    assert canonical_value("AE", "AESTDTC", text) == text


def test_a_day_is_possible_within_those_years() -> None:
    assert is_possible(date(1850, 1, 1))
    assert is_possible(date(2199, 12, 31))
    assert not is_possible(date.min)
    assert not is_possible(date.max)
