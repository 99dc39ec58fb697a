"""Inflates zip and gzip without trusting what they say of themselves."""

import gzip
import io
import stat
import struct
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Final

from apps.core.domain.errors import UnreadableSourceError

_ENCRYPTED_FLAG: Final = 0x1
_MIB: Final = 1 << 20
_MOST_NAME_CHARACTERS: Final = 150
# What one file takes in the table of contents of a zip: its entry, its name, extra fields and a short comment.
_ENTRY_BYTES: Final = 46 + 4 * _MOST_NAME_CHARACTERS + 354
# The record at the end of a zip (APPNOTE.TXT 4.3.16), after which only a comment may stand, and the mark of zip64.
_END, _END_BYTES, _MOST_COMMENT_BYTES = b"PK\x05\x06", 22, 1 << 16
_LOCATOR, _LOCATOR_BYTES = b"PK\x06\x07", 20
_PLAIN_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_DAMAGED: Final = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError, ValueError)


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one source may hold: files, uncompressed bytes per file and in all, and inflation beyond a free size."""

    files: int = 2_000
    file_bytes: int = 1024 * _MIB
    total_bytes: int = 4096 * _MIB
    # Deflate can reach about 1,000 to 1, but only with data that are made for it.
    ratio: int = 200
    free_bytes: int = 32 * _MIB


DEFAULT_LIMITS: Final = Limits()


@dataclass(slots=True)
class Budget:
    """What of the limits one source has used."""

    limits: Limits
    files: int = 0
    total_bytes: int = 0

    def count_member(self, name: str) -> None:
        """Count one file; UnreadableSourceError when there are too many."""
        self.files += 1
        if self.files > self.limits.files:
            raise UnreadableSourceError(name, f"the source holds more than {self.limits.files:,} files. Split it.")

    def count_bytes(self, name: str, size: int) -> None:
        """Count the bytes of one file; UnreadableSourceError when it or the whole source is too large."""
        self.total_bytes += size
        if size > self.limits.file_bytes:
            raise UnreadableSourceError(name, f"the file holds more than {self.limits.file_bytes:,} bytes. Split it.")
        if self.total_bytes > self.limits.total_bytes:
            raise UnreadableSourceError(
                name, f"the source holds more than {self.limits.total_bytes:,} bytes. Split it."
            )


@dataclass(slots=True)
class MemberLoader:
    """Reads one member of an opened zip; its bytes count against the budget the first time."""

    archive: zipfile.ZipFile
    entry: zipfile.ZipInfo
    name: str
    budget: Budget
    is_counted: bool = False

    def __call__(self) -> bytes:
        """Content of the member; UnreadableSourceError for a bomb or a damaged archive."""
        try:
            # The library gives no more bytes than the entry says, and that number was judged when the zip was opened.
            content = self.archive.read(self.entry)
        except _DAMAGED as error:
            raise UnreadableSourceError(self.name, f"the archive is damaged ({error}). Make it again.") from error
        if not self.is_counted:
            self.budget.count_bytes(self.name, len(content))
            self.is_counted = True
        return content


def open_zip(path: Path, name: str, budget: Budget) -> list[MemberLoader]:
    """The files in a zip, opened once; UnreadableSourceError for a damaged one and for members that are a trick.

    What the zip says of itself is believed only where it is too much: its files are counted before their table is read.
    """
    _check_contents(path, name, budget.limits)
    try:
        archive = zipfile.ZipFile(path)
    except _DAMAGED as error:
        raise UnreadableSourceError(name, f"this is not a zip archive ({error}). Make it again.") from error
    for entry in archive.infolist():
        budget.count_member(f"{name}/{entry.filename[:_MOST_NAME_CHARACTERS]}")
        _check_entry(name, entry, budget.limits)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    counted = Counter(_plain_name(entry) for entry in entries)
    twice = next((member for member, count in counted.items() if count > 1), None)
    if twice is not None:
        raise UnreadableSourceError(name, f"got the member {twice[:80]!r} more than once, expected each name once.")
    allowed = _allowed_bytes(path.stat().st_size, budget.limits, budget.limits.total_bytes)
    if sum(entry.file_size for entry in entries) > allowed:
        raise _bomb(name, allowed)
    return [MemberLoader(archive, entry, f"{name}/{_plain_name(entry)}", budget) for entry in entries]


def _plain_name(entry: zipfile.ZipInfo) -> str:
    """The name of a member with one kind of slash, and without the `./` that some tools put in front."""
    parts = entry.filename.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in {"", "."})


def _check_contents(path: Path, name: str, limits: Limits) -> None:
    """Refuse by the record at its end a zip with more files than are read, before its table of contents is."""
    with path.open("rb") as stream:
        size = stream.seek(0, 2)
        stream.seek(max(size - _MOST_COMMENT_BYTES - _END_BYTES - _LOCATOR_BYTES, 0))
        tail = stream.read()
    at = _end_record_at(tail)
    if at < 0 or len(tail) - at < _END_BYTES:
        raise UnreadableSourceError(name, "this is not a zip archive (it has no end record). Make it again.")
    count, contents = struct.unpack_from("<HI", tail, at + 10)
    if count > limits.files or contents > limits.files * _ENTRY_BYTES:
        raise UnreadableSourceError(name, f"the zip holds more than {limits.files:,} files. Split it.")
    if at >= _LOCATOR_BYTES and tail.startswith(_LOCATOR, at - _LOCATOR_BYTES):
        raise UnreadableSourceError(name, "this is a zip64 archive, made for more than can be read. Make a plain zip.")


def _end_record_at(tail: bytes) -> int:
    """Where the end record of a zip is, found as the library finds it; negative where there is none."""
    last = len(tail) - _END_BYTES
    if last >= 0 and tail.startswith(_END, last) and tail.endswith(b"\0\0"):
        return last
    return tail.rfind(_END, max(last - _MOST_COMMENT_BYTES, 0))


def gunzip(name: str, content: bytes, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Inflate a gzip file; UnreadableSourceError when it is damaged, cut or a bomb.

    It may be several members, one after the other, and end in NUL bytes (RFC 1952, 2.2; block compressors, tapes).
    """
    allowed = _allowed_bytes(len(content), limits, limits.file_bytes)
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            inflated = _bounded(stream, allowed)
    except EOFError as error:
        raise UnreadableSourceError(name, "the gzip file ends too early. Copy it again.") from error
    except (OSError, zlib.error) as error:
        raise UnreadableSourceError(name, f"this is not a gzip file ({error}). Compress it again.") from error
    if len(inflated) > allowed:
        raise _bomb(name, allowed)
    if not content:
        raise UnreadableSourceError(name, "the gzip file ends too early. Copy it again.")
    return inflated


