"""Canonical values: one form for equal content, and a clear reason for what a variable cannot hold."""

import json
import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.values import (
    MAX_TEXT_CHARACTERS,
    InvalidValueError,
    canonical_value,
    canonical_values,
    values_equal,
)


def test_a_record_is_canonical_whatever_format_it_came_from() -> None:
    from_xport = {"LBSEQ": 3.0, "LBSTRESN": 3.7000000000000002, "LBORRES": "NA  ", "LBSPEC": "", "LBDY": float("nan")}
    from_csv = {"LBSEQ": "3", "LBSTRESN": " 3.70", "LBORRES": "NA", "LBSPEC": "   ", "LBDY": ""}
    expected = {"LBSEQ": 3, "LBSTRESN": 3.7, "LBORRES": "NA"}
    assert canonical_values("LB", from_xport) == canonical_values("LB", from_csv) == expected
    assert isinstance(canonical_values("LB", from_xport)["LBSEQ"], int)


def test_noise_beyond_fifteen_digits_is_removed() -> None:
    assert canonical_value("LB", "LBSTRESN", 0.1 + 0.2) == 0.3
    assert canonical_value("LB", "LBSTRESN", -0.0) == 0
    assert canonical_value("LB", "LBSTRESN", 1e75) == 1e75


def test_na_is_a_value() -> None:
    assert canonical_values("QS", {"QSORRES": "NA", "QSSTRESC": "NA"}) == {"QSORRES": "NA", "QSSTRESC": "NA"}


def test_text_is_composed_trimmed_on_the_right_and_has_plain_line_ends() -> None:
    assert canonical_value("AE", "AETERM", "  nause\u0301e \u00a0") == "  naus\u00e9e".replace(
        "naus\u00e9e", "naus\u00e9e"
    )
    assert canonical_value("CO", "COVAL", "one\r\ntwo\rthree\n") == "one\ntwo\nthree"


def test_a_number_in_a_text_variable_is_spelled_out() -> None:
    assert canonical_value("LB", "LBORRES", 1.50) == "1.5"
    assert canonical_value("LB", "LBORRES", 3.0) == "3"


def test_dates_stay_text_and_date_objects_become_iso() -> None:
    assert canonical_value("AE", "AESTDTC", "2013-06 ") == "2013-06"
    assert canonical_value("AE", "AESTDTC", date(2013, 6, 2)) == "2013-06-02"
    assert canonical_value("AE", "AESTDTC", datetime(2013, 6, 2, 8, 40)) == "2013-06-02T08:40:00"  # noqa: DTZ001


@pytest.mark.parametrize(
    ("variable", "raw", "said"),
    [
        ("AESEQ", "three", "'three'"),
        ("AESEQ", "１", "expected a number"),
        ("AESEQ", math.inf, "expected a number"),
        ("AESEQ", "1e999", "expected a number"),
        ("AESEQ", 10**400, "beyond the exact range"),
        ("AESEQ", date(2013, 1, 1), "expected a number"),
        ("AETERM", math.inf, "expected text"),
        ("AETERM", True, "type bool"),
        ("AETERM", ["a"], "type list"),
        ("AETERM", "a\x00b", "U+0000"),
        ("AETERM", "a\x85b", "U+0085"),
        ("AETERM", "a\ud800", "U+D800"),
        ("AESTDTC", "2013-02-30", "a day from 01 to 28"),
        ("AESTDTC", "x" * 80, "…"),
    ],
)
def test_what_a_variable_cannot_hold_is_refused_with_a_reason(variable: str, raw: object, said: str) -> None:
    with pytest.raises(InvalidValueError) as caught:
        canonical_values("AE", {variable: raw})
    assert caught.value.variable == variable
    assert said in caught.value.reason


def test_a_text_of_ten_megabytes_is_refused_and_not_repeated() -> None:
    with pytest.raises(InvalidValueError) as caught:
        canonical_value("CO", "COVAL", "a" * 10_000_000)
    assert "10,000,000 characters" in caught.value.reason
    assert f"{MAX_TEXT_CHARACTERS:,}" in caught.value.reason
    assert len(caught.value.reason) < 300


@pytest.mark.parametrize(
    ("one", "other"), [(1, 1.0), ("3.70", 3.7), ("3.70", "3.7"), ("Mild", " MILD  "), ("a  b", "A b"), (None, "  ")]
)
def test_equal_content_in_another_spelling_is_equal(one: str | float | None, other: str | float | None) -> None:
    assert values_equal(one, other)


@pytest.mark.parametrize(("one", "other"), [(1, 2), ("007", "7"), ("mild", "moderate"), (None, "0"), ("1E5", 100000)])
def test_other_content_is_not_equal(one: str | float | None, other: str | float | None) -> None:
    assert not values_equal(one, other)


_RAW = st.one_of(st.none(), st.text(max_size=40), st.integers(), st.floats())


@given(st.sampled_from(["AETERM", "AESEQ", "AESTDTC", "VISITNUM"]), _RAW)
def test_canonical_values_are_fixed_points_that_json_keeps(variable: str, raw: object) -> None:
    try:
        once = canonical_values("AE", {variable: raw})
    except InvalidValueError:
        return
    assert canonical_values("AE", once) == once
    assert json.loads(json.dumps(once, allow_nan=False)) == once
