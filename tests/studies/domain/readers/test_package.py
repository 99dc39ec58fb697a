"""Packages: every source row is a record, a qualifier, or refused with a reason."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import SourceFile
from tests.studies.domain.readers.samples import csv_bytes, events, parquet_bytes, source_file, subjects
from tests.studies.domain.readers.test_formats import DEFINE


def reasons(package: Package) -> list[tuple[str, int, str]]:
    return [(refused.file, refused.number, refused.variable) for refused in package.rejected]


def supp(*rows: Sequence[object], name: str = "suppae.csv") -> SourceFile:
    """SUPPAE rows of subject 01: IDVAR, IDVARVAL, QNAM, QVAL."""
    names = ("IDVAR", "IDVARVAL", "QNAM", "QVAL")
    columns = {column: [row[position] for row in rows] for position, column in enumerate(names)}
    height = len(rows)
    start = {"STUDYID": ["S1"] * height, "RDOMAIN": ["AE"] * height, "USUBJID": ["01"] * height}
    return source_file(name, csv_bytes({**start, **columns, "QLABEL": ["A label"] * height}))


def relrec(*rows: Sequence[object]) -> SourceFile:
    """RELREC rows: RDOMAIN, USUBJID, IDVAR, IDVARVAL, RELID."""
    names = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "RELID")
    columns = {column: [row[position] for row in rows] for position, column in enumerate(names)}
    return source_file("relrec.csv", csv_bytes({"STUDYID": ["S1"] * len(rows), **columns}))


def assert_adds_up(package: Package) -> None:
    for account in package.accounts:
        assert account.rows == account.records + account.qualifiers + account.rejected
    assert sum(account.rejected for account in package.accounts) == len(package.rejected)
    built = sum(len(package.rows_of(subject)) for subject in package.subject_ids) + len(package.study_rows())
    assert built == sum(account.records for account in package.accounts)


def test_a_subject_has_dm_first_and_its_rows_with_their_source() -> None:
    package = read_package([events(AESEQ=[1], AETERM=["HEADACHE"]), subjects("01", "02")])
    demographics, event = package.rows_of("01")
    assert (demographics.domain, demographics.file, demographics.number) == ("DM", "dm.csv", 1)
    assert event.values == {"STUDYID": "S1", "DOMAIN": "AE", "USUBJID": "01", "AESEQ": 1, "AETERM": "HEADACHE"}
    assert package.subject_ids == ["01", "02"]
    assert package.study_id == "S1"
    assert package.rows_of("99") == []
    assert_adds_up(package)


def test_formats_give_equal_rows() -> None:
    table = {"STUDYID": ["S1"], "DOMAIN": ["AE"], "USUBJID": ["01"], "AESEQ": [3.0], "AETERM": [" A "], "AESEV": [None]}
    spelled = {**table, "AESEQ": ["3.0"], "AESEV": ["  "]}
    files = [source_file("ae.parquet", parquet_bytes(table)), source_file("ae.csv", csv_bytes(spelled))]
    one, other = (read_package([file, subjects("01")]).rows_of("01")[1].values for file in files)
    assert one == other


def test_split_files_are_one_domain_by_its_column() -> None:
    package = read_package([events("aex.csv", AESEQ=[1]), events("aey.csv", AESEQ=[2], AESEV=["MILD"]), subjects("01")])
    assert [row.domain for row in package.rows_of("01")] == ["DM", "AE", "AE"]
    assert package.columns["AE"] == ("STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AESEV")


def test_a_sequence_number_used_twice_is_refused_even_across_files() -> None:
    package = read_package([events("aex.csv", AESEQ=[1, 2]), events("aey.csv", AESEQ=[2], AESEV=["X"]), subjects("01")])
    assert reasons(package) == [("aey.csv", 1, "AESEQ")]
    assert "same AESEQ as row 2 of aex.csv" in package.rejected[0].reason
    assert_adds_up(package)


def test_an_identical_row_is_refused_as_a_duplicate() -> None:
    package = read_package([events(AESEQ=[1, 1], AETERM=["A", "A"]), subjects("01", "01")])
    assert sorted(reasons(package)) == [("ae.csv", 2, ""), ("dm.csv", 2, "")]
    assert all("duplicate of row 1" in refused.reason for refused in package.rejected)


def test_rows_without_sequence_numbers_are_told_apart_by_their_values() -> None:
    package = read_package([events(AETERM=["A", "B", "A"]), subjects("01")])
    assert reasons(package) == [("ae.csv", 3, "")]
    blank = read_package([events(AESEQ=["", ""], AETERM=["A", "B"]), subjects("01")])
    assert blank.rejected == []


def test_a_second_dm_row_of_a_subject_is_refused() -> None:
    table = {"STUDYID": ["S1"] * 2, "DOMAIN": ["DM"] * 2, "USUBJID": ["01"] * 2, "SEX": ["F", "M"]}
    package = read_package([source_file("dm.csv", csv_bytes(table))])
    assert reasons(package) == [("dm.csv", 2, "USUBJID")]


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("AETERM", "x" * 100_001, "100,001 characters"),
        ("AETERM", "a\x07", "U+0007"),
    ],
)
def test_a_row_with_an_impossible_value_is_refused_with_its_place(column: str, value: str, said: str) -> None:
    package = read_package([events(AESEQ=[1, 2], **{column: ["", value]}), subjects("01")])
    assert reasons(package) == [("ae.csv", 2, column)]
    assert said in package.rejected[0].reason
    assert package.rejected[0].subject_id == "01"
    assert_adds_up(package)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("AESTDTC", "2013-02-30", "expected a day from 01 to 28"),
        ("AEENDTC", "2013-05-UN", "expected an ISO 8601 date"),
        ("AEBDSYCD", "many", "expected a number"),
    ],
)
def test_a_value_that_may_be_blank_is_refused_alone_and_its_row_comes_in(column: str, value: str, said: str) -> None:
    package = read_package([events(AESEQ=[1, 2], AETERM=["A", "B"], **{column: ["", value]}), subjects("01")])
    (cell,) = package.refused_cells
    assert (cell.file, cell.number, cell.variable, cell.subject_id, cell.is_cell) == ("ae.csv", 2, column, "01", True)
    assert said in cell.reason
    (row,) = [row for row in package.rows_of("01") if row.values.get("AESEQ") == 2]
    assert (row.values["AETERM"], row.unread, column in row.values) == ("B", {column}, False)
    assert reasons(package) == []
    assert_adds_up(package)


def test_only_the_first_fault_of_a_row_is_told() -> None:
    package = read_package([events(AESEQ=["x"], AESTDTC=["2013-13"]), subjects("01")])
    assert reasons(package) == [("ae.csv", 1, "AESEQ")]


def test_a_subject_missing_from_dm_keeps_its_records_and_is_named() -> None:
    package = read_package([events(AESEQ=[1]), subjects("02")])
    assert package.subject_ids == ["01", "02"]
    assert [row.domain for row in package.rows_of("01")] == ["AE"]
    assert package.undescribed == ["01"]
    assert_adds_up(package)


def test_a_subject_whose_dm_row_was_refused_keeps_its_records_and_is_named() -> None:
    demographics = source_file(
        "dm.csv", csv_bytes({"STUDYID": ["S1"], "DOMAIN": ["DM"], "USUBJID": ["01"], "SUBJID": ["\x07"]})
    )
    package = read_package([events(AESEQ=[1]), demographics])
    assert [refused.domain for refused in package.rejected] == ["DM"]
    assert package.undescribed == ["01"]


def test_without_any_dm_file_everybody_with_a_record_is_a_subject() -> None:
    package = read_package([events(AESEQ=[1])])
    assert (package.subject_ids, package.undescribed, package.rejected) == (["01"], ["01"], [])


def test_rows_that_tell_more_of_records_make_no_subject() -> None:
    table = {"STUDYID": ["S1"], "RDOMAIN": ["AE"], "USUBJID": ["09"], "IDVAR": ["AESEQ"], "IDVARVAL": ["1"]}
    supp = source_file(
        "suppae.csv", csv_bytes({**table, "QNAM": ["AETRTEM"], "QLABEL": ["Treatment emergent"], "QVAL": ["Y"]})
    )
    package = read_package([supp, events(AESEQ=[1]), subjects("01")])
    assert package.subject_ids == ["01"]
    assert package.rejected[0].reason.startswith("Subject 09 has no record. Add the record that this row tells more of")
    assert_adds_up(package)


def test_blank_study_domain_or_subject_is_refused_by_row() -> None:
    table = {
        "STUDYID": ["S1", "", "S1", "S1", "S1"],
        "DOMAIN": ["AE", "AE", "", "AE", "CM"],
        "USUBJID": ["01", "01", "01", "", "01"],
        "AESEQ": [1, 2, 3, 4, 5],
    }
    package = read_package([source_file("ae.csv", csv_bytes(table)), subjects("01")])
    assert [(number, variable) for _, number, variable in reasons(package)] == [
        (2, "STUDYID"),
        (3, "DOMAIN"),
        (4, "USUBJID"),
        (5, "DOMAIN"),
    ]
    assert_adds_up(package)


def test_a_file_of_another_study_is_refused() -> None:
    with pytest.raises(UnreadableSourceError, match=r"ae.csv: got STUDYID 'S2', expected 'S1'"):
        read_package([subjects("01"), events(study="S2", AESEQ=[1])])
    with pytest.raises(UnreadableSourceError, match=r"dm.csv: got STUDYID 'S1', expected 'OTHER'"):
        read_package([subjects("01")], study_id="OTHER")


def test_files_without_study_identifiers_are_refused() -> None:
    blank = source_file("dm.csv", csv_bytes({"STUDYID": [""], "DOMAIN": ["DM"], "USUBJID": ["01"]}))
    with pytest.raises(UnreadableSourceError, match="no file has a value of STUDYID"):
        read_package([blank])
    with pytest.raises(UnreadableSourceError, match="no file has a value of STUDYID"):
        read_package([source_file("ae.csv", b"DOMAIN,USUBJID\nAE,01\n")])
    with pytest.raises(UnreadableSourceError, match="no column DOMAIN"):
        read_package([source_file("codes.csv", b"STUDYID,AETERM\nS1,A\n")])


@pytest.mark.parametrize(("expected", "fallback", "found"), [("S1", "T", "S1"), (None, "T", "T")])
def test_a_file_without_a_study_is_of_the_one_that_is_known(expected: str | None, fallback: str, found: str) -> None:
    dm = source_file("dm.csv", b"DOMAIN,USUBJID\nDM,01\n")
    package = read_package([dm], study_id=expected, fallback_study_id=fallback)
    assert package.study_id == found
    assert package.rows_of("01")[0].values["STUDYID"] == found
    assert package.accounts[0].notes == (f"It has no column STUDYID; {found} is that of the study.",)


def test_a_file_without_a_domain_is_of_the_one_that_its_name_and_columns_say() -> None:
    package = read_package([subjects("01"), source_file("ae.csv", b"STUDYID,USUBJID,AESEQ,AETERM\nS1,01,1,FALL\n")])
    assert [row.domain for row in package.rows_of("01")] == ["DM", "AE"]
    assert "AE is the name of the dataset" in package.accounts[1].notes[0]


def test_an_empty_dataset_is_an_account_of_nothing() -> None:
    package = read_package([subjects("01"), source_file("ae.csv", b"STUDYID,DOMAIN,USUBJID,AESEQ\n")])
    assert [(account.name, account.rows) for account in package.accounts] == [("dm.csv", 1), ("ae.csv", 0)]
    assert package.columns["DM"] == ("STUDYID", "DOMAIN", "USUBJID")


def test_qualifiers_join_their_parent_by_number_whatever_its_spelling() -> None:
    package = read_package(
        [
            events(AESEQ=[3.0], AETERM=["A"]),
            supp(("AESEQ", "3", "AETRTEM", "Y"), ("AESEQ", "3.0", "AEX", "")),
            subjects("01"),
        ]
    )
    assert package.rows_of("01")[1].values["AETRTEM"] == "Y"
    assert "AEX" not in package.rows_of("01")[1].values
    assert package.columns["AE"][-1] == "AETRTEM"
    assert package.labels["AE"] == {"AETRTEM": "A label", "AEX": "A label"}
    account = next(account for account in package.accounts if account.name == "suppae.csv")
    assert (account.domain, account.kind, account.qualifiers) == ("SUPPAE", "qualifiers", 2)
    assert_adds_up(package)


def test_a_qualifier_of_a_group_joins_every_row_of_it() -> None:
    package = read_package(
        [events(AESEQ=[1, 2, 3], AESPID=["E1", "E1", "E2"]), supp(("AESPID", "E1", "AEX", "Y")), subjects("01")]
    )
    assert ["AEX" in row.values for row in package.rows_of("01")] == [False, True, True, False]


@pytest.mark.parametrize(
    ("qualifier", "variable", "said"),
    [
        (("AESEQ", "9", "AEX", "Y"), "IDVARVAL", "No accepted row of the subject has AESEQ 9"),
        (("AESEQ", "nine", "AEX", "Y"), "IDVARVAL", "No accepted row of the subject has AESEQ nine"),
        (("AESEQ", "", "AEX", "Y"), "IDVARVAL", "No accepted row of the subject has AESEQ None"),
        (("", "", "AEX", "Y"), "QNAM", "IDVAR is blank and the subject has 2 rows"),
        (("AESEQ", "1", "AETERM", "Y"), "QNAM", "has AETERM already"),
        (("AESEQ", "1", "too long name", "Y"), "QNAM", "expected the name of a variable"),
        (("AESEQ", "1", "", "Y"), "QNAM", "expected the name of a variable"),
        (("AESEQ", "1", "AEXDTC", "2013-13"), "AEXDTC", "Got '2013-13'"),
    ],
)
def test_a_qualifier_that_cannot_be_joined_is_refused(qualifier: Sequence[object], variable: str, said: str) -> None:
    package = read_package([events(AESEQ=[1, 2], AETERM=["A", "B"]), supp(qualifier), subjects("01")])
    assert reasons(package) == [("suppae.csv", 1, variable)]
    assert said in package.rejected[0].reason
    assert_adds_up(package)


def test_a_qualifier_given_twice_is_refused_the_second_time() -> None:
    package = read_package(
        [events(AESEQ=[1]), supp(("AESEQ", "1", "AEX", "Y"), ("AESEQ", "1", "AEX", "N")), subjects("01")]
    )
    assert reasons(package) == [("suppae.csv", 2, "QNAM")]
    assert package.rows_of("01")[1].values["AEX"] == "Y"


def test_a_qualifier_of_a_refused_row_is_refused_too() -> None:
    package = read_package([events(AESEQ=[1], AETERM=["\x07"]), supp(("AESEQ", "1", "AEX", "Y")), subjects("01")])
    assert reasons(package) == [("ae.csv", 1, "AETERM"), ("suppae.csv", 1, "IDVARVAL")]


def test_a_file_carries_its_columns_and_the_qualifiers_of_its_domain() -> None:
    event, kit = events(AESEQ=[1], AETERM=["FALL"]), supp(("AESEQ", "1", "AETRTEM", "Y"))
    package = read_package([subjects("01"), event, kit])
    own = {"STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AETERM"}
    assert package.own_columns("ae.csv") == own
    assert package.carried["ae.csv"] == own | {"AETRTEM"}
    assert package.own_columns("dm.csv") == {"STUDYID", "DOMAIN", "USUBJID"}
    assert package.own_columns("none.csv") == frozenset()


def test_a_blank_idvar_means_the_dm_row_of_the_subject() -> None:
    table = {"STUDYID": ["S1"], "RDOMAIN": ["DM"], "USUBJID": ["01"], "IDVAR": [""], "IDVARVAL": [""]}
    suppdm = source_file("suppdm.csv", csv_bytes({**table, "QNAM": ["ITT"], "QVAL": ["Y"]}))
    assert read_package([suppdm, subjects("01")]).rows_of("01")[0].values["ITT"] == "Y"


def test_a_relation_points_at_rows_of_the_same_subject() -> None:
    links = relrec(("AE", "01", "AESEQ", "2", "R1"), ("AE", "01", "AESPID", "E1", "R2"))
    package = read_package([events(AESEQ=[1, 2], AESPID=["E1", "E1"]), links, subjects("01")])
    rows = package.rows_of("01")
    assert [row.domain for row in rows] == ["DM", "AE", "AE", "RELREC", "RELREC"]
    assert [row.targets for row in rows[3:]] == [(2,), (1, 2)]
    assert_adds_up(package)


def test_relations_that_point_at_nothing_are_refused() -> None:
    links = relrec(
        ("AE", "01", "AESEQ", "9", "R1"),
        ("AE", "02", "AESEQ", "1", "R1"),
        ("QQQ", "01", "X", "1", "R1"),
        ("QQ", "01", "QQSEQ", "1", "R1"),
    )
    package = read_package([events(AESEQ=[1]), links, subjects("01")])
    assert reasons(package) == [
        ("relrec.csv", 1, "IDVARVAL"),
        ("relrec.csv", 2, "USUBJID"),
        ("relrec.csv", 3, "RDOMAIN"),
        ("relrec.csv", 4, "IDVARVAL"),
    ]
    assert_adds_up(package)


def test_a_relation_of_whole_datasets_belongs_to_the_study() -> None:
    package = read_package([subjects("01"), relrec(("AE", "", "AESPID", "", "R1"))])
    (row,) = package.study_rows()
    assert (row.domain, row.subject_id, row.targets) == ("RELREC", None, ())


def test_trial_design_belongs_to_the_study() -> None:
    table = {"STUDYID": ["S1"] * 3, "DOMAIN": ["TS"] * 3, "TSPARMCD": ["A", "B", "A"], "TSSEQ": [1, 1, 1]}
    package = read_package([subjects("01"), source_file("ts.csv", csv_bytes(table))])
    assert [row.values["TSPARMCD"] for row in package.study_rows()] == ["A", "B"]
    assert reasons(package) == [("ts.csv", 3, "")]
    assert_adds_up(package)


def test_a_ragged_csv_row_is_refused_with_its_number() -> None:
    broken = source_file("ae.csv", b"STUDYID,DOMAIN,USUBJID,AESEQ\nS1,AE,01,1\nS1,AE,01,2,extra\n")
    package = read_package([broken, subjects("01")])
    assert reasons(package) == [("ae.csv", 2, "")]
    assert "Got 5 fields, expected 4" in package.rejected[0].reason


def test_ignored_and_definition_files_are_in_the_account() -> None:
    define = source_file("define.xml", DEFINE.encode())
    package = read_package([subjects("01"), define, source_file("README.md", b"x")])
    assert [(account.name, account.kind, account.rows) for account in package.accounts] == [
        ("dm.csv", "records", 1),
        ("define.xml", "define", 0),
        ("README.md", "ignored", 0),
    ]
    assert package.labels["AE"] == {"AETERM": "Term"}
    assert package.key_notes == ()


def define_with_key(*names: str) -> SourceFile:
    references = "".join(f'<ItemRef ItemOID="IT.{name}" KeySequence="{n}"/>' for n, name in enumerate(names, 1))
    items = "".join(f'<ItemDef OID="IT.{name}" Name="{name}"/>' for name in names)
    head, _, rest = DEFINE.partition('   <ItemRef ItemOID="IT.TERM"')
    tail = rest.partition("</ItemGroupDef>")[2].partition("<ItemDef")[0]
    text = f"{head}{references}</ItemGroupDef>{tail}{items}</MetaDataVersion></Study></ODM>"
    return source_file("define.xml", text.encode())


@pytest.mark.parametrize(
    ("key", "usable", "said"),
    [
        (("USUBJID", "AETERM"), ("USUBJID", "AETERM"), "is unique in 3 rows"),
        (("USUBJID", "AESEV"), (), "is not unique: 2 of 3 rows share it. It is not used"),
        (("USUBJID", "AESEQ"), (), "contains the sequence number"),
    ],
)
def test_a_key_of_define_xml_counts_only_where_it_is_unique(
    key: tuple[str, ...], usable: tuple[str, ...], said: str
) -> None:
    event_file = events(AESEQ=[1, 2, 3], AETERM=["A", "B", "C"], AESEV=["X", "X", "Y"])
    package = read_package([event_file, subjects("01"), define_with_key(*key)])
    assert said in package.key_notes[0].text
    assert package.key_of("AE") == usable
    assert package.key_of("LB") == ()


_CELL = st.sampled_from(["", "1", "2", "x", "2013-13", "01", "02", "AE", "QQ", "S1"])


@given(
    st.lists(st.tuples(_CELL, _CELL, _CELL, _CELL), max_size=8),
    st.lists(st.tuples(_CELL, _CELL, _CELL, _CELL), max_size=5),
)
def test_every_row_is_accounted_for_whatever_it_holds(
    cells: list[tuple[str, str, str, str]], qualifiers: list[tuple[str, str, str, str]]
) -> None:
    rows = [("S1", "AE", *row) for row in cells]
    names = ("STUDYID", "DOMAIN", "USUBJID", "AESEQ", "AESTDTC", "AETERM")
    table = {name: [row[position] for row in rows] for position, name in enumerate(names)}
    files = [source_file("ae.csv", csv_bytes(table)), supp(*qualifiers), subjects("01", "02")]
    assert_adds_up(read_package(files))
