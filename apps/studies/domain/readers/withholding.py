"""Takes out of the files of a blinded person what their role may not write, before anything is compared with it."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.readers.sheets import Fault, Sheet
from apps.studies.domain.variables import domain_is_hidden
from apps.studies.domain.writability import NOT_WRITABLE, row_not_writable


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A variable of a file whose values were refused; the rows came in without it."""

    file: str
    domain: str
    variable: str


def withhold(sheets: Sequence[Sheet], rules: BlindingRules) -> list[LeftOut]:
    """Refuse rows and empty columns that may tell a treatment, by their names alone; name the columns."""
    return [left_out for sheet in sheets for left_out in _withhold(sheet, rules)]


def _withhold(sheet: Sheet, rules: BlindingRules) -> list[LeftOut]:
    if sheet.kind is SheetKind.QUALIFIERS:
        return _withhold_qualifiers(sheet, rules)
    for number in range(sheet.height):
        wrong = row_not_writable(rules, sheet.domain, _telling(sheet, number))
        if wrong is not None:
            sheet.faults[number] = Fault(wrong.reason, wrong.variable)
    if domain_is_hidden(sheet.domain):
        return []
    hidden = [name for name in sheet.columns if rules.variable_is_hidden(sheet.domain, name)]
    return [LeftOut(sheet.source.name, sheet.domain, name) for name in hidden if _empty(sheet, name)]


def _telling(sheet: Sheet, number: int) -> dict[str, object]:
    """The values of a row that decide whether any of it may be written."""
    return {name: sheet.column(name)[number] for name in ("RDOMAIN", "IDVAR", f"{sheet.domain}TESTCD")}


def _empty(sheet: Sheet, name: str) -> bool:
    """Take a column out; whether it held anything."""
    column = sheet.columns.pop(name)
    unreadable = [place for place in sheet.cell_faults if place[1] == name]
    for place in unreadable:
        # A word on a value of it would tell what it is.
        del sheet.cell_faults[place]
    # A fault quotes the value it found, and of a hidden column none may be repeated.
    for number, fault in sheet.faults.items():
        if fault.variable == name:
            sheet.faults[number] = Fault(NOT_WRITABLE, name)
    return bool(unreadable) or any(value is not None for value in column)


def _withhold_qualifiers(sheet: Sheet, rules: BlindingRules) -> list[LeftOut]:
    parents, names = sheet.column("RDOMAIN"), sheet.column("QNAM")
    left_out: dict[LeftOut, None] = {}
    for number, (parent, name) in enumerate(zip(parents, names, strict=True)):
        domain = str(parent or "")
        if domain_is_hidden(domain):
            sheet.faults[number] = Fault(NOT_WRITABLE, "RDOMAIN")
        elif rules.variable_is_hidden(domain, str(name or "")):
            sheet.faults[number] = Fault(NOT_WRITABLE, "QNAM")
            left_out[LeftOut(sheet.source.name, domain, str(name or ""))] = None
    return list(left_out)
