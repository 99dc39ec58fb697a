"""Parquet, CSV and Define-XML: what each hands on, and what each refuses."""

import datetime as dt
import io

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers import delimited, parquet
from apps.studies.domain.readers import frame as frames
from apps.studies.domain.readers.define import read_define
from apps.studies.domain.readers.delimited import read_csv
from apps.studies.domain.readers.frame import check_size
from apps.studies.domain.readers.parquet import read_parquet
from tests.studies.domain.readers.samples import parquet_bytes


@pytest.mark.parametrize(
    ("height", "width", "is_read"), [(10, 100, True), (100, 10, True), (11, 100, False), (1, 1001, False)]
)
def test_cells_are_counted_as_rows_times_columns(
    monkeypatch: pytest.MonkeyPatch, height: int, width: int, is_read: bool
) -> None:
    monkeypatch.setattr(frames, "MOST_CELLS", 1_000)
    if is_read:
        check_size("ae.csv", height, width)
        return
    with pytest.raises(UnreadableSourceError, match=f"got {height:,} rows of {width:,} columns"):
        check_size("ae.csv", height, width)


def test_the_bytes_of_all_columns_of_a_parquet_file_count_together(monkeypatch: pytest.MonkeyPatch) -> None:
    content = parquet_bytes({"AESEQ": list(range(100)), "AEDOSE": [float(number) for number in range(100)]})
    monkeypatch.setattr(parquet, "_MOST_BYTES", 1_700)
    assert read_parquet("ae.parquet", content).height == 100
    monkeypatch.setattr(parquet, "_MOST_BYTES", 900)
    with pytest.raises(UnreadableSourceError, match="more than 900 bytes"):
        read_parquet("ae.parquet", content)


def test_a_row_of_many_short_lines_that_does_not_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "_LONGEST_ROW", 1_000)
    rows = "".join(f'S1,"RASH {number}"\n' for number in range(50))
    assert read_csv("ae.csv", f"STUDYID,AETERM\n{rows}".encode()).height == 50, "each row is measured by itself"
    with pytest.raises(UnreadableSourceError, match="does not end, expected at most 1,000 characters"):
        read_csv("ae.csv", b'STUDYID,AETERM\nS1,"RASH\n' + b"x\n" * 6)


def test_an_empty_csv_file_says_what_was_expected() -> None:
    with pytest.raises(
        UnreadableSourceError, match=r"the file is empty, expected a header line with SDTM variable names\."
    ):
        read_csv("ae.csv", b"")


def test_parquet_gives_text_numbers_dates_and_nothing_for_nan() -> None:
    table = {
        "AETERM": ["NA", None],
        "AESEQ": [1, 2],
        "AEDOSE": [1.5, float("nan")],
        "AESTDTC": [dt.date(2013, 1, 2), None],
        "AEEMPTY": [None, None],
    }
    frame = read_parquet("ae.parquet", parquet_bytes(table))
    assert frame.height == 2
    assert frame.columns == {
        "AETERM": ["NA", None],
        "AESEQ": [1, 2],
        "AEDOSE": [1.5, None],
        "AESTDTC": [dt.date(2013, 1, 2), None],
        "AEEMPTY": [None, None],
    }


def test_parquet_categories_are_text_and_decimals_are_numbers() -> None:
    stream = io.BytesIO()
    table = {
        "AESEV": pl.Series(["MILD", None], dtype=pl.Categorical),
        "AEDOSE": pl.Series(["1.50", None]).cast(pl.Decimal(10, 2)),
    }
    pl.DataFrame(table).write_parquet(stream)
    assert read_parquet("ae.parquet", stream.getvalue()).columns == {"AESEV": ["MILD", None], "AEDOSE": [1.5, None]}


@pytest.mark.parametrize("column", [[True, False], [[1], [2]]])
def test_parquet_columns_that_sdtm_cannot_have_are_refused(column: list[object]) -> None:
    with pytest.raises(UnreadableSourceError, match=r"ae.parquet: the column AEX is of type"):
        read_parquet("ae.parquet", parquet_bytes({"AEX": column}))


def test_parquet_times_bytes_and_midnights_are_what_was_meant() -> None:
    stream = io.BytesIO()
    midnight, morning = 1_370_131_200_000_000, 1_370_162_400_000_000
    columns = {
        "LBTM": pa.array([31_200_000_000, None], pa.time64("us")),
        "AETERM": pa.array(["Sjögren".encode(), None], pa.binary()),
        "AESTDTC": pa.array([midnight, None], pa.timestamp("us")),
        "AEENDTC": pa.array([midnight, morning], pa.timestamp("us")),
        "AEDTC": pa.array([midnight, None], pa.timestamp("us", tz="UTC")),
        "__index_level_0__": pa.array([4, 7]),
    }
    pq.write_table(pa.table(columns), stream)
    frame = read_parquet("ae.parquet", stream.getvalue())
    shown = {name: [str(value) for value in column] for name, column in frame.columns.items()}
    assert shown == {
        "LBTM": ["08:40", "None"],
        "AETERM": ["Sjögren", "None"],
        "AESTDTC": ["2013-06-02", "None"],
        "AEENDTC": ["2013-06-02 00:00:00", "2013-06-02 08:40:00"],
        "AEDTC": ["2013-06-02 00:00:00+00:00", "None"],
    }
    assert frame.notes == ("Its row labels were left out.",)


