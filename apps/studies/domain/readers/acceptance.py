"""Decides which record rows of a package are accepted: one study, known domains, known subjects, no row twice."""

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import NamedTuple

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.domain_codes import may_be_sponsors
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.readers.sheets import Sheet
from apps.studies.domain.variables import Value, is_known_domain


class Place(NamedTuple):
    """Where a row is: position of its sheet, and its row from 0."""

    sheet: int
    row: int


def single_study(sheets: Sequence[Sheet], expected: str | None, fallback: str | None = None) -> str:
    """STUDYID of all sheets; UnreadableSourceError names the file that belongs to another study.

    A file without the column is taken to be of the study of the others, of the one expected, or of *fallback*.
    """
    for sheet in sheets:
        for value in dict.fromkeys(sheet.column("STUDYID")):
            if value is not None and expected is not None and value != expected:
                other = f"got STUDYID {value!r}, expected {expected!r}. Import each study on its own"
                raise UnreadableSourceError(sheet.source.name, f"{other}.")
            expected = expected if value is None else str(value)
    expected = expected or fallback
    if expected is None:
        raise UnreadableSourceError("STUDYID", "no file has a value of STUDYID, expected the identifier of the study.")
    for sheet in sheets:
        if "STUDYID" not in sheet.columns:
            sheet.columns["STUDYID"] = [expected] * sheet.height
            sheet.notes.append(f"It has no column STUDYID; {expected} is that of the study.")
    return expected


def check_records(sheets: list[Sheet], known_subjects: Collection[str]) -> None:
    """Refuse the rows that cannot be accepted.

    Whoever has a record is a subject, in DM or not: what a study holds of somebody without demographics is kept. Rows
    that only tell more of other records (qualifiers, relations) make no subject.
    """
    for sheet in sheets:
        _check_identity(sheet)
        _check_named(sheet)
    seen: dict[Hashable, Place] = {}
    # DM first: of a subject whose rows clash the one that describes them stands.
    for is_demographics in (True, False):
        for number, sheet in enumerate(sheets):
            if (sheet.domain == "DM") is is_demographics:
                _refuse_twice(sheets, Place(number, 0), seen)
    subjects = {*known_subjects, *subjects_of(sheets)}
    for sheet in sheets:
        if sheet.kind is not SheetKind.RECORDS:
            _check_subjects(sheet, subjects)


def subjects_of(sheets: Iterable[Sheet], domain: str | None = None) -> set[str]:
    """Subjects with an accepted record, of one domain where it is named."""
    return {
        str(subject)
        for sheet in sheets
        if sheet.kind is SheetKind.RECORDS and domain in {None, sheet.domain}
        for number, subject in enumerate(sheet.column("USUBJID"))
        if number not in sheet.faults and subject is not None
    }


def _check_identity(sheet: Sheet) -> None:
    study_ids = sheet.column("STUDYID")
    named = _domain_variable(sheet)
    # Without the column every row is of the domain that the dataset was recognised as.
    domains = sheet.column(named) if named in sheet.columns else [sheet.domain] * sheet.height
    for number in range(sheet.height):
        if study_ids[number] is None:
            sheet.refuse(number, "STUDYID is blank. Fill in the identifier of the study.", "STUDYID")
        _check_domain(sheet, number, domains[number])


def _domain_variable(sheet: Sheet) -> str:
    return "DOMAIN" if sheet.kind in {SheetKind.RECORDS, SheetKind.STUDY} else "RDOMAIN"


def _check_domain(sheet: Sheet, number: int, domain: Value | None) -> None:
    variable = _domain_variable(sheet)
    if domain is None:
        sheet.refuse(number, f"{variable} is blank. Fill in the domain of the row.", variable)
    elif not is_known_domain(str(domain)) and not _is_sponsors_own(sheet, str(domain)):
        known = "a domain of SDTM, or a sponsor's own of two letters with variables that begin with them"
        sheet.refuse(number, f"Got the domain {domain!r}, expected {known}.", variable)
    elif variable == "DOMAIN" and domain != sheet.domain:
        sheet.refuse(
            number, f"Got the domain {domain!r}, expected {sheet.domain!r} as in the rest of the file.", variable
        )


def _is_sponsors_own(sheet: Sheet, domain: str) -> bool:
    # What only points at records does not speak of them; whether there are any is asked when it is joined.
    points = _domain_variable(sheet) == "RDOMAIN"
    return may_be_sponsors(domain) and (points or any(name.startswith(domain) for name in sheet.columns))


def _check_named(sheet: Sheet) -> None:
    # Only a record of a subject must name one: a relation without a subject is of whole datasets, and what was observed
    # of a pool (SDTMIG 3.4, POOLID) is of all of its subjects together.
    if sheet.kind is SheetKind.RECORDS:
        for number, (subject, pool) in enumerate(zip(sheet.column("USUBJID"), sheet.column("POOLID"), strict=True)):
            if subject is None and pool is None:
                sheet.refuse(number, "USUBJID is blank. Fill in the subject of the row.", "USUBJID")


def _check_subjects(sheet: Sheet, subjects: Collection[str]) -> None:
    for number, subject in enumerate(sheet.column("USUBJID")):
        if subject is not None and subject not in subjects:
            advice = "Add the record that this row tells more of, or mend it if it was refused, and import again"
            sheet.refuse(number, f"Subject {subject} has no record. {advice}.", "USUBJID")


def _refuse_twice(sheets: list[Sheet], start: Place, seen: dict[Hashable, Place]) -> None:
    """Refuse rows whose key an earlier accepted row has: --SEQ within subject and domain, else all their values."""
    sheet = sheets[start.sheet]
    keys = _keys(sheet)
    for number in range(sheet.height):
        if number in sheet.faults:
            continue
        first = seen.setdefault(keys[number], Place(start.sheet, number))
        if first != Place(start.sheet, number):
            variable, reason = _twice(sheet, number, sheets[first.sheet], first.row)
            sheet.refuse(number, reason, variable)


def _keys(sheet: Sheet) -> list[Hashable]:
    subjects = sheet.column("USUBJID")
    if sheet.domain == "DM":
        return [("DM", subject) for subject in subjects]
    sequences = sheet.columns.get(f"{sheet.domain}SEQ") if sheet.kind is SheetKind.RECORDS else None
    if sequences is None:
        sequences = [None] * sheet.height
    return [
        (sheet.domain, subjects[number], sequence if sequence is not None else frozenset(sheet.row(number).items()))
        for number, sequence in enumerate(sequences)
    ]


def _twice(sheet: Sheet, number: int, first_sheet: Sheet, first_row: int) -> tuple[str, str]:
    place = f"row {first_row + 1} of {first_sheet.source.name}"
    if sheet.row(number) == first_sheet.row(first_row):
        return "", f"The row is a duplicate of {place}. Remove one of them."
    variable = "USUBJID" if sheet.domain == "DM" else f"{sheet.domain}SEQ"
    return variable, f"It has the same {variable} as {place}, expected one row per subject and {variable}. Renumber it."
