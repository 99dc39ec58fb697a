"""What a check lists of a subject's changes: in which order, with what of the record, and what each value sets off."""

from collections.abc import Mapping
from typing import Any

import pytest

from apps.studies.domain.changes import Operation, Origin, RecordChange
from apps.studies.domain.findings import Finding, ShownFile, findings_of, open_changes, unit_of

AE: Mapping[str, Any] = {"AETERM": "Fits", "AEDECOD": "SEIZURE", "AESER": "N", "AESTDTC": "2013-06-02", "AESEQ": 1}
LB: Mapping[str, Any] = {
    "LBTEST": "Alanine Aminotransferase", "LBSTRESN": 34, "LBSTRESU": "U/L", "LBORRES": "34", "LBORRESU": "IU/L",
    "VISIT": "WEEK 2", "LBDTC": "2013-06-05", "LBSTAT": "x",
}  # fmt: skip
FILES = {0: ShownFile("ae.xpt"), 1: ShownFile("lb.xpt"), 2: ShownFile("lb file", is_numbered=False)}


def change(
    domain: str, before: Mapping[str, Any] | None, values: Mapping[str, Any], *, file: int = 0, **more: Any
) -> RecordChange:
    operation = Operation.INSERT if before is None else Operation.UPDATE
    return RecordChange(operation, f"{domain}/1", domain, values, before, origin=Origin(file, 7), **more)


def found(*changes: RecordChange, stale: Mapping[str, list[str]] | None = None, is_known: bool = True) -> list[Finding]:
    lines = findings_of(changes, stale=stale or {}, files=FILES, is_known=is_known)
    return sorted(lines, key=lambda line: line.weight)


def effects(before: Mapping[str, Any], values: Mapping[str, Any], domain: str = "AE") -> dict[str, list[str]]:
    lines = found(change(domain, before, values))
    values_only = [line.details for line in lines if line.kind == "changed value"]
    return {str(details["variable"]): list(details["effects"]) for details in values_only}  # type: ignore[call-overload]


def test_a_value_names_its_test_visit_day_row_and_unit_on_both_sides() -> None:
    (line,) = found(change("LB", LB, {**LB, "LBSTRESN": 35, "LBSTRESU": "IU/L"}, file=1))[:1]
    unit = {"old": "U/L", "new": "IU/L", "variable": "LBSTRESU", "old_unit": "", "new_unit": ""}
    value = {"old": 34, "new": 35, "variable": "LBSTRESN", "old_unit": "U/L", "new_unit": "IU/L"}
    place = {"what": "Alanine Aminotransferase", "visit": "WEEK 2", "on": "2013-06-05", "file": "lb.xpt", "row": 7}
    nothing: dict[str, Any] = {"effects": [], "stale": []}
    assert line.details == {**place, **value, **nothing}
    other = found(change("LB", LB, {**LB, "LBSTRESN": 35, "LBSTRESU": "IU/L"}, file=1))[1]
    assert other.details == {**place, **unit, **nothing}


def test_an_event_is_named_by_its_term_and_the_day_it_began() -> None:
    (line,) = found(change("AE", {**AE, "AEDTC": "2013-07-01"}, {**AE, "AEDTC": "2013-07-01", "AESEV": "MILD"}))
    assert (line.details["what"], line.details["on"], line.details["visit"]) == ("SEIZURE", "2013-06-02", "")


def test_a_file_whose_numbers_would_tell_is_named_without_them() -> None:
    (one,), (other,) = (found(change("LB", LB, {**LB, "LBORRES": "35"}, file=number)) for number in (1, 2))
    assert (one.details["file"], one.details["row"]) == ("lb.xpt", 7)
    assert (other.details["file"], other.details["row"]) == ("lb file", None)


def test_a_record_without_name_day_or_source_is_listed_all_the_same() -> None:
    alone = RecordChange(Operation.UPDATE, "XX/1", "XX", {"XXA": "2"}, {"XXA": "1"})
    (line,) = found(alone)
    told = {"what": "", "visit": "", "on": "", "file": "", "row": None}
    assert told.items() <= line.details.items()


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"AESER": "Y"}, {"AESER": ["serious", "judgement"]}),
        ({"AEHLT": "x"}, {"AEHLT": []}),
        ({"AEREL": "PROBABLE"}, {"AEREL": ["judgement"]}),
        ({"AEOUT": "FATAL"}, {"AEOUT": ["death", "serious", "contradiction", "judgement"]}),
        ({"AESHOSP": "Y"}, {"AESHOSP": ["serious", "contradiction", "judgement"]}),
    ],
)
def test_what_a_value_of_an_event_sets_off_by_itself(values: dict[str, str], expected: dict[str, list[str]]) -> None:
    assert effects(AE, {**AE, **values}) == expected


def test_an_event_that_is_serious_no_longer_says_so() -> None:
    serious = {**AE, "AESER": "Y"}
    assert effects(serious, AE) == {"AESER": ["judgement", "not serious"]}


