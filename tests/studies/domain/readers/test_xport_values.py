"""Numbers, dates and filling of SAS XPORT as programs really write them, against bytes made by hand."""

import struct
from collections.abc import Sequence

import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.readers.xport import read_xport
from tests.studies.domain.readers.samples import source_file, subjects

RECORD = 80


def header(word: str, tail: str = "") -> bytes:
    return f"HEADER RECORD*******{word:<8}HEADER RECORD!!!!!!!{tail}".encode().ljust(RECORD)


def variable(name: str, length: int, *, is_number: bool, style: str = "", label: str = "", long: bool = False) -> bytes:
    start = struct.pack(">hhhh", 1 if is_number else 2, 0, length, 0)
    texts = name[:8].encode().ljust(8) + label[:40].encode().ljust(40) + style.encode().ljust(8)
    record = (start + texts).ljust(88)
    return (record + (name.encode().ljust(32) + b"\0\0" if long else b"")).ljust(140)


def padded(content: bytes, filling: bytes = b" ") -> bytes:
    return content + filling * (-len(content) % RECORD)


def version_5(variables: Sequence[bytes], rows: bytes, filling: bytes = b" ") -> bytes:
    member = header("MEMBER", "000000000000000001600000000140")
    texts = b"SAS     LB      SASDATA 9.4".ljust(RECORD) + b" " * 32 + b"Laboratory".ljust(48)
    names = header("NAMESTR", f"000000{len(variables):04}") + padded(b"".join(variables))
    content = header("LIBRARY") + b" " * 160 + member + header("DSCRPTR") + texts + names + header("OBS")
    return padded(content + rows, filling)


def column(cells: Sequence[bytes], *, style: str = "", filling: bytes = b" ") -> list[object]:
    described = [
        variable("USUBJID", 4, is_number=False),
        variable("LBSTRESN", len(cells[0]), is_number=True, style=style),
    ]
    rows = b"".join(f"T{number:03}".encode() + cell for number, cell in enumerate(cells))
    (frame,) = read_xport("lb.xpt", version_5(described, rows, filling))
    assert frame.columns["USUBJID"] == [f"T{number:03}" for number in range(len(cells))]
    return frame.columns["LBSTRESN"]


def ibm(value: float) -> bytes:
    """A number as IBM mainframes have it (TS-140)."""
    if value == 0:
        return b"\0" * 8
    exponent, fraction = 0, abs(value)
    while fraction >= 1:
        fraction, exponent = fraction / 16, exponent + 1
    while fraction < 1 / 16:
        fraction, exponent = fraction * 16, exponent - 1
    first = (0x80 if value < 0 else 0) | (exponent + 64)
    return bytes([first]) + int(fraction * 2**56).to_bytes(7, "big")


@pytest.mark.parametrize("value", [1.0, -1.0, 0.1, 118.625, 1e-9, 7.2e70, 5.4e-70, 3.3333333333333335, 16.0, 255.0])
def test_a_number_is_read_as_it_was_written(value: float) -> None:
    (found,) = column([ibm(value)])
    assert f"{found:.14g}" == f"{value:.14g}"


def test_the_example_of_the_note() -> None:
    assert column([bytes.fromhex("4276a00000000000")]) == [118.625]


@pytest.mark.parametrize("length", [3, 4, 5, 6, 7, 8])
def test_a_number_may_be_cut_to_three_bytes(length: int) -> None:
    assert column([ibm(20.5)[:length], ibm(-3.0)[:length]]) == [20.5, -3.0]


@pytest.mark.parametrize("first", [0x00, 0x40, 0x80, 0xC1, 0x7F])
def test_zero_is_zero_with_any_exponent_and_sign(first: int) -> None:
    assert column([bytes([first]) + b"\0" * 7]) == [0.0]


@pytest.mark.parametrize("mark", "._ABZ")
def test_what_is_missing_is_blank_and_its_mark_with_a_fraction_is_a_number(mark: str) -> None:
    missing = mark.encode() + b"\0" * 7
    assert column([missing, ibm(1.0)]) == [None, 1.0]
    assert column([mark.encode() + b"\x10" + b"\0" * 6]) != [None]


def test_days_and_seconds_since_1960_are_dates() -> None:
    assert [str(day) for day in column([ibm(0), ibm(22280)], style="DATE")] == ["1960-01-01", "2020-12-31"]
    moments = column([ibm(22280 * 86400.0 + 31200), ibm(0)], style="DATETIME")
    assert [str(moment) for moment in moments] == ["2020-12-31 08:40:00", "1960-01-01 00:00:00"]
    assert column([ibm(31200), ibm(31215)], style="TIME") == ["08:40", "08:40:15"]


def test_moments_that_are_all_midnight_are_dates() -> None:
    moments = column([ibm(22280 * 86400.0), b"." + b"\0" * 7], style="DATETIME")
    assert [str(moment) for moment in moments] == ["2020-12-31", "None"]


@pytest.mark.parametrize(("style", "value"), [("DATE", 1e9), ("DATETIME", 1e15), ("TIME", 90_000.0), ("TIME", -1.0)])
def test_a_moment_that_no_calendar_has_is_a_fault_of_its_cell(style: str, value: float) -> None:
    described = [variable("LBDT", 8, is_number=True, style=style)]
    (frame,) = read_xport("lb.xpt", version_5(described, ibm(value) + ibm(1)))
    assert list(frame.cell_faults) == [(0, "LBDT")]
    assert "expected" in frame.cell_faults[0, "LBDT"]
    assert frame.columns["LBDT"][0] is None


