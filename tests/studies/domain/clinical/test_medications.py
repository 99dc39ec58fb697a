"""One medication of several rows: the last visit has the last word, the earliest start is the start."""

from typing import Any

import pytest

from apps.studies.domain.clinical.medications import medication_of, regimens_of
from apps.studies.domain.clinical.records import ClinicalRecord, name_of
from apps.studies.domain.clinical.spans import Span, duration_days
from apps.studies.domain.dates import parse


def row(number: int = 1, **values: Any) -> ClinicalRecord:
    return ClinicalRecord(f"CM/{number}", "CM", values)


def test_every_detail_comes_from_its_variable_of_the_last_row() -> None:
    first = row(1, CMTRT="ASPIRINE", CMSTDTC="2011", CMDOSE=100, CMDTC="2013-05-01", CMENDTC="2012")
    last = row(
        2, CMTRT="ASPIRIN", CMDECOD="ACETYLSALICYLIC ACID", CMINDC="PAIN", CMDOSE=325, CMDOSU="mg", CMDOSFRQ="BID",
        CMROUTE="ORAL", CMSTDTC="2012-02", CMENDTC="2013-06-20", CMDTC="2013-07-01",
    )  # fmt: skip
    drug = medication_of("MEDICATION/1", [last, first])
    assert (drug.id, [part.id for part in drug.rows]) == ("MEDICATION/1", ["CM/1", "CM/2"])
    assert (drug.name, drug.coded_name, drug.indication) == ("ASPIRIN", "ACETYLSALICYLIC ACID", "PAIN")
    assert (drug.dose, drug.dose_unit, drug.frequency, drug.route) == (325, "mg", "BID", "ORAL")
    assert (drug.start, drug.end, drug.is_ongoing) == ("2011", "2013-06-20", False)
    assert drug.sources == {
        "name": ("CM/2.CMTRT",),
        "indication": ("CM/2.CMINDC",),
        "dose": ("CM/2.CMDOSE",),
        "dose_unit": ("CM/2.CMDOSU",),
        "frequency": ("CM/2.CMDOSFRQ",),
        "route": ("CM/2.CMROUTE",),
        "end": ("CM/2.CMENDTC",),
        "start": ("CM/1.CMSTDTC", "CM/2.CMSTDTC"),
    }


@pytest.mark.parametrize(
    ("values", "dose", "source"),
    [
        ({"CMDOSE": 325, "CMDOSTXT": "1-2"}, 325, "CMDOSE"),
        ({"CMDOSE": 0, "CMDOSTXT": "1-2"}, 0, "CMDOSE"),
        ({"CMDOSTXT": "1-2"}, "1-2", "CMDOSTXT"),
        ({}, None, "CMDOSE"),
    ],
)
def test_a_dose_names_the_variable_that_it_was_read_from(values: dict[str, Any], dose: object, source: str) -> None:
    drug = medication_of("M", [row(1, CMDOSE=100, CMDTC="2013-05-01"), row(2, CMDTC="2013-06-01", **values)])
    assert (drug.dose, drug.sources["dose"]) == (dose, (f"CM/2.{source}",))


def test_what_is_not_recorded_is_none_and_uncoded_is_no_name() -> None:
    drug = medication_of("M", [row(CMDECOD="UNCODED", CMDOSTXT="1-2")])
    assert (drug.name, drug.coded_name, drug.dose, drug.start, drug.end) == ("", None, "1-2", None, None)
    assert not drug.is_ongoing


@pytest.mark.parametrize(
    ("values", "goes_on"),
    [
        ({"CMENRTPT": "ONGOING"}, True),
        ({"CMENRTPT": "Ongoing "}, True),
        ({"CMENRF": "AFTER"}, True),
        ({"CMENRF": "DURING/AFTER"}, True),
        ({"CMONGO": "ONGOING"}, True),
        ({"CMENRTPT": "BEFORE"}, False),
        ({"CMENRTPT": "UNKNOWN", "CMENRF": "DURING"}, False),
        ({"CMENRTPT": "ONGOING", "CMENDTC": "2013-06-20"}, False),
        ({"CMSTDTC": "1984"}, False),
    ],
)
def test_a_medication_goes_on_only_where_the_data_say_so(values: dict[str, Any], goes_on: bool) -> None:
    assert medication_of("M", [row(**values)]).is_ongoing is goes_on


def test_the_last_row_says_whether_a_medication_goes_on() -> None:
    rows = [row(1, CMENRTPT="ONGOING", CMDTC="2013-05-01"), row(2, CMDTC="2013-06-01")]
    assert not medication_of("M", rows).is_ongoing


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"CMDOSE": 325, "CMDOSU": "mg"}, 325),
        ({"CMDOSE": 0, "CMDOSU": "mg"}, None),
        ({"CMDOSTXT": "0"}, None),
        ({"CMDOSE": 1, "CMDOSU": "TABLET", "CMROUTE": "ORAL"}, 1),
        ({"CMDOSE": 1, "CMDOSU": "Tablet", "CMROUTE": "Topical"}, None),
        ({"CMDOSE": 1, "CMDOSU": "TABLET"}, 1),
        ({"CMDOSE": 1, "CMDOSU": "g", "CMROUTE": "TOPICAL"}, 1),
        ({}, None),
    ],
)
def test_a_dose_is_told_where_it_can_be_one(values: dict[str, Any], told: int | None) -> None:
    assert medication_of("M", [row(**values)]).told_dose == told


