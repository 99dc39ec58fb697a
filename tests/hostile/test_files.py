"""Files made to hurt: each is refused in words, quickly and in little memory, before the work is done."""

import contextlib
import io
import random
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers import define as defined
from apps.studies.domain.readers import parquet
from apps.studies.domain.readers.archives import Limits
from apps.studies.domain.readers.define import read_define
from apps.studies.domain.readers.delimited import read_csv
from apps.studies.domain.readers.package import NOT_READ, read_package
from apps.studies.domain.readers.parquet import read_parquet
from apps.studies.domain.readers.source import open_source
from apps.studies.domain.readers.xport import read_xport
from tests.studies.domain.readers.samples import csv_bytes, parquet_bytes, source_file, subjects, xport_bytes

MIB = 1024 * 1024
# Of this process alone, so that a busy machine does not count.
MOST_SECONDS = 5.0
MOST_BYTES = 700 * MIB
TABLE = {"STUDYID": ["S1"] * 20, "DOMAIN": ["AE"] * 20, "AESEQ": [float(n) for n in range(20)], "AETERM": ["X"] * 20}


def refused(act: Callable[[], object], *, match: str | None = None) -> None:
    """The act is refused with words, within its time and memory."""
    tracemalloc.start()
    start = time.process_time()
    try:
        with pytest.raises(UnreadableSourceError, match=match) as refusal:
            act()
        took, (_, most) = time.process_time() - start, tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert took < MOST_SECONDS
    assert most < MOST_BYTES
    assert len(refusal.value.detail) < 600


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def test_a_zip_of_100_000_empty_members_is_counted_and_not_read(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cut.zip", {f"{number}.csv": b"" for number in range(100_000)}, zipfile.ZIP_STORED)
    refused(lambda: open_source([path]), match="more than 2,000 files")


@pytest.mark.parametrize("count", [0, 1])
def test_a_zip_that_lies_about_its_number_of_members_is_refused_by_the_size_of_its_table(
    tmp_path: Path, count: int
) -> None:
    path = zipped(tmp_path / "cut.zip", {f"{number}.csv": b"" for number in range(60_000)}, zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    content[-14:-10] = struct.pack("<HH", count, count)
    path.write_bytes(content)
    refused(lambda: open_source([path]), match="more than 2,000 files")


def test_folders_in_a_zip_count_as_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cut.zip", {f"{number}/": b"" for number in range(10)})
    refused(lambda: open_source([path], Limits(files=9)), match="more than 9 files")


def test_a_zip_of_many_members_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening it for each member read its table of contents each time: the square of their number."""
    opened: list[object] = []
    original = zipfile.ZipFile.__init__

    def counting(self: zipfile.ZipFile, *args: object, **kwargs: object) -> None:
        opened.append(args)
        original(self, *args, **kwargs)  # type: ignore[arg-type]  # passed on as they came

    path = zipped(tmp_path / "cut.zip", {f"{number}.csv": b"STUDYID\nS1\n" for number in range(200)})
    monkeypatch.setattr(zipfile.ZipFile, "__init__", counting)
    files = open_source([path])
    assert [file.load() for file in files] == [b"STUDYID\nS1\n"] * 200
    assert len(opened) == 1


def test_members_that_inflate_to_too_much_together_are_refused_by_what_they_say(tmp_path: Path) -> None:
    limits = Limits(ratio=10, free_bytes=MIB)
    path = zipped(tmp_path / "cut.zip", {f"{number}.csv": b"0" * (900 * 1024) for number in range(8)})
    refused(lambda: open_source([path], limits), match=r"cut.zip: it inflates to more than")


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_inflate_without_bound_are_refused(tmp_path: Path, method: int) -> None:
    path = zipped(tmp_path / "cut.zip", {"ae.csv": b"0" * (200 * MIB)}, method)
    refused(lambda: open_source([path]), match="not deflated")


def test_a_zip64_archive_and_one_without_an_end_are_refused(tmp_path: Path) -> None:
    content = zipped(tmp_path / "cut.zip", {"ae.csv": b"x"}).read_bytes()
    end = content.rindex(b"PK\x05\x06")
    locator = b"PK\x06\x07" + struct.pack("<LQL", 0, end, 1)
    (tmp_path / "cut.zip").write_bytes(content[:end] + locator + content[end:])
    refused(lambda: open_source([tmp_path / "cut.zip"]), match="zip64")
    (tmp_path / "cut.zip").write_bytes(content[:-1])
    refused(lambda: open_source([tmp_path / "cut.zip"]), match="not a zip archive")


def test_a_name_longer_than_any_table_keeps_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "cut.zip", {"x" * 60_000 + ".csv": b"x"})
    refused(lambda: open_source([path]), match="at most 150 characters")
    long = tmp_path / ("x" * 120 + ".csv")
    long.write_bytes(b"x")
    refused(lambda: open_source([long]), match="at most 100 characters")


def test_any_damage_to_a_zip_is_an_error_in_words(tmp_path: Path) -> None:
    good = zipped(tmp_path / "cut.zip", {"dm.csv": csv_bytes(TABLE), "ae.csv": csv_bytes(TABLE)}).read_bytes()
    randomly = random.Random(7)
    for number in range(300):
        path = tmp_path / f"{number}.zip"
        path.write_bytes(damaged(good, randomly))
        only_refused(lambda path=path: [file.load() for file in open_source([path])])


def damaged(good: bytes, randomly: random.Random) -> bytes:
    content = bytearray(good)
    for _ in range(randomly.choice((1, 2, 5))):
        content[randomly.randrange(len(content))] = randomly.randrange(256)
    return bytes(content[: randomly.randrange(len(content))] if randomly.random() < 0.1 else content)


def only_refused(act: Callable[[], object]) -> None:
    """The act succeeds, or is refused in words; any other end is a fault."""
    with contextlib.suppress(UnreadableSourceError):
        act()


def test_any_damage_to_a_parquet_file_is_an_error_in_words() -> None:
    """One in a thousand damaged files ended the whole process in the reader used before."""
    good = parquet_bytes(TABLE)
    randomly = random.Random(11)
    for _ in range(3000):
        content = damaged(good, randomly)
        only_refused(lambda content=content: read_parquet("ae.parquet", content))


def test_any_damage_to_an_xport_file_is_an_error_in_words(tmp_path: Path) -> None:
    good = xport_bytes(TABLE, tmp_path)
    randomly = random.Random(13)
    for _ in range(600):
        content = damaged(good, randomly)
        only_refused(lambda content=content: read_xport("ae.xpt", content))


def test_a_parquet_file_that_claims_a_thousand_million_rows_is_refused() -> None:
    stream = io.BytesIO()
    writer = pq.ParquetWriter(stream, pa.schema([("AESEQ", pa.int8())]))
    block = pa.table({"AESEQ": pa.array([1] * 10_000_000, pa.int8())})
    for _ in range(6):
        writer.write_table(block)
    writer.close()
    refused(lambda: read_parquet("ae.parquet", stream.getvalue()), match="more than can be read")


def test_one_large_text_repeated_in_a_parquet_file_takes_its_room_once() -> None:
    text = "x" * MIB
    content = parquet_bytes({"AETERM": [text] * 500})
    assert len(content) < 10 * MIB
    tracemalloc.start()
    values = read_parquet("ae.parquet", content).columns["AETERM"]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(values) == 500
    assert most < 50 * MIB


def test_a_parquet_file_of_ten_thousand_columns_or_of_nested_ones_is_refused_unread() -> None:
    wide = parquet_bytes({f"C{number}": [1] for number in range(10_000)})
    refused(lambda: read_parquet("ae.parquet", wide), match="expected at most 2,000")
    stream = io.BytesIO()
    pl.DataFrame({"AETERM": [["x"]]}).write_parquet(stream)
    refused(lambda: read_parquet("ae.parquet", stream.getvalue()), match="is of type")


def test_moments_that_no_calendar_has_are_refused() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"AESTDTC": pa.array([2**62], pa.timestamp("ms"))}), stream)
    refused(lambda: read_parquet("ae.parquet", stream.getvalue()), match="not a whole Parquet file")


def test_a_csv_line_of_a_hundred_megabytes_is_refused() -> None:
    refused(lambda: read_csv("ae.csv", b"STUDYID,AETERM\nS1," + b"x" * (100 * MIB)), match="does not end")


def test_an_unclosed_quote_does_not_swallow_the_file() -> None:
    content = b'STUDYID,AETERM\nS1,"' + b"x\n" * (20 * MIB)
    refused(lambda: read_csv("ae.csv", content), match="does not end")
    refused(lambda: read_csv("ae.csv", b'STUDYID,AETERM\nS1,"x'), match="not CSV")


def test_a_million_columns_are_refused() -> None:
    header = ",".join(f"C{number}" for number in range(1_000_000)).encode()
    refused(lambda: read_csv("ae.csv", header + b"\n" + b"," * 999_999), match="expected at most 2,000")


def test_a_row_of_a_million_fields_is_only_that_rows_fault() -> None:
    frame = read_csv("ae.csv", b"STUDYID,AETERM\n" + b"," * 1_000_000 + b"\nS1,X\n")
    assert frame.columns["AETERM"] == ["", "X"]
    assert list(frame.faults) == [0]


def test_an_xport_file_of_absurd_variables_is_refused(tmp_path: Path) -> None:
    good = xport_bytes(TABLE, tmp_path)
    count_at = 7 * 80 + 54
    refused(lambda: read_xport("ae.xpt", good[:count_at] + b"9999" + good[count_at + 4 :]))
    refused(lambda: read_xport("ae.xpt", good[:count_at] + b"0000" + good[count_at + 4 :]))
    length_at = 8 * 80 + 4
    for length in (-32768, -1, 0, 32767):
        changed = bytearray(good)
        struct.pack_into(">h", changed, length_at, length)
        refused(lambda content=bytes(changed): read_xport("ae.xpt", content))


BOMBS = {
    "entities": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
    "external": b'<!DOCTYPE x SYSTEM "file:///etc/passwd"><x/>',
    "parameter": b'<!DOCTYPE x [<!ENTITY % p SYSTEM "http://127.0.0.1/">%p;]><x/>',
    "deep": b"<x>" * 50_000,
    "attributes": b"<x " + b" ".join(b'a%d="1"' % number for number in range(200_000)) + b"/>",
    "encoding": b'<?xml version="1.0" encoding="utf-7"?><x/>',
    "nul": b"\x00" * 1000,
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_an_xml_bomb_is_refused(bomb: str) -> None:
    refused(lambda: read_define("define.xml", BOMBS[bomb]))


def define(references: str) -> bytes:
    return f"""<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:def="http://www.cdisc.org/ns/def/v2.0"><Study>
    <MetaDataVersion def:DefineVersion="2.0"><ItemGroupDef Name="AE" Domain="AE">{references}</ItemGroupDef>
    <ItemDef OID="I" Name="AETERM"/></MetaDataVersion></Study></ODM>""".encode()


def test_a_key_of_endless_variables_or_of_an_endless_number_is_refused_or_ignored() -> None:
    endless = "".join(f'<ItemRef ItemOID="I" KeySequence="{number}"/>' for number in range(1, 1000))
    refused(lambda: read_define("define.xml", define(endless)), match="too many variables")
    found = read_define("define.xml", define(f'<ItemRef ItemOID="I" KeySequence="{"9" * 5000}"/>'))
    assert found[0].key == ("AETERM",)


@pytest.mark.parametrize(
    "columns",
    [
        {"DOMAIN": ["AE"], "USUBJID": ["9" * 5000]},
        {"DOMAIN": ["AE"], "AESTDTC": ["9" * 50_000]},
        {"DOMAIN": ["AE"], "AESEQ": ["9" * 50_000]},
        {"DOMAIN": ["AE"], "AESEQ": ["1e300"]},
        {"DOMAIN": ["AE"], "A" * 20: ["\x00"]},
    ],
)
def test_no_cell_is_longer_than_where_it_is_kept(columns: dict[str, list[str]]) -> None:
    table = {"STUDYID": ["S1"], "USUBJID": ["01"], **columns}
    files = [subjects("01"), source_file("ae.csv", csv_bytes(table))]
    package = read_package(files)
    (row,) = [*package.rejected, *package.refused_cells]
    assert len(row.reason) < 300
    assert len(row.subject_id or "") <= 200
    assert len(row.variable) <= 20
    assert len(row.domain) <= 20


def test_a_domain_of_endless_length_is_refused() -> None:
    file = source_file("ae.csv", csv_bytes({"STUDYID": ["S1"], "USUBJID": ["01"], "DOMAIN": ["X" * 5000]}))
    package = read_package([subjects("01"), file])
    assert [(account.kind, len(account.notes[0]) < 300) for account in package.accounts[1:]] == [(NOT_READ, True)]
    refused(lambda: read_package([file]), match="expected a domain code")


def test_values_that_take_too_much_room_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "_MOST_BYTES", 1_000)
    content = parquet_bytes({"AETERM": [f"{number:0100}" for number in range(50)]})
    refused(lambda: read_parquet("ae.parquet", content), match="take more than 1,000 bytes")


def test_a_moment_finer_than_python_has_keeps_its_microseconds() -> None:
    stream = io.BytesIO()
    pq.write_table(pa.table({"AESTDTC": pa.array([1_370_162_400_123_456_789], pa.timestamp("ns"))}), stream)
    (moment,) = read_parquet("ae.parquet", stream.getvalue()).columns["AESTDTC"]
    assert str(moment) == "2013-06-02 08:40:00.123456"


def test_a_define_of_endless_size_is_refused_unread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(defined, "_MOST_BYTES", 100)
    refused(lambda: read_define("define.xml", define("")), match="expected at most 100")