def _bounded(stream: gzip.GzipFile, most: int) -> bytes:
    """What a stream holds, and no more than one piece beyond *most*, which shows that there is more."""
    pieces: list[bytes] = []
    taken = 0
    while taken <= most and (piece := stream.read(_MIB)):
        pieces.append(piece)
        taken += len(piece)
    return b"".join(pieces)


def _check_entry(archive: str, entry: zipfile.ZipInfo, limits: Limits) -> None:
    # As the archive has it: the library shows a name only up to the first NUL.
    raw = entry.orig_filename
    if len(raw) > _MOST_NAME_CHARACTERS:
        longest = f"expected at most {_MOST_NAME_CHARACTERS} characters"
        raise UnreadableSourceError(archive, f"got the member name {raw[:40]!r}…, {longest}. Rename it.")
    # Read both ways: a backslash parts folders on one system and is a letter on the other.
    windows, posix = PureWindowsPath(raw), PurePosixPath(raw)
    if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts or "\x00" in raw:
        raise UnreadableSourceError(archive, f"got the member name {raw[:80]!r}, expected a name inside the archive.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableSourceError(archive, f"the member {raw[:80]!r} is a symbolic link, expected a file.")
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise UnreadableSourceError(
            archive, f"the member {raw[:80]!r} is encrypted. Make the archive without a password."
        )
    if entry.compress_type not in _PLAIN_METHODS:
        raise UnreadableSourceError(archive, f"the member {raw[:80]!r} is not deflated. Make it an ordinary zip.")
    allowed = _allowed_bytes(entry.compress_size, limits, limits.file_bytes)
    if entry.file_size > allowed:
        raise _bomb(f"{archive}/{raw}", allowed)


def _allowed_bytes(compressed: int, limits: Limits, most: int) -> int:
    return min(most, max(limits.free_bytes, compressed * limits.ratio))


def _bomb(name: str, allowed: int) -> UnreadableSourceError:
    return UnreadableSourceError(name, f"it inflates to more than the {allowed:,} bytes allowed. Give it uncompressed.")