@pytest.mark.parametrize("filling", [b" ", b"\0"])
def test_the_filling_of_the_last_record_is_no_row(filling: bytes) -> None:
    assert column([ibm(1.0)] * 3, filling=filling) == [1.0] * 3
    assert column([ibm(1.0)[:4]] * 3, filling=filling) == [1.0] * 3


def test_a_row_of_zeros_that_names_a_subject_is_a_row() -> None:
    assert column([ibm(0)] * 5, filling=b"\0") == [0.0] * 5


def version_8(variables: Sequence[bytes], rows: bytes, labels: bytes = b"") -> bytes:
    member = header("MEMBV8", "000000000000000001600000000140")
    texts = b"SAS     " + b"laboratory_of_the_study".ljust(32) + b"SASDATA ".ljust(40) + b" " * 80
    names = header("NAMSTV8", f"000000{len(variables):06}") + padded(b"".join(variables))
    content = header("LIBV8") + b" " * 160 + member + header("DSCPTV8") + texts + names + labels + header("OBSV8")
    return padded(content + rows)


def test_version_8_has_long_names_labels_and_texts() -> None:
    described = [
        variable("LBINVESTIGATOR_NOTE", 300, is_number=False, label="Short", long=True),
        variable("LBSEQ", 8, is_number=True, long=True),
    ]
    label = "A label that is longer than the forty bytes of a description"
    entry = struct.pack(">HHH", 1, 19, len(label)) + b"LBINVESTIGATOR_NOTE" + label.encode()
    labels = header("LABELV8", "1") + padded(entry)
    text = "x" * 299 + "y"
    (frame,) = read_xport("lb.xpt", version_8(described, text.encode() + ibm(2.0), labels))
    assert frame.columns == {"LBINVESTIGATOR_NOTE": [text], "LBSEQ": [2.0]}
    assert frame.variable_labels["LBINVESTIGATOR_NOTE"] == label
    assert frame.dataset == "laboratory_of_the_study"


def test_labels_that_name_no_variable_or_are_cut_change_nothing() -> None:
    described = [variable("LBSEQ", 8, is_number=True, label="Sequence", long=True)]
    foreign = header("LABELV8", "1") + padded(struct.pack(">HHH", 9, 1, 1) + b"XY")
    (frame,) = read_xport("lb.xpt", version_8(described, ibm(2.0), foreign))
    assert frame.variable_labels == {"LBSEQ": "Sequence"}
    cut = version_8(described, b"")[: 8 * RECORD + 160] + header("LABELV8", "1")
    with pytest.raises(UnreadableSourceError, match="list of variables"):
        read_xport("lb.xpt", cut)


def test_the_words_of_a_header_within_a_value_are_a_value() -> None:
    text = header("MEMBER").decode()
    described = [variable("USUBJID", 4, is_number=False), variable("COVAL", RECORD, is_number=False)]
    (frame,) = read_xport("co.xpt", version_5(described, b"T001" + text.encode()))
    assert frame.columns["COVAL"] == [text.rstrip()]


def test_more_datasets_than_any_file_has_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    one = version_5([variable("LBSEQ", 8, is_number=True)], ibm(1.0))
    monkeypatch.setattr("apps.studies.domain.readers.xport._MOST_MEMBERS", 2)
    assert len(read_xport("lb.xpt", one + one[240:])) == 2
    with pytest.raises(UnreadableSourceError, match="more than 2 datasets"):
        read_xport("lb.xpt", one + one[240:] * 2)


def test_a_number_of_more_than_eight_bytes_is_refused() -> None:
    with pytest.raises(UnreadableSourceError, match="a number of 9 bytes"):
        read_xport("lb.xpt", version_5([variable("LBSEQ", 9, is_number=True)], b"\0" * 9))


def test_a_day_that_no_calendar_has_costs_its_cell_alone() -> None:
    texts = {"STUDYID": "S1", "DOMAIN": "LB", "USUBJID": "01"}
    described = [variable(name, 8, is_number=False) for name in texts]
    described += [variable("LBSEQ", 8, is_number=True), variable("LBDTC", 8, is_number=True, style="DATE")]
    start = b"".join(text.encode().ljust(8) for text in texts.values())
    content = version_5(described, start + ibm(1.0) + ibm(1e9) + start + ibm(2.0) + ibm(22280))
    package = read_package([subjects("01"), source_file("lb.xpt", content)])
    assert [(cell.number, cell.variable) for cell in package.refused_cells] == [(1, "LBDTC")]
    assert [row.values.get("LBDTC") for row in package.rows_of("01")[1:]] == [None, "2020-12-31"]


def test_of_a_row_that_is_refused_no_cell_is_told() -> None:
    table = b"STUDYID,DOMAIN,USUBJID,LBSEQ,LBDTC\nS1,LB,01,x,2013-99-01\n"
    package = read_package([subjects("01"), source_file("lb.csv", table)])
    assert ([row.variable for row in package.rejected], package.refused_cells) == (["LBSEQ"], [])


@pytest.mark.parametrize(("wrong", "rejected", "cells"), [(10, 0, 10), (11, 1, 0)])
def test_a_row_of_which_more_than_ten_values_are_wrong_is_refused_whole(wrong: int, rejected: int, cells: int) -> None:
    names = [f"LB{letter}DTC" for letter in "ABCDEFGHIJK"[:wrong]]
    head, row = ["STUDYID", "DOMAIN", "USUBJID", "LBSEQ", *names], ["S1", "LB", "01", "1", *["never"] * wrong]
    content = f"{','.join(head)}\n{','.join(row)}\n".encode()
    package = read_package([subjects("01"), source_file("lb.csv", content)])
    assert (len(package.rejected), len(package.refused_cells)) == (rejected, cells)
