"""Turns one data file into a sheet: canonical columns, what kind of rows they are, and which rows are at fault."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain import variables
from apps.studies.domain.readers.delimited import read_csv
from apps.studies.domain.readers.frame import Frame
from apps.studies.domain.readers.parquet import read_parquet
from apps.studies.domain.readers.source import FileKind, SourceFile
from apps.studies.domain.readers.xport import read_xport
from apps.studies.domain.values import InvalidValueError, canonical_value
from apps.studies.domain.variables import Value

_LONGEST_DOMAIN: Final = 8
_READERS: Final = {
    FileKind.XPORT: read_xport,
    FileKind.XPORT_GZ: read_xport,
    FileKind.PARQUET: read_parquet,
    FileKind.CSV: read_csv,
}


class SheetKind(StrEnum):
    """What the rows of a sheet are."""

    RECORDS = "records"
    STUDY = "study"
    QUALIFIERS = "qualifiers"
    RELATIONS = "relations"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused, and the variable at fault when it is one."""

    reason: str
    variable: str = ""


@dataclass(slots=True)
class Sheet:
    """Canonical columns of one file (equally long, None for blank) and the faults of its rows, counted from 0."""

    source: SourceFile
    kind: SheetKind
    domain: str
    columns: dict[str, list[Value | None]]
    height: int
    labels: Mapping[str, str]
    faults: dict[int, Fault] = field(default_factory=dict)

    def column(self, name: str) -> Sequence[Value | None]:
        """One column by variable name, all blank where the file has no such column."""
        return self.columns.get(name) or [None] * self.height

    def row(self, number: int) -> dict[str, Value]:
        """Values of one row, blank ones left out."""
        cells = ((name, column[number]) for name, column in self.columns.items())
        return {name: value for name, value in cells if value is not None}

    def refuse(self, number: int, reason: str, variable: str = "") -> None:
        """Note why a row is refused; the first reason stays."""
        self.faults.setdefault(number, Fault(reason, variable))


def read_sheet(source: SourceFile) -> Sheet:
    """Sheet of one data file; UnreadableSourceError when the file is not one SDTM dataset."""
    frame = _READERS[source.kind](source.name, source.load())
    kind, domain = _kind_and_domain(source.name, frame)
    faults = {number: Fault(reason) for number, reason in frame.faults.items()}
    columns = {name: _canonical_column(domain, name, raw, faults) for name, raw in frame.columns.items()}
    labels = {name: text for name, text in frame.variable_labels.items() if text}
    return Sheet(source, kind, domain, columns, frame.height, labels, faults)


def _kind_and_domain(file: str, frame: Frame) -> tuple[SheetKind, str]:
    names = frame.columns.keys()
    if not {"STUDYID"} <= names:
        raise UnreadableSourceError(file, "it has no column STUDYID, expected an SDTM dataset.")
    # By its columns: the name of a file is anybody's choice.
    if {"RDOMAIN", "QNAM", "QVAL", "IDVAR", "IDVARVAL"} <= names:
        return SheetKind.QUALIFIERS, f"SUPP{_most_common(file, frame, 'RDOMAIN')}"
    if {"RDOMAIN", "RELID", "IDVAR", "IDVARVAL"} <= names:
        # RELID alone parts relations from comments, which point by the same variables.
        return SheetKind.RELATIONS, "RELREC"
    if "DOMAIN" not in names:
        raise UnreadableSourceError(file, "it has no column DOMAIN, expected an SDTM domain, SUPP-- or RELREC dataset.")
    domain = _most_common(file, frame, "DOMAIN")
    return (SheetKind.STUDY if variables.is_trial_design(domain) else SheetKind.RECORDS), domain


def _most_common(file: str, frame: Frame, name: str) -> str:
    """The domain most rows name, those the product knows first; a row that names another is that row's fault."""
    counted = Counter(str(value).strip() for value in frame.columns[name] if value)
    ranked = sorted(counted, key=lambda value: (not variables.is_known_domain(value), -counted[value]))
    if ranked and len(ranked[0]) > _LONGEST_DOMAIN:
        raise UnreadableSourceError(file, f"got the {name} {ranked[0][:20]!r}…, expected a domain code such as AE.")
    return ranked[0] if ranked else ""


def _canonical_column(domain: str, name: str, raw: list[object], faults: dict[int, Fault]) -> list[Value | None]:
    """Canonical values of a column; each distinct value is judged once, because a column repeats few values often."""
    canonical: dict[object, Value | None] = {}
    wrong: dict[object, str] = {}
    for value in set(raw):
        try:
            canonical[value] = canonical_value(domain, name, value)
        except InvalidValueError as error:
            canonical[value] = None
            wrong[value] = error.reason
    if wrong:
        for number, value in enumerate(raw):
            if value in wrong:
                faults.setdefault(number, Fault(wrong[value], name))
    return [canonical[value] for value in raw]
