"""Coded values read as words: sentence case, British spelling, plain units, honest dates."""

import pytest

from apps.twins.web import words


def test_units_carry_their_proper_signs_and_stay_with_their_value() -> None:
    assert words.with_unit(124.8, "umol/L") == "124.8\N{NO-BREAK SPACE}µmol/L"
    assert words.with_unit(5.5, "10^9/L") == "5.5\N{NO-BREAK SPACE}10⁹/L"
    assert words.with_unit(7, None) == "7"
    assert words.with_unit(None, "U/L") == ""


def test_thousands_are_set_off_from_ten_thousand_on() -> None:
    assert [words.number(value) for value in (9999, 10000, 7.30, "<0.2")] == ["9999", "10,000", "7.3", "<0.2"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [("2013-06-02T08:40", "02 Jun 2013"), ("2013-06", "Jun 2013"), ("2013", "2013"), (None, ""), ("soon", "soon")],
)
def test_a_date_is_read_as_far_as_it_is_recorded(text: str | None, expected: str) -> None:
    assert words.day(text) == expected


def test_only_a_whole_date_loses_its_year_on_a_chart() -> None:
    assert [words.short_day(text) for text in ("2013-06-02", "2013-06", "2013")] == ["02 Jun", "Jun 2013", "2013"]


@pytest.mark.parametrize(
    ("domain", "variable", "value", "expected"),
    [
        ("AE", "AESTDTC", "2013-06-02", "02 Jun 2013"),
        ("AE", "AEREL", "NONE", "Not related"),
        ("AE", "AEOUT", "RECOVERED/RESOLVED", "Recovered"),
        ("AE", "AEBODSYS", "NERVOUS SYSTEM DISORDERS", "Nervous system disorders"),
        ("SV", "VISIT", "WEEK 12", "Week 12"),
        ("LB", "LBSTRESU", "umol/L", "µmol/L"),
        ("AE", "AESER", "Y", "Y"),
        ("AE", "AEOUT", None, ""),
    ],
)
def test_every_kind_of_value_has_its_spelling(domain: str, variable: str, value: str | None, expected: str) -> None:
    assert words.value_words(domain, variable, value) == expected


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("ALT", "Alanine Aminotransferase", "ALT"),
        ("HGB", "Hemoglobin", "Haemoglobin"),
        ("UREAN", "Urea Nitrogen", "Urea nitrogen"),
        ("MCHX", "Ery. Mean HGB Content", "Ery. mean HGB content"),
        ("NEWTEST", None, "NEWTEST"),
    ],
)
def test_a_test_has_its_usual_name(code: str, name: str | None, expected: str) -> None:
    shown = words.test_name(code, name)
    assert shown.casefold() == expected.casefold()
    if code in {"ALT", "HGB", "UREAN"}:
        assert shown == expected
