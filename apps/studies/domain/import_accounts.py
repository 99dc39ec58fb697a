"""The account of an import as it is stored with its run: what a check found, and what became of every row.

Services write it (`services/import_{check,receipts}.py`); whoever reads it reads it as these types. Accounts of earlier
versions lack what later ones have, so every part but a file's name has a default.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from apps.core.domain.stored import Codec
from apps.studies.domain.readers.withholding import LeftOut


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file and what became of its rows; its hash is empty where the reader may not know it."""

    name: str
    domain: str
    kind: str
    sha256: str = ""
    rows: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    qualifiers: int = 0
    held_back: int = 0
    ambiguous: int = 0
    rejected: int = 0


@dataclass(frozen=True, slots=True)
class Foretold:
    """Signed text of one subject that would go stale."""

    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class RowDrop:
    """A domain of which the files hold fewer rows than the portal has records."""

    domain: str
    before: int
    now: int


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """Variables that a domain gained or lost against the last import that had it."""

    domain: str
    gained: tuple[str, ...]
    lost: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class KeyNote:
    """Why the key that Define-XML gives a domain is used or not."""

    domain: str
    text: str


@dataclass(frozen=True, slots=True)
class SubjectsFound:
    """How many subjects would move and how many are new, and those that the files no longer hold."""

    moving: int = 0
    new: int = 0
    vanished: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """What a check found in one projection; `is_listed` says whether its lines were kept."""

    files: tuple[FileEntry, ...] = ()
    totals: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()
    subjects: SubjectsFound = field(default_factory=SubjectsFound)
    consequences: tuple[Foretold, ...] = ()
    withdrawn_by_domain: Mapping[str, int] = field(default_factory=dict)
    row_drops: tuple[RowDrop, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    missing_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_notes: tuple[KeyNote, ...] = ()
    is_listed: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of every row in one projection; `columns` are the variables of each domain."""

    files: tuple[FileEntry, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    subjects: tuple[str, ...] = ()
    # None says that there is no receipt yet, empty that the files held every subject.
    vanished: tuple[str, ...] | None = None
    withdrawn: int = 0
    sha256: str = ""


PREVIEWS: Final = Codec(Preview, "the account of a check")
RECEIPTS: Final = Codec(Receipt, "the receipt of an import")
