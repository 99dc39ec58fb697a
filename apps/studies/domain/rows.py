"""One accepted row of a source file, as readers hand it to whoever matches, stores or replays it."""

from dataclasses import dataclass

from apps.studies.domain.variables import Value


@dataclass(frozen=True, slots=True)
class Row:
    """Canonical values of one record with the file and the 1-based data row they came from.

    ``targets`` is filled for RELREC only: positions, among the rows of the same subject, of the rows it points at.
    ``unread`` are variables of which the file has a value that could not be kept: what the portal has of them stays.
    ``is_counted`` is false for what a row of the whole study says of this subject: the file counts that row once.
    """

    domain: str
    subject_id: str | None
    values: dict[str, Value]
    file: str
    number: int
    targets: tuple[int, ...] = ()
    unread: frozenset[str] = frozenset()
    is_counted: bool = True
