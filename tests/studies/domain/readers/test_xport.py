"""SAS XPORT version 5: values, encodings, and every way a file can be cut or be something else."""

from pathlib import Path

import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.frame import Frame
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.readers.xport import read_xport as read_all
from apps.studies.domain.values import canonical_value
from tests.studies.domain.readers.samples import source_file, xport_bytes


def read_xport(name: str, content: bytes) -> Frame:
    """The one dataset of a file."""
    (frame,) = read_all(name, content)
    return frame


TABLE = {
    "STUDYID": ["S1"] * 7,
    "AESEQ": [1.0, 2.0, 3.0, None, 5.0, 6.0, 7.0],
    "AETERM": ["NA", "", "HEADACHE OF SOME LENGTH", "B", "C", "D", "A TERM AT THE END"],
}


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    return xport_bytes(TABLE, tmp_path)


def test_values_are_read_and_na_is_kept(whole: bytes) -> None:
    frame = read_xport("ae.xpt", whole)
    assert frame.height == 7
    assert frame.columns["AETERM"][:3] == ["NA", "", "HEADACHE OF SOME LENGTH"]
    assert frame.columns["AESEQ"][0] == 1.0
    assert canonical_value("AE", "AESEQ", frame.columns["AESEQ"][3]) is None


def test_bytes_that_are_no_utf_8_are_kept_as_they_are(tmp_path: Path) -> None:
    utf8 = xport_bytes({"AETERM": ["naïve – “x”"]}, tmp_path)
    assert read_xport("ae.xpt", utf8).columns["AETERM"] == ["naïve – “x”"]
    legacy = xport_bytes({"AETERM": ["Alzheimer#s disease"]}, tmp_path).replace(b"r#s", b"r\x92s")
    (text,) = read_xport("ae.xpt", legacy).columns["AETERM"]
    assert str(text).encode("utf-8", "surrogateescape") == b"Alzheimer\x92s disease"


def test_a_file_cut_anywhere_is_an_error(whole: bytes) -> None:
    whole_rows_end = len(whole) - 80
    for cut in range(len(whole)):
        try:
            rows = read_xport("ae.xpt", whole[:cut]).height
        except UnreadableSourceError as error:
            assert str(error).startswith("ae.xpt: ")  # noqa: PT017
        else:
            assert rows < 7
            assert cut <= whole_rows_end
            assert cut % 80 == 0, f"a cut at {cut} went unnoticed"


def test_a_cut_at_a_record_shows_in_the_unfinished_row(whole: bytes) -> None:
    with pytest.raises(UnreadableSourceError, match=r"the last row has \d+ of \d+ bytes: the file is cut"):
        read_xport("ae.xpt", whole[:-80])


def test_a_file_without_rows_is_read(tmp_path: Path) -> None:
    content = xport_bytes({"AETERM": ["A"]}, tmp_path)
    frame = read_xport("ae.xpt", content[: content.index(b"HEADER RECORD*******OBS") + 80])
    assert frame.height == 0
    assert frame.columns == {"AETERM": []}


def test_blank_padding_is_not_a_row(tmp_path: Path) -> None:
    assert read_xport("ae.xpt", xport_bytes({"X": ["A", "B", "C"]}, tmp_path)).height == 3


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"**COMPRESSED** **COMPRESSED** **COMPRESSED**", "PROC CPORT"),
        (b"PK\x03\x04", "not a SAS XPORT file"),
        (b"", "not a SAS XPORT file"),
    ],
)
def test_other_formats_are_named(start: bytes, said: str) -> None:
    with pytest.raises(UnreadableSourceError, match=said):
        read_xport("ae.xpt", start.ljust(80 if start else 0))


def test_a_file_may_hold_several_datasets(whole: bytes, tmp_path: Path) -> None:
    other = xport_bytes({"USUBJID": ["01", "02"]}, tmp_path, "DM")
    frames = read_all("all.xpt", whole + other[240:])
    assert [(frame.dataset, frame.height, list(frame.columns)) for frame in frames] == [
        ("AE", 7, ["STUDYID", "AESEQ", "AETERM"]),
        ("DM", 2, ["USUBJID"]),
    ]
    assert frames[0].columns["AETERM"][6] == "A TERM AT THE END"


def test_damaged_headers_are_an_error(whole: bytes) -> None:
    for at, said in ((240, "expected at byte 240"), (320, "expected at byte 320"), (560, "expected at byte 560")):
        with pytest.raises(UnreadableSourceError, match=said):
            read_xport("ae.xpt", whole[:at] + b"X" * 10 + whole[at + 10 :])
    with pytest.raises(UnreadableSourceError, match="expected a number"):
        read_xport("ae.xpt", whole[:314] + b"ABCD" + whole[318:])
    with pytest.raises(UnreadableSourceError, match="described in 150 bytes"):
        read_xport("ae.xpt", whole[:314] + b"0150" + whole[318:])
    with pytest.raises(UnreadableSourceError, match="list of variables"):
        read_xport("ae.xpt", whole[:614] + b"0002" + whole[618:])
    with pytest.raises(UnreadableSourceError, match="a variable of 0 bytes"):
        read_xport("ae.xpt", whole[:614] + b"0009" + whole[618:])


def test_a_row_of_no_length_is_an_error(whole: bytes) -> None:
    damaged = bytearray(whole)
    for variable in range(3):
        damaged[640 + variable * 140 + 4 : 640 + variable * 140 + 6] = b"\x00\x00"
    with pytest.raises(UnreadableSourceError, match="a variable of 0 bytes"):
        read_xport("ae.xpt", bytes(damaged))


def test_a_cut_inside_leading_blanks_is_not_taken_for_padding(tmp_path: Path) -> None:
    content = xport_bytes({"COVAL": [" " * 180 + "END"]}, tmp_path)
    with pytest.raises(UnreadableSourceError, match="the file is cut"):
        read_xport("co.xpt", content[:-80])


def test_datasets_of_one_file_are_told_apart_by_name(tmp_path: Path) -> None:
    fixed = {"STUDYID": ["S1"], "USUBJID": ["01"]}
    events = xport_bytes({**fixed, "DOMAIN": ["AE"], "AETERM": ["RASH"]}, tmp_path)
    demographics = xport_bytes({**fixed, "DOMAIN": ["DM"], "SEX": ["F"]}, tmp_path, "DM")
    package = read_package([source_file("all.xpt", events + demographics[240:])])
    assert {(account.name, account.domain, account.records) for account in package.accounts} == {
        ("all.xpt/ae", "AE", 1),
        ("all.xpt/dm", "DM", 1),
    }