def regimens(*rows: ClinicalRecord) -> list[tuple[str, Any, str | None, str | None]]:
    found = regimens_of(medication_of("MEDICATION/1", rows))
    return [(part.id, part.dose, part.start, part.end) for part in found]


def test_each_dose_has_its_own_span_and_the_first_keeps_the_id() -> None:
    assert regimens(
        row(1, CMDOSE=5, CMSTDTC="2012", CMDTC="2013-05-01"),
        row(2, CMDOSE=5.0, CMSTDTC="2012", CMENDTC="2013-06-01", CMDTC="2013-06-02"),
        row(3, CMDOSE=10, CMSTDTC="2013-06-02", CMDTC="2013-07-01"),
        row(4, CMDOSE=5, CMSTDTC="2013-08-01", CMDTC="2013-08-01"),
    ) == [
        ("MEDICATION/1", 5.0, "2012", "2013-06-01"),
        ("MEDICATION/1~2", 10, "2013-06-02", None),
        ("MEDICATION/1~3", 5, "2013-08-01", None),
    ]


@pytest.mark.parametrize(
    ("first", "second", "count"),
    [
        ({"CMTRT": "ASPIRIN"}, {"CMTRT": "Aspirin "}, 1),
        ({"CMTRT": "ASPIRIN"}, {"CMTRT": "IBUPROFEN"}, 2),
        ({"CMDOSU": "mg"}, {"CMDOSU": "g"}, 2),
        ({"CMDOSTXT": "1-2"}, {"CMDOSTXT": "2"}, 2),
        ({"CMDOSFRQ": "QD"}, {"CMDOSFRQ": "BID"}, 2),
        ({"CMROUTE": "ORAL"}, {"CMROUTE": "TOPICAL"}, 2),
        ({"CMDOSE": 5}, {}, 1),
        ({"CMINDC": "PAIN"}, {"CMINDC": "FEVER"}, 1),
        ({"CMENDTC": "2013-05-10"}, {"CMSTDTC": "2013-05-11"}, 2),
        ({"CMENDTC": "2013-05-10"}, {"CMSTDTC": "2013-05-10"}, 1),
        ({"CMENDTC": "2013-05"}, {"CMSTDTC": "2013-05-11"}, 1),
        ({}, {"CMSTDTC": "2013-05-11"}, 1),
        ({"CMENDTC": "2013-05-10"}, {}, 1),
    ],
)
def test_rows_are_one_regimen_unless_both_say_otherwise(
    first: dict[str, Any], second: dict[str, Any], count: int
) -> None:
    assert len(regimens(row(1, CMDTC="2013-05-01", **first), row(2, CMDTC="2013-06-01", **second))) == count


def test_what_a_row_leaves_out_does_not_hide_a_change_of_dose() -> None:
    found = regimens(
        row(1, CMDOSE=5, CMDTC="2013-05-01"), row(2, CMDTC="2013-06-01"), row(3, CMDOSE=10, CMDTC="2013-07-01")
    )
    assert [dose for _id, dose, _start, _end in found] == [None, 10]


@pytest.mark.parametrize(
    ("domain", "values", "name"),
    [
        ("AE", {"AEDECOD": "SYNCOPE", "AETERM": "fainted"}, "SYNCOPE"),
        ("AE", {"AETERM": "fainted"}, "fainted"),
        ("CM", {"CMTRT": "ASA"}, "ASA"),
        ("DS", {"DSTERM": "LEFT"}, "LEFT"),
        ("MH", {"MHDECOD": "GOUT"}, "GOUT"),
        ("SV", {"VISIT": "WEEK 2"}, "WEEK 2"),
        ("VS", {"VSTEST": "Pulse"}, "Pulse"),
        ("XX", {"XXTERM": "term"}, "term"),
        ("XX", {"XXTRT": "drug"}, "drug"),
        ("DM", {"AGE": 5}, None),
    ],
)
def test_a_record_is_named_by_what_it_is_about(domain: str, values: dict[str, Any], name: str | None) -> None:
    assert name_of(ClinicalRecord("X/1", domain, values)) == name


def test_spans_that_touch_on_a_day_share_it_and_a_duration_needs_both_ends() -> None:
    may = Span(parse("2013-05-01").first_day, parse("2013-05-31").last_day)
    june = Span(parse("2013-06-01").first_day, parse("2013-06-30").last_day)
    last_of_may = Span(parse("2013-05-31").first_day, None)
    assert may.overlaps(last_of_may)
    assert last_of_may.overlaps(may)
    assert not may.overlaps(june)
    assert not june.overlaps(may)
    assert duration_days("2013-05-01", "2013-05-01") == 1
    assert duration_days(None, "2013-05-01") is None
    assert duration_days("2013-05-02", "2013-05-01") is None
