"""The account of an import as it is stored with its run: what a check found, and what became of every row.

Services write it (`services/import_{check,receipts}.py`); whoever reads it reads it as these types. Accounts of earlier
versions lack what later ones have, so every part but a file's name has a default.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, TypedDict

from apps.core.domain.stored import Codec


@dataclass(frozen=True, slots=True)
class FileEntry:
    """One file and what became of its rows; hash and size are empty where the reader may not know them.

    `notes` say what was assumed of it, or why it was not read. `is_telling` (columns were taken out of it for its
    giver's role) and `open_qualifiers` are kept to make the account of blinded readers, and go out to nobody.
    """

    name: str
    domain: str
    kind: str
    sha256: str = ""
    size: int | None = None
    rows: int = 0
    records: int = 0
    qualifiers: int = 0
    rejected: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ambiguous: int = 0
    held_back: int = 0
    is_telling: bool = False
    open_qualifiers: int = 0
    notes: tuple[str, ...] = ()


class Outcomes(TypedDict):
    """What became of records; "held_back" are those of a replayed study that wait for their day."""

    new: int
    changed: int
    unchanged: int
    ambiguous: int
    held_back: int


class SumValues(Outcomes):
    """The members of `Sums`."""

    rejected: int
    records: int
    qualifiers: int
    rows: int
    withdrawn: int


_OF_THE_PORTAL: Final = frozenset({"is_telling", "open_qualifiers"})


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums over the files; new, changed, unchanged, ambiguous and held back rows are together the records."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    ambiguous: int = 0
    held_back: int = 0
    rejected: int = 0
    records: int = 0
    qualifiers: int = 0
    rows: int = 0
    withdrawn: int = 0


def outcomes_of(file: str, counts: Mapping[tuple[str, str], int]) -> Outcomes:
    """What became of the records of one file, from counts by file and outcome."""
    return Outcomes(
        new=counts.get((file, "new"), 0),
        changed=counts.get((file, "changed"), 0),
        unchanged=counts.get((file, "unchanged"), 0),
        ambiguous=counts.get((file, "ambiguous"), 0),
        held_back=counts.get((file, "held_back"), 0),
    )


def records_of(entry: FileEntry) -> int:
    """How many records a file holds: each had one outcome."""
    return entry.new + entry.changed + entry.unchanged + entry.ambiguous + entry.held_back


def sums_of(files: Sequence[FileEntry], withdrawn: Mapping[str, int]) -> SumValues:
    """Sums over the files, and over the records *withdrawn* by domain."""
    return SumValues(
        new=sum(entry.new for entry in files),
        changed=sum(entry.changed for entry in files),
        unchanged=sum(entry.unchanged for entry in files),
        ambiguous=sum(entry.ambiguous for entry in files),
        held_back=sum(entry.held_back for entry in files),
        rejected=sum(entry.rejected for entry in files),
        records=sum(entry.records for entry in files),
        qualifiers=sum(entry.qualifiers for entry in files),
        rows=sum(entry.rows for entry in files),
        withdrawn=sum(withdrawn.values()),
    )


@dataclass(frozen=True, slots=True)
class ColumnLeftOut:
    """A variable of a file whose values were refused; the rows came in without it."""

    file: str
    domain: str
    variable: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class SubjectCounts:
    """What became of one subject's rows in one projection: by file and outcome, and withdrawn by domain."""

    files: Mapping[str, Mapping[str, int]]
    withdrawn: Mapping[str, int]
    changes: int


@dataclass(frozen=True, slots=True)
class SubjectCount:
    """The counts of one subject, whole and as blinded readers may know them."""

    whole: SubjectCounts
    open: SubjectCounts


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
    totals: Sums = field(default_factory=Sums)
    left_out: tuple[ColumnLeftOut, ...] = ()
    subjects: SubjectsFound = field(default_factory=SubjectsFound)
    consequences: tuple[Foretold, ...] = ()
    withdrawn_by_domain: Mapping[str, int] = field(default_factory=dict)
    row_drops: tuple[RowDrop, ...] = ()
    columns: tuple[ColumnChange, ...] = ()
    missing_files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_notes: tuple[KeyNote, ...] = ()
    is_listed: bool = False


@dataclass(frozen=True, slots=True)
class Receipt(Sums):
    """What became of every row in one projection: the sums, each file, and which subjects are in.

    `columns` are the variables of each domain; `vanished` is None until the import of the first subject was begun;
    `sha256` is that of all the rest.
    """

    files: tuple[FileEntry, ...] = ()
    left_out: tuple[ColumnLeftOut, ...] = ()
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_notes: tuple[KeyNote, ...] = ()
    subjects: tuple[str, ...] = ()
    moved: int = 0
    # None says that there is no receipt yet, empty that the files held every subject.
    vanished: tuple[str, ...] | None = None
    withdrawn_by_domain: Mapping[str, int] = field(default_factory=dict)
    sha256: str = ""


PREVIEWS: Final = Codec(Preview, "the account of a check")
RECEIPTS: Final = Codec(Receipt, "the receipt of an import")
FILES: Final = Codec(FileEntry, "the file of an import")
COUNTS: Final = Codec(SubjectCount, "the counts of an imported subject")


def receipt_document(receipt: Receipt) -> dict[str, Any]:
    """A receipt as it goes out."""
    written: dict[str, Any] = RECEIPTS.write(receipt)
    return {**written, "files": files_document(receipt.files)}


def files_document(files: Iterable[FileEntry]) -> list[dict[str, Any]]:
    """Files as they go out: without what only the portal needs."""
    return [_without(FILES.write(entry), _OF_THE_PORTAL) for entry in files]


def _without(document: Mapping[str, Any], names: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if name not in names}
