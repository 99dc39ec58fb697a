"""Inflates zip and gzip without trusting what they say of themselves."""

import stat
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import IO, Final

from apps.core.domain.errors import UnreadableSourceError

_CHUNK: Final = 1 << 20
_ENCRYPTED_FLAG: Final = 0x1
_GZIP_WINDOW: Final = 31
_MIB: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one source may hold: files, uncompressed bytes per file and in all, and inflation beyond a free size."""

    files: int = 2_000
    file_bytes: int = 1024 * _MIB
    total_bytes: int = 4096 * _MIB
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
    """Reads one member of a zip; its bytes count against the budget the first time."""

    path: Path
    archive: str
    member: str
    budget: Budget
    is_counted: bool = False

    def __call__(self) -> bytes:
        """Content of the member; UnreadableSourceError for a bomb or a damaged archive."""
        name = f"{self.archive}/{self.member}"
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(self.member) as stream:
                content = _inflate(name, stream, archive.getinfo(self.member).compress_size, self.budget.limits)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, RuntimeError) as error:
            raise UnreadableSourceError(name, f"the archive is damaged ({error}). Make it again.") from error
        if not self.is_counted:
            self.budget.count_bytes(name, len(content))
            self.is_counted = True
        return content


def members_of(path: Path, name: str) -> list[str]:
    """Names of the files in a zip; UnreadableSourceError for a damaged one and for members that are a trick."""
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    except (zipfile.BadZipFile, OSError) as error:
        raise UnreadableSourceError(name, f"this is not a zip archive ({error}). Make it again.") from error
    for entry in entries:
        _check_entry(name, entry)
    counted = Counter(entry.filename for entry in entries)
    twice = next((member for member, count in counted.items() if count > 1), None)
    if twice is not None:
        raise UnreadableSourceError(name, f"got the member {twice[:80]!r} more than once, expected each name once.")
    return list(counted)


def gunzip(name: str, content: bytes, limits: Limits = DEFAULT_LIMITS) -> bytes:
    """Inflate one gzip stream; UnreadableSourceError when it is damaged, cut or a bomb."""
    inflater = zlib.decompressobj(wbits=_GZIP_WINDOW)
    allowed = _allowed_bytes(len(content), limits)
    try:
        inflated = inflater.decompress(content, allowed + 1)
    except zlib.error as error:
        raise UnreadableSourceError(name, f"this is not a gzip file ({error}). Compress it again.") from error
    if len(inflated) > allowed:
        raise _bomb(name, allowed)
    if not inflater.eof:
        raise UnreadableSourceError(name, "the gzip file ends too early. Copy it again.")
    if inflater.unused_data:
        raise UnreadableSourceError(name, "got more after the end of the gzip stream, expected one stream.")
    return inflated


def _check_entry(archive: str, entry: zipfile.ZipInfo) -> None:
    raw = entry.orig_filename
    windows, posix = PureWindowsPath(raw), PurePosixPath(raw)
    if windows.drive or windows.root or posix.is_absolute() or ".." in windows.parts or "\x00" in raw:
        raise UnreadableSourceError(archive, f"got the member name {raw[:80]!r}, expected a name inside the archive.")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableSourceError(archive, f"the member {raw[:80]!r} is a symbolic link, expected a file.")
    if entry.flag_bits & _ENCRYPTED_FLAG:
        raise UnreadableSourceError(
            archive, f"the member {raw[:80]!r} is encrypted. Make the archive without a password."
        )


def _allowed_bytes(compressed: int, limits: Limits) -> int:
    return min(limits.file_bytes, max(limits.free_bytes, compressed * limits.ratio))


def _inflate(name: str, stream: IO[bytes], compressed: int, limits: Limits) -> bytes:
    allowed = _allowed_bytes(compressed, limits)
    parts: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > allowed:
            raise _bomb(name, allowed)
        parts.append(chunk)
    return b"".join(parts)


def _bomb(name: str, allowed: int) -> UnreadableSourceError:
    return UnreadableSourceError(name, f"it inflates to more than the {allowed:,} bytes allowed. Give it uncompressed.")
