"""One accepted row of a source file, as readers hand it to whoever matches, stores or replays it."""

from dataclasses import dataclass

from apps.studies.domain.variables import Value


@dataclass(frozen=True, slots=True)
class Row:
    """Canonical values of one record with the file and the 1-based data row they came from.

    ``targets`` is filled for RELREC only: positions, among the rows of the same subject, of the rows it points at.
    """

    domain: str
    subject_id: str | None
    values: dict[str, Value]
    file: str
    number: int
    targets: tuple[int, ...] = ()
