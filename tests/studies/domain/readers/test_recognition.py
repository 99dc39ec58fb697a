"""What a dataset is: by its columns, and by its name only where these do not say."""

import pytest

from apps.studies.domain.readers.frame import Frame
from apps.studies.domain.readers.package import NOT_READ, read_package
from apps.studies.domain.readers.recognition import NotSdtmError, SheetKind, kind_and_domain
from tests.studies.domain.readers.samples import csv_bytes, events, source_file, subjects


def frame(dataset: str = "", **columns: list[object]) -> Frame:
    height = len(next(iter(columns.values())))
    return Frame(columns, height, dataset=dataset)


@pytest.mark.parametrize(
    ("columns", "file", "kind", "domain"),
    [
        ({"DOMAIN": ["AE", "AE"]}, "X", SheetKind.RECORDS, "AE"),
        ({"DOMAIN": ["ZZZ", "LB"]}, "X", SheetKind.RECORDS, "LB"),
        ({"DOMAIN": ["TV"]}, "X", SheetKind.STUDY, "TV"),
        ({"DOMAIN": ["DI"]}, "X", SheetKind.STUDY, "DI"),
        ({"DOMAIN": ["APMH"]}, "X", SheetKind.STUDY, "APMH"),
        ({"DOMAIN": []}, "AE", SheetKind.RECORDS, "AE"),
        ({"USUBJID": ["1"], "AETERM": ["A"]}, "AE", SheetKind.RECORDS, "AE"),
        ({"USUBJID": ["1"], "SEX": ["F"]}, "DM", SheetKind.RECORDS, "DM"),
        ({"USUBJID": ["1"], "RSUBJID": ["2"], "SREL": ["TWIN"]}, "X", SheetKind.STUDY, "RELSUB"),
        ({"USUBJID": ["1"], "REFID": ["2"], "SPEC": ["DNA"], "LEVEL": [1]}, "X", SheetKind.STUDY, "RELSPEC"),
        ({"POOLID": ["1"], "USUBJID": ["2"]}, "X", SheetKind.STUDY, "POOLDEF"),
        (
            {name: [] for name in ("RDOMAIN", "QNAM", "QVAL", "IDVAR", "IDVARVAL")},
            "SUPPAE",
            SheetKind.QUALIFIERS,
            "SUPPAE",
        ),
        ({name: [] for name in ("RDOMAIN", "RELID", "IDVAR", "IDVARVAL")}, "X", SheetKind.RELATIONS, "RELREC"),
    ],
)
def test_a_dataset_is_known_by_its_columns(
    columns: dict[str, list[object]], file: str, kind: SheetKind, domain: str
) -> None:
    assert kind_and_domain(frame(**columns), file)[:2] == (kind, domain)


@pytest.mark.parametrize(
    ("columns", "file", "said"),
    [
        ({"USUBJID": ["1"], "PARAMCD": ["X"], "AVAL": [1]}, "ADLB", "made for analysis"),
        ({"USUBJID": ["1"], "TRT01P": ["X"], "SAFFL": ["Y"]}, "ADSL", "made for analysis"),
        ({"DOMAIN": ["DM"], "SPECIES": ["RAT"]}, "DM", "of animals"),
        ({"CODE": ["1"], "MEANING": ["2"]}, "CODES", "no column DOMAIN"),
        ({"USUBJID": ["1"], "TERM": ["2"]}, "AE", "no column DOMAIN"),
        ({"DOMAIN": ["X" * 9]}, "X", "expected a domain code"),
    ],
)
def test_what_is_no_sdtm_says_what_it_is(columns: dict[str, list[object]], file: str, said: str) -> None:
    with pytest.raises(NotSdtmError, match=said):
        kind_and_domain(frame(**columns), file)


def test_what_is_no_sdtm_is_left_out_by_name_and_the_rest_comes_in() -> None:
    analysis = source_file("adsl.csv", csv_bytes({"USUBJID": ["01"], "TRT01P": ["A"], "SAFFL": ["Y"]}))
    package = read_package([subjects("01"), analysis, events(AESEQ=[1], AETERM=["FALL"])])
    assert len(package.rows_of("01")) == 2
    account = package.accounts[1]
    assert (account.name, account.kind, account.rows, account.domain) == ("adsl.csv", NOT_READ, 0, "")
    assert account.notes == ("It is ADaM, made for analysis; the SDTM it was made from is read.",)


@pytest.mark.parametrize("content", [b"<ODM", b'<!DOCTYPE x SYSTEM "http://127.0.0.1/"><x/>', b"<html/>"])
def test_a_definition_that_cannot_be_read_costs_no_data(content: bytes) -> None:
    package = read_package([subjects("01"), source_file("define.xml", content)])
    assert len(package.rows_of("01")) == 1
    assert (package.accounts[1].kind, bool(package.accounts[1].notes)) == (NOT_READ, True)


def test_devices_belong_to_the_study_and_to_the_subject_they_name() -> None:
    table = {
        "STUDYID": ["S1"] * 2,
        "DOMAIN": ["DT"] * 2,
        "SPDEVID": ["D1", "D2"],
        "USUBJID": ["", "01"],
        "DTSEQ": [1, 2],
    }
    package = read_package([subjects("01"), source_file("dt.csv", csv_bytes(table))])
    assert [row.values["SPDEVID"] for row in package.study_rows()] == ["D1"]
    assert [row.values.get("SPDEVID") for row in package.rows_of("01")] == [None, "D2"]


def test_a_device_of_a_subject_that_nobody_knows_is_refused() -> None:
    table = {"STUDYID": ["S1"], "DOMAIN": ["DT"], "SPDEVID": ["D1"], "USUBJID": ["09"], "DTSEQ": [1]}
    package = read_package([subjects("01"), source_file("dt.csv", csv_bytes(table))])
    assert [(row.variable, row.subject_id) for row in package.rejected] == [("USUBJID", "09")]