def test_a_cut_parquet_file_is_refused() -> None:
    content = parquet_bytes({"AETERM": ["A", "B"]})
    for cut in (0, 4, len(content) // 2, len(content) - 1):
        with pytest.raises(UnreadableSourceError, match="not a whole Parquet file"):
            read_parquet("ae.parquet", content[:cut])


def test_a_parquet_file_that_claims_too_many_cells_is_refused_before_they_are_made(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "MOST_CELLS", 1_000)
    with pytest.raises(UnreadableSourceError, match="more than can be read"):
        read_parquet("ae.parquet", parquet_bytes({"AETERM": ["A"] * 1_001}))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_csv_is_read_in_the_encodings_people_have(encoding: str) -> None:
    frame = read_csv("ae.csv", "aeterm,AESEQ\r\nna\u00efve \u2019x\u2019,1\r\nNA,\r\n".encode(encoding))
    assert frame.columns == {"AETERM": ["naïve ’x’", "NA"], "AESEQ": ["1", ""]}


def test_csv_fields_may_hold_commas_quotes_and_line_ends() -> None:
    frame = read_csv("ae.csv", b'AETERM,AESEQ\n"one, ""two""\nthree",1\n\n')
    assert frame.columns["AETERM"] == ['one, "two"\nthree']


def test_a_ragged_csv_row_is_a_fault_of_that_row_only() -> None:
    frame = read_csv("ae.csv", b"AETERM,AESEQ\nA,1\nB,2,3\nC\nD,4\n")
    assert frame.height == 4
    assert frame.columns["AETERM"] == ["A", "", "", "D"]
    assert {row: reason.split(". ")[0] for row, reason in frame.faults.items()} == {
        1: "Got 3 fields, expected 2 as in the header",
        2: "Got 1 fields, expected 2 as in the header",
    }


def test_a_csv_with_a_header_only_has_no_rows() -> None:
    frame = read_csv("ae.csv", b"AETERM,AESEQ\n")
    assert (frame.height, frame.columns) == (0, {"AETERM": [], "AESEQ": []})


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf\n", "the file is empty"),
        (b"AETERM,aeterm\n", "AETERM more than once"),
        (b'AETERM\n"open\n', r"line 3 is not CSV|line 2 is not CSV"),
    ],
)
def test_what_is_no_csv_of_sdtm_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableSourceError, match=said):
        read_csv("ae.csv", content)


def test_a_csv_field_of_ten_megabytes_does_not_stop_the_file() -> None:
    frame = read_csv("co.csv", b"COVAL\nshort\n" + b"x" * 10_000_000 + b"\n")
    assert [len(str(value)) for value in frame.columns["COVAL"]] == [5, 10_000_000]


DEFINE = """<?xml version="1.0"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.1">
 <Study OID="S"><MetaDataVersion OID="M" def:DefineVersion="2.1.0">
  <ItemGroupDef OID="IG.AE" Name="AE" Domain="AE">
   <Description><TranslatedText>Adverse
      Events</TranslatedText></Description>
   <ItemRef ItemOID="IT.TERM" KeySequence="2"/><ItemRef ItemOID="IT.ID" KeySequence="1"/>
   <ItemRef ItemOID="IT.SEV"/><ItemRef ItemOID="IT.GONE" KeySequence="3"/><ItemRef ItemOID="IT.ODD" KeySequence="x"/>
  </ItemGroupDef>
  <ItemDef OID="IT.TERM" Name="AETERM"><Description><TranslatedText>Term</TranslatedText></Description></ItemDef>
  <ItemDef OID="IT.ID" Name="USUBJID"/><ItemDef OID="IT.SEV" Name="AESEV"/><ItemDef OID="IT.ODD" Name="ODD"/>
 </MetaDataVersion></Study>
</ODM>"""


def test_define_xml_gives_labels_and_the_key_in_its_order() -> None:
    (dataset,) = read_define("define.xml", DEFINE.encode())
    assert (dataset.name, dataset.domain, dataset.label) == ("AE", "AE", "Adverse Events")
    assert dataset.variable_labels == {"AETERM": "Term", "USUBJID": "", "AESEV": "", "ODD": ""}
    assert dataset.key == ("ODD", "USUBJID", "AETERM")


_ENTITY = '<!DOCTYPE ODM [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
_EXTERNAL = '<!DOCTYPE ODM [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_DTD = '<!DOCTYPE ODM SYSTEM "http://example.org/odm.dtd">'


@pytest.mark.parametrize("declaration", [_ENTITY, _EXTERNAL, _DTD])
def test_xml_with_entities_or_a_dtd_is_refused(declaration: str) -> None:
    hostile = DEFINE.replace("<ODM", f"{declaration}<ODM", 1)
    with pytest.raises(UnreadableSourceError, match=r"define.xml: it declares a DTD, an entity or an external file"):
        read_define("define.xml", hostile.encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<ODM", "not well-formed XML"),
        (b"", "not well-formed XML"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "not well-formed XML"),
        (b"<html/>", "expected Define-XML"),
        (DEFINE.replace("def:DefineVersion", "def:Other").encode(), "expected Define-XML"),
    ],
)
def test_other_xml_is_refused(content: bytes, said: str) -> None:
    with pytest.raises(UnreadableSourceError, match=said):
        read_define("define.xml", content)
