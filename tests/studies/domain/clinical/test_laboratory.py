"""Results against their ranges: limits before flags, every vocabulary of flags, specimens kept apart, one × ULN."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.clinical.laboratory import (
    Injury,
    liver_findings,
    magnitude,
    number_in,
    out_of_range,
    peak_of,
    result_variable,
    specimen_of,
    times_upper_limit,
)
from apps.studies.domain.clinical.records import ClinicalRecord


def result(number: int = 1, **values: Any) -> ClinicalRecord:
    return ClinicalRecord(f"LB/{number}", "LB", values)


def of(test: str, multiple: float, on: str = "2021-04-01", number: int = 1, **more: Any) -> ClinicalRecord:
    return result(number, LBTESTCD=test, LBSTRESN=multiple * 10, LBSTNRHI=10, LBDTC=on, **more)


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ({"LBSTRESN": 97, "LBSTNRHI": 34, "LBNRIND": "NORMAL"}, "HIGH"),
        ({"LBSTRESN": 2, "LBSTNRLO": 3, "LBNRIND": "NORMAL"}, "LOW"),
        ({"LBSTRESN": 34, "LBSTNRHI": 34, "LBSTNRLO": 3}, None),
        ({"LBSTRESN": 3, "LBSTNRHI": 34, "LBSTNRLO": 3}, None),
        ({"LBSTRESN": 7.9, "LBNRIND": "HIGH HIGH"}, "HIGH"),
        ({"LBSTRESN": 7.9, "LBNRIND": "LL"}, "LOW"),
        ({"LBSTRESN": 97, "LBNRIND": "ABNORMAL"}, "ABNORMAL"),
        ({"LBSTRESN": 97, "LBNRIND": "odd"}, None),
        ({"LBSTRESN": 0.082, "LBSTNRLO": 0.042, "LBSTNRHI": 0.112, "LBNRIND": "HIGH"}, "HIGH"),
        ({"LBNRIND": "LOW"}, "LOW"),
        ({}, None),
        # Within the limits that the laboratory reported; the converted limit is rounded and the result is not.
        ({"LBORRES": "1.6", "LBORNRHI": "1.6", "LBSTRESN": 141.44, "LBSTNRHI": 141, "LBNRIND": "NORMAL"}, None),
        ({"LBORRES": "8.4", "LBORNRLO": "8.4", "LBSTRESN": 2.0958, "LBSTNRLO": 2.1, "LBNRIND": "NORMAL"}, None),
        ({"LBORRES": "1.6", "LBORNRHI": "1.6", "LBSTRESN": 150, "LBSTNRHI": 141, "LBNRIND": "NORMAL"}, "HIGH"),
        ({"LBORRES": "1.7", "LBORNRHI": "1.6", "LBNRIND": "NORMAL"}, "HIGH"),
        ({"LBSTRESN": 141.44, "LBSTNRHI": 141, "LBNRIND": "NORMAL"}, "HIGH"),
        ({"LBORRES": "<0.2", "LBORNRLO": "0.2", "LBORNRHI": "1.2"}, "LOW"),
        ({"LBORRES": "<0.5", "LBORNRLO": "0.2", "LBORNRHI": "1.2"}, None),
        ({"LBORRES": ">500", "LBORNRLO": "0", "LBORNRHI": "500"}, "HIGH"),
        ({"LBORRES": ">400", "LBORNRHI": "500"}, None),
        ({"LBORRES": "POSITIVE", "LBORNRHI": "500"}, None),
        # What may be the limit itself may lie inside.
        ({"LBORRES": "<=3.5", "LBORNRLO": "3.5", "LBORNRHI": "5.5"}, None),
        ({"LBORRES": "<= 3.4", "LBORNRLO": "3.5"}, "LOW"),
        ({"LBORRES": "<3.5", "LBORNRLO": "3.50"}, "LOW"),
        ({"LBORRES": ">=500", "LBORNRHI": "500"}, None),
        ({"LBORRES": ">=500.1", "LBORNRHI": "500"}, "HIGH"),
        ({"LBORRES": ">=500", "LBORNRHI": "500", "LBNRIND": "HIGH"}, "HIGH"),
    ],
)
def test_limits_come_before_flags_in_the_units_that_were_reported(
    values: dict[str, Any], direction: str | None
) -> None:
    assert out_of_range(result(**values)) == direction


@given(st.decimals(0, 1000, places=3), st.decimals(1, 1000, places=2))
def test_a_result_above_its_only_limit_is_high_whatever_the_flag(value: Any, limit: Any) -> None:
    row = result(LBSTRESN=float(value), LBSTNRHI=float(limit), LBNRIND="NORMAL")
    assert out_of_range(row) == ("HIGH" if value > limit else None)


@pytest.mark.parametrize(
    ("values", "specimen"),
    [
        ({}, "BLOOD"),
        ({"LBSPEC": "SERUM"}, "BLOOD"),
        ({"LBSPEC": "Plasma"}, "BLOOD"),
        ({"LBSPEC": "URINE"}, "URINE"),
        ({"LBSPEC": "CSF"}, "CSF"),
        ({"LBCAT": "URINALYSIS"}, "URINE"),
        ({"LBCAT": "URINALYSIS", "LBSPEC": "SERUM"}, "BLOOD"),
        ({"LBCAT": "CHEMISTRY"}, "BLOOD"),
    ],
)
def test_a_result_belongs_to_its_specimen(values: dict[str, Any], specimen: str) -> None:
    assert specimen_of(result(**values)) == specimen


def test_a_multiple_is_rounded_half_up_to_two_decimals() -> None:
    assert times_upper_limit(result(LBSTRESN=1.005, LBSTNRHI=1)) == 1.01
    assert times_upper_limit(result(LBSTRESN=1.005)) is None
    assert times_upper_limit(result(LBSTRESN=1.005, LBSTNRHI=0)) is None
    assert times_upper_limit(result(LBSTNRHI=1)) is None


def test_the_peak_is_the_highest_and_the_earliest_of_equals() -> None:
    rows = [of("ALT", 2, "2021-04-03", 3), of("ALT", 5, "2021-04-02", 2), of("ALT", 5, "2021-04-01", 1)]
    peak = peak_of(rows)
    assert peak is not None
    assert (peak.multiple, peak.row.id) == (5, "LB/1")
    assert peak_of([result(LBSTRESN=5)]) is None


@pytest.mark.parametrize(
    ("alt", "bilirubin", "alp", "quadrant", "met"),
    [
        (3.01, 2.01, 1.99, "ALT or AST above 3 × ULN and bilirubin above 2 × ULN", True),
        (3.01, 2.01, None, "ALT or AST above 3 × ULN and bilirubin above 2 × ULN", True),
        (3.01, 2.01, 2.0, "ALT or AST above 3 × ULN and bilirubin above 2 × ULN", False),
        (3.0, 2.01, 1, "bilirubin above 2 × ULN, ALT and AST not above 3 × ULN", False),
        (3.01, 2.0, 1, "ALT or AST above 3 × ULN, bilirubin not above 2 × ULN", False),
        (3.0, 2.0, 1, "neither above the limits", False),
    ],
)
def test_the_liver_is_judged_by_its_peaks(
    alt: float, bilirubin: float, alp: float | None, quadrant: str, met: bool
) -> None:
    rows = [of("AST", 1, number=1), of("ALT", alt, number=2), of("BILI", bilirubin, number=3)]
    found = liver_findings([*rows, *([of("ALP", alp, number=4)] if alp is not None else [])])
    assert (found.quadrant, found.meets_criteria) == (quadrant, met)


def measured(test: str, value: float, upper: float, number: int) -> ClinicalRecord:
    return result(number, LBTESTCD=test, LBSTRESN=value, LBSTNRHI=upper, LBDTC="2021-04-01")


@pytest.mark.parametrize(
    ("alt", "bilirubin", "alp", "judged"),
    [
        ((120.1, 40), (20.5, 10), None, (True, True, False)),
        ((120, 40), (20, 10), (100, 50), (False, False, True)),
        ((119.9, 40), (19.99, 10), (199.7, 100), (False, False, False)),
        ((120.0001, 40), (20.001, 10), (199.999, 100), (True, True, False)),
        ((0.9, 0.3), (0.6, 0.3), (0.6, 0.3), (False, False, True)),
    ],
)
def test_a_multiple_is_judged_before_it_is_rounded(
    alt: tuple[float, float],
    bilirubin: tuple[float, float],
    alp: tuple[float, float] | None,
    judged: tuple[bool, bool, bool],
) -> None:
    rows = [measured("ALT", *alt, 1), measured("BILI", *bilirubin, 2), *([measured("ALP", *alp, 3)] if alp else [])]
    found = liver_findings(rows)
    assert (found.is_transaminase_high, found.is_bilirubin_high, found.is_cholestatic) == judged
    assert found.alt is not None
    assert found.alt.multiple == times_upper_limit(rows[0]), "what is shown is rounded"


def test_the_higher_of_two_that_round_to_the_same_is_the_peak() -> None:
    rows = [measured("ALT", 120.1, 40, 1), measured("ALT", 120.15, 40, 2), measured("AST", 120.18, 40, 3)]
    found = liver_findings(rows)
    assert found.alt is not None
    assert found.alt.row.id == "LB/2"
    assert found.transaminase == found.ast


@pytest.mark.parametrize(
    ("alt", "alp", "r_value", "pattern"),
    [
        (199.9, 40, 5.0, Injury.MIXED),
        (200, 40, 5.0, Injury.HEPATOCELLULAR),
        (80.1, 40, 2.0, Injury.MIXED),
        (80, 40, 2.0, Injury.CHOLESTATIC),
        (100.2, 33.35, 3.0, Injury.MIXED),
    ],
)
def test_the_pattern_of_injury_is_judged_by_r_before_it_is_rounded(
    alt: float, alp: float, r_value: float, pattern: Injury
) -> None:
    found = liver_findings([measured("ALT", alt, 10, 1), measured("ALP", alp, 10, 2)])
    assert (found.r_value, found.pattern) == (r_value, pattern)
    assert liver_findings([measured("ALT", alt, 10, 1)]).pattern is None


def test_bilirubin_in_urine_says_nothing_of_the_liver() -> None:
    found = liver_findings([of("ALT", 5), of("BILI", 9, number=2, LBSPEC="URINE")])
    assert (found.quadrant, found.is_transaminase_high, found.is_bilirubin_high) == (None, True, False)
    assert liver_findings([of("BILI", 9)]).quadrant is None
    assert not liver_findings([of("ALT", 5, LBSPEC="URINE"), of("AST", 3, number=2)]).is_transaminase_high


@pytest.mark.parametrize(
    ("alp_on", "alp", "r_value"), [("2021-04-02", 2, 2.5), ("2021-04-02T08:00", 0.9, 5.56), ("2021-04-03", 2, None)]
)
def test_r_is_of_the_day_of_the_peak_alt(alp_on: str, alp: float, r_value: float | None) -> None:
    rows = [of("ALT", 5, "2021-04-02T09:00"), of("ALP", alp, alp_on, number=2), of("ALP", 1, "2021-04-01", number=3)]
    found = liver_findings(rows)
    assert found.r_value == r_value
    assert found.first_alp is not None
    assert found.first_alp.row.id == "LB/3"
    assert liver_findings([of("AST", 5), of("ALP", 1, number=2)]).r_value is None
    assert liver_findings([of("ALT", 5, "2021-04"), of("ALP", 1, "2021-04", number=2)]).r_value is None


@pytest.mark.parametrize(
    ("values", "variable", "number"),
    [
        ({"LBSTRESN": 5, "LBSTRESC": "5"}, "LBSTRESN", 5),
        ({"LBSTRESC": "<1.1", "LBORRES": "<20"}, "LBSTRESC", 1.1),
        ({"LBORRES": ">= 20"}, "LBORRES", 20),
        ({"LBSTRESC": "POSITIVE"}, None, 0),
        ({"LBSTRESC": "BELOW LIMIT", "LBORRES": "<1.1"}, "LBORRES", 1.1),
        ({"LBSTRESC": "BLQ", "LBORRES": ">= 2"}, "LBORRES", 2),
        ({"LBSTRESC": "POSITIVE", "LBORRES": "1.1"}, None, 0),
        ({}, None, 0),
    ],
)
def test_what_was_measured_is_a_number_or_a_bound(values: dict[str, Any], variable: str | None, number: float) -> None:
    assert (result_variable(result(**values)), magnitude(result(**values))) == (variable, number)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.6", 1.6),
        ("12", 12),
        ("12.0", 12.0),
        ("-3", -3),
        ("<1.1", None),
        ("POSITIVE", None),
        ("NaN", None),
        ("1E999", None),
    ],
)
def test_a_reported_text_is_the_number_it_names_or_none(text: str, number: float | None) -> None:
    found = number_in(text)
    assert (found, type(found)) == (number, type(number))


def test_other_tests_of_blood_say_nothing_of_the_liver() -> None:
    assert liver_findings([of("SODIUM", 9), of("ALT", 2, number=2)]).quadrant is None
    assert liver_findings([of("SODIUM", 9), of("ALT", 4), of("BILI", 3, number=2)]).transaminase == peak_of(
        [of("ALT", 4)]
    )