def test_of_two_values_that_tell_of_a_death_each_does_and_a_neighbour_does_not() -> None:
    dm = {"USUBJID": "S"}
    told = effects(dm, {**dm, "DTHFL": "Y", "DTHDTC": "2013-08-02", "AGE": 70}, domain="DM")
    assert told == {"AGE": [], "DTHDTC": ["death"], "DTHFL": ["death"]}


def test_a_disposition_that_becomes_a_reason_to_leave_says_so() -> None:
    ds = {"DSDECOD": "COMPLETED", "DSCAT": "DISPOSITION EVENT"}
    assert effects(ds, {**ds, "DSDECOD": "ADVERSE EVENT"}, domain="DS") == {"DSDECOD": ["discontinued"]}


def test_signed_text_that_goes_stale_is_told_at_the_value_that_does_it() -> None:
    words = ["Signed narrative version 1 goes stale: 2 facts"]
    lines = found(change("AE", AE, {**AE, "AESEV": "MILD", "AEHLT": "x"}), stale={"AE/1.AESEV": words})
    assert [(line.details["variable"], line.details["stale"]) for line in lines] == [("AESEV", words), ("AEHLT", [])]
    assert lines[0].details["effects"] == ["stale"]


def test_what_matters_most_comes_first_and_numbers_of_rows_last() -> None:
    lines = found(
        change("LB", LB, {**LB, "LBSTRESN": 35}),
        change("AE", AE, {**AE, "AESEQ": 9, "AEHLT": "x", "AEREL": "PROBABLE"}),
        change("XX", {"XXA": "1"}, {"XXA": "2"}),
        change("AE", AE, {**AE, "AESER": "Y"}),
        change("DM", {"SEX": "F"}, {"SEX": "F", "DTHFL": "Y"}),
    )
    order = [str(line.details["variable"]) for line in lines if line.kind == "changed value"]
    assert order == ["DTHFL", "AESER", "AEREL", "AEHLT", "LBSTRESN", "XXA", "AESEQ"]


def test_two_rows_of_one_new_event_are_one_line_and_a_death_is_told_once() -> None:
    new = [change("AE", None, {**AE, "AESER": "Y", "AESEQ": number}) for number in (1, 2)]
    ds = change("DS", None, {"DSDECOD": "DEATH", "DSCAT": "DISPOSITION EVENT"})
    lines = found(*new, ds)
    assert [(line.kind, line.details["text"]) for line in lines] == [("death", ""), ("new serious event", "SEIZURE")]


def test_of_a_subject_new_to_the_portal_no_value_changes() -> None:
    lines = found(change("AE", AE, {**AE, "AESER": "Y"}), is_known=False)
    assert [line.kind for line in lines] == ["changed judgement"]


def test_every_withdrawn_record_is_a_line_with_its_name() -> None:
    gone = [RecordChange(Operation.WITHDRAW, f"LB/{n}", "LB", LB, LB) for n in (1, 2)]
    lines = found(*gone)
    about = {"what": "Alanine Aminotransferase", "visit": "WEEK 2", "on": "2013-06-05"}
    assert [(line.kind, line.domain, line.details) for line in lines] == [("withdrawn record", "LB", about)] * 2


@pytest.mark.requirement("E6-411")
def test_what_becomes_hidden_reads_for_blinded_readers_as_what_is_withdrawn() -> None:
    whole = frozenset({"*"})
    hidden = RecordChange(
        Operation.UPDATE, "LB/1", "LB", {**LB, "LBTEST": "DRUGX"}, LB, hidden=whole, hidden_before=frozenset()
    )
    gone = RecordChange(Operation.WITHDRAW, "LB/1", "LB", LB, LB, hidden=frozenset(), hidden_before=frozenset())
    (one,), (other,) = open_changes([hidden]), open_changes([gone])
    assert found(one) == found(other)
    never = RecordChange(Operation.WITHDRAW, "LB/1", "LB", LB, LB, hidden=whole, hidden_before=whole)
    assert open_changes([never]) == []
    bare = RecordChange(Operation.WITHDRAW, "LB/1", "LB", LB, None, hidden=frozenset(), hidden_before=frozenset())
    assert [line.details["what"] for line in found(*open_changes([bare]))] == [""]


@pytest.mark.parametrize(
    ("domain", "variable", "unit"),
    [
        ("LB", "LBSTRESN", "U/L"), ("LB", "LBSTNRHI", "U/L"), ("LB", "LBORRES", "IU/L"), ("LB", "LBORNRLO", "IU/L"),
        ("LB", "LBTEST", ""), ("DM", "AGE", "YEARS"), ("CM", "CMDOSE", "mg"), ("CM", "LBORRES", ""),
    ],
)  # fmt: skip
def test_the_unit_is_the_one_of_the_value(domain: str, variable: str, unit: str) -> None:
    values = {"LBSTRESU": "U/L", "LBORRESU": "IU/L", "AGEU": "YEARS", "CMDOSU": "mg"}
    assert unit_of(domain, variable, values) == unit


def test_a_value_without_a_unit_has_none() -> None:
    assert unit_of("LB", "LBSTRESN", {}) == ""
