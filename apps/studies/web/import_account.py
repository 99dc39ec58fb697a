"""The account of an import as a page shows it: every file, every row, and a sum that adds up."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.studies.domain.import_accounts import FileEntry
from apps.studies.domain.readers.package import NOT_READ
from apps.studies.domain.variables import domain_label

# What became of a row; together they are all the rows of a file.
OUTCOMES = ("new", "changed", "unchanged", "qualifiers", "held_back", "ambiguous", "rejected")
# Nought of these is an answer, too; the others are named only where there are any.
ALWAYS_SHOWN = frozenset({"new", "changed", "unchanged", "rejected"})


@dataclass(frozen=True, slots=True)
class Outcome:
    """A column of the account: what became of rows."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Cell:
    """A count in its column."""

    outcome: Outcome
    number: int


@dataclass(frozen=True, slots=True)
class FileLine:
    """One file; its hash is empty where the reader may not know it, an ignored one was not read as data."""

    name: str
    label: str
    sha256: str
    is_ignored: bool
    is_not_read: bool
    rows: int
    cells: tuple[Cell, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """All files that the reader may know of, with their sums; `left` rows were not reached."""

    files: tuple[FileLine, ...]
    ignored: tuple[FileLine, ...]
    not_read: tuple[FileLine, ...]
    outcomes: tuple[Outcome, ...]
    empty_outcomes: tuple[Outcome, ...]
    totals: tuple[Cell, ...]
    open_rows: int
    left: int

    @property
    def open_files(self) -> int:
        """How many files there are."""
        return len(self.files)

    @property
    def sum_in_words(self) -> str:
        """The sum as one can check it: `8,691 new + 89 changed + … = 294,211`."""
        parts = [f"{cell.number:,} {cell.outcome.label.lower()}" for cell in self.totals if cell.number]
        if self.left:
            parts.append(_("%(number)s not reached") % {"number": f"{self.left:,}"})
        return f"{' + '.join(parts) or '0'} = {self.open_rows:,}"

    @property
    def new(self) -> int:
        """Records that are new."""
        return self._number("new")

    @property
    def changed(self) -> int:
        """Records that changed."""
        return self._number("changed")

    @property
    def unchanged(self) -> int:
        """Records that the portal had already."""
        return self._number("unchanged")

    @property
    def rejected(self) -> int:
        """Rows that were refused."""
        return self._number("rejected")

    @property
    def held_back(self) -> int:
        """Rows that wait for their day of collection."""
        return self._number("held_back")

    def _number(self, key: str) -> int:
        return sum(cell.number for cell in self.totals if cell.outcome.key == key)


def labels() -> Mapping[str, str]:
    """Words of the outcomes."""
    return {
        "new": _("New"),
        "changed": _("Changed"),
        "unchanged": _("Unchanged"),
        "qualifiers": _("Qualifiers"),
        "held_back": _("Held back"),
        "ambiguous": _("Ambiguous"),
        "rejected": _("Rejected"),
    }


def account_of(files: Sequence[FileEntry]) -> Account:
    """The account of the projected file entries of a preview or a receipt."""
    sums = {key: sum(_count(entry, key) for entry in files) for key in OUTCOMES}
    words = labels()
    outcomes = tuple(Outcome(key, words[key]) for key in OUTCOMES if sums[key] or key in ALWAYS_SHOWN)
    lines = [_file_line(entry, outcomes) for entry in files]
    rows = sum(line.rows for line in lines)
    return Account(
        files=tuple(line for line in lines if not (line.is_ignored or line.is_not_read)),
        ignored=tuple(line for line in lines if line.is_ignored),
        not_read=tuple(line for line in lines if line.is_not_read),
        outcomes=outcomes,
        empty_outcomes=tuple(Outcome(key, words[key]) for key in OUTCOMES if not sums[key] and key not in ALWAYS_SHOWN),
        totals=tuple(Cell(outcome, sums[outcome.key]) for outcome in outcomes),
        open_rows=rows,
        left=rows - sum(sums.values()),
    )


def _file_line(entry: FileEntry, outcomes: Sequence[Outcome]) -> FileLine:
    return FileLine(
        name=entry.name,
        label=_label(entry.domain),
        sha256=entry.sha256,
        is_ignored=entry.kind == "ignored",
        is_not_read=entry.kind == NOT_READ,
        rows=entry.rows,
        cells=tuple(Cell(outcome, _count(entry, outcome.key)) for outcome in outcomes),
        notes=entry.notes,
    )


def _count(entry: FileEntry, outcome: str) -> int:
    count: int = getattr(entry, outcome)
    return count


def _label(domain: str) -> str:
    if domain.startswith("SUPP") and len(domain) > len("SUPP"):
        return _("%(domain)s qualifiers") % {"domain": domain_label(domain.removeprefix("SUPP"))}
    return domain_label(domain)
