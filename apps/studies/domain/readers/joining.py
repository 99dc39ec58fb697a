"""Resolves what points at other rows of the same cut: supplemental qualifiers and RELREC (SDTMIG 3.4, 8.2 to 8.4)."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.studies.domain.readers.acceptance import Place
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.readers.sheets import Sheet
from apps.studies.domain.values import InvalidValueError, canonical_value
from apps.studies.domain.variables import Value

_PARENTS: Final = frozenset({SheetKind.RECORDS, SheetKind.STUDY})
# QNAM has eight characters in SDTM; files of other versions and sponsors have longer ones, and small letters.
_QUALIFIER_NAME: Final = re.compile(r"[A-Z_][A-Z0-9_]{0,31}")


class RowIndex:
    """Finds the accepted rows of a subject by domain and identifying variable; each index is built when first asked."""

    def __init__(self, sheets: Sequence[Sheet]) -> None:
        self._sheets = sheets
        self._indexes: dict[tuple[str, str], dict[tuple[Value | None, Value | None], list[Place]]] = {}

    def find(self, domain: str, subject: Value | None, variable: str, text: Value | None) -> list[Place]:
        """Places of the rows that have the value; a blank variable means every row of the subject in the domain."""
        try:
            # IDVARVAL is text even of a number: 5, 05 and 5.0 must find the same row.
            value = canonical_value(domain, variable, text) if variable else None
        except InvalidValueError:
            return []
        if variable and value is None:
            return []
        return self.by_value(domain, variable).get((subject, value), [])

    def by_value(self, domain: str, variable: str) -> Mapping[tuple[Value | None, Value | None], list[Place]]:
        """The accepted rows of a domain by subject and value of a variable."""
        index = self._indexes.get((domain, variable))
        if index is None:
            index = self._indexes[domain, variable] = self._build(domain, variable)
        return index

    def _build(self, domain: str, variable: str) -> dict[tuple[Value | None, Value | None], list[Place]]:
        index: defaultdict[tuple[Value | None, Value | None], list[Place]] = defaultdict(list)
        for number, sheet in enumerate(self._sheets):
            if sheet.domain == domain and sheet.kind in _PARENTS:
                for row, key in enumerate(zip(sheet.column("USUBJID"), sheet.column(variable), strict=True)):
                    if row not in sheet.faults:
                        index[key].append(Place(number, row))
        return dict(index)


class QualifierJoin:
    """Brings supplemental qualifiers to their parents; one without a parent or with a name in use is refused."""

    def __init__(self, sheets: Sequence[Sheet], index: RowIndex) -> None:
        self._sheets = sheets
        self._index = index
        self.joined: defaultdict[Place, dict[str, Value]] = defaultdict(dict)
        self.labels: defaultdict[str, dict[str, str]] = defaultdict(dict)

    def join(self, sheet: Sheet) -> None:
        """Join every row of one SUPP-- sheet."""
        names = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL", "QLABEL")
        columns = [sheet.column(name) for name in names]
        for number, (domain, subject, variable, value, name, content, label) in enumerate(zip(*columns, strict=True)):
            if number in sheet.faults:
                continue
            parents = self._index.find(str(domain), subject, str(variable or ""), value)
            wrong = self._wrong(parents, variable, value, str(name or ""))
            if wrong is not None:
                sheet.refuse(number, wrong, "IDVARVAL" if not parents else "QNAM")
                continue
            self._add(sheet, number, str(domain), str(name), content, parents)
            self.labels[str(domain)].setdefault(str(name), str(label or ""))

    def _wrong(self, parents: list[Place], variable: Value | None, value: Value | None, name: str) -> str | None:
        if not parents:
            where = f"{variable} {value}" if variable else "a blank IDVAR"
            return f"No accepted row of the subject has {where}. Mend the key of the qualifier or its parent row."
        # A blank IDVAR is meant for a domain with one row for each subject, such as DM.
        if variable is None and len(parents) > 1:
            return f"IDVAR is blank and the subject has {len(parents)} rows. Name the row by IDVAR and IDVARVAL."
        if not _QUALIFIER_NAME.fullmatch(name):
            return f"Got the QNAM {name[:20]!r}, expected the name of a variable, such as AETRTEM."
        # A qualifier of the name of a column would put itself over what was collected.
        if any(name in self._sheets[parent.sheet].columns or name in self.joined.get(parent, ()) for parent in parents):
            return f"The parent row has {name} already, expected a QNAM that is used once per row."
        return None

    def _add(
        self, sheet: Sheet, number: int, domain: str, name: str, content: Value | None, parents: list[Place]
    ) -> None:
        try:
            value = canonical_value(domain, name, content)
        except InvalidValueError as error:
            sheet.refuse(number, error.reason, name)
            return
        if value is not None:
            for parent in parents:
                self.joined[parent][name] = value


def resolve_relations(sheet: Sheet, index: RowIndex) -> dict[int, list[Place]]:
    """Rows that each row of a RELREC sheet points at; a row that points at nothing of this cut is refused.

    A row without subject and value relates whole datasets (`spread_relations`) and points at no single row.
    """
    targets: dict[int, list[Place]] = {}
    columns = [sheet.column(name) for name in ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL")]
    for number, (domain, subject, variable, value) in enumerate(zip(*columns, strict=True)):
        if number in sheet.faults or (subject is None and value is None):
            continue
        found = index.find(str(domain), subject, str(variable or ""), value)
        if found:
            targets[number] = found
        else:
            missing = f"No accepted {domain} row of the subject has {variable} {value}"
            sheet.refuse(number, f"{missing}. Mend the key of the relation or the row it points at.", "IDVARVAL")
    return targets


@dataclass(frozen=True, slots=True)
class Spread:
    """What a relation of whole datasets says of the rows of one subject that have one value."""

    row: int
    subject: str
    values: Mapping[str, Value]
    targets: tuple[Place, ...]


def spread_relations(sheet: Sheet, index: RowIndex) -> Iterator[Spread]:
    """Relations of whole datasets, subject by subject: rows with the same value of --LNKID belong together.

    SDTMIG 3.4, 8.3.2: such a row of RELREC has neither subject nor value, and names the variable whose values agree.
    """
    columns = [sheet.column(name) for name in ("RELID", "RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL")]
    sides: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for number, (relation, domain, subject, variable, value) in enumerate(zip(*columns, strict=True)):
        if number not in sheet.faults and subject is None and value is None and variable is not None:
            sides[str(relation)].append((number, str(domain), str(variable)))
    for relation, members in sides.items():
        found = [index.by_value(domain, variable) for _, domain, variable in members]
        shared = [key for key in found[0] if None not in key and any(key in other for other in found[1:])]
        for subject, value in shared:
            for (number, domain, variable), places in zip(members, found, strict=True):
                if (subject, value) in places:
                    named = {"RDOMAIN": domain, "IDVAR": variable, "IDVARVAL": str(value)}
                    told: dict[str, Value] = {**sheet.row(number), **named, "RELID": f"{relation} {value}"}
                    yield Spread(number, str(subject), told, tuple(places[subject, value]))
