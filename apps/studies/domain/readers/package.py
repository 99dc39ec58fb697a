"""Reads the files of one study as one package: every source row is a record, a qualifier, or refused with a reason."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from apps.core.domain.errors import UnreadableSourceError
from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.readers.acceptance import Place, check_records, single_study, subjects_of
from apps.studies.domain.readers.define import DefinedDataset, read_define
from apps.studies.domain.readers.joining import QualifierJoin, RowIndex, Spread, resolve_relations, spread_relations
from apps.studies.domain.readers.keys import KeyNote, judge_keys
from apps.studies.domain.readers.numbering import numbered_openly
from apps.studies.domain.readers.recognition import SheetKind
from apps.studies.domain.readers.sheets import NotRead, Sheet, read_sheets
from apps.studies.domain.readers.source import FileKind, SourceFile
from apps.studies.domain.readers.withholding import LeftOut, withhold
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value
from apps.studies.domain.writability import NOT_WRITABLE

# The kind of a file that was given and is no data that is read; its notes say why.
NOT_READ: Final = "not read"
_DATA: Final = frozenset({FileKind.XPORT, FileKind.PARQUET, FileKind.CSV})


@dataclass(frozen=True, slots=True)
class Rejected:
    """One refused source row: file, 1-based data row, and the reason with the variable at fault when it is one.

    With ``is_cell`` only the value of the variable was refused, and the row came in without it.
    """

    file: str
    number: int
    domain: str
    subject_id: str | None
    variable: str
    reason: str
    values: Mapping[str, Value]
    is_cell: bool = False


@dataclass(frozen=True, slots=True)
class FileAccount:
    """Where the rows of one file went; ``rows`` is the sum of the three others, ``kind`` what the file holds.

    ``notes`` say what was assumed of the file, or why it was not read.
    """

    name: str
    sha256: str
    size: int
    domain: str
    kind: str
    rows: int = 0
    records: int = 0
    qualifiers: int = 0
    rejected: int = 0
    notes: tuple[str, ...] = ()


class Package:
    """Everything one set of files says about one study; rows are built when asked for, one subject at a time."""

    def __init__(
        self,
        study_id: str,
        accounts: Sequence[FileAccount],
        sheets: Sequence[Sheet],
        contents: "_Contents",
        key_notes: Sequence[KeyNote],
        left_out: Sequence[LeftOut] = (),
        *,
        names_study: bool = True,
    ) -> None:
        self.study_id = study_id
        # Without a STUDYID anywhere the study is only assumed, and binds no later file.
        self.names_study = names_study
        self.accounts = tuple(accounts)
        self.key_notes = tuple(key_notes)
        self.left_out = tuple(left_out)
        self.labels: Mapping[str, Mapping[str, str]] = contents.labels
        self._sheets = sheets
        self._qualifiers = contents.qualifiers
        self._targets = contents.targets
        self._places = contents.places
        self._spread = contents.spread
        self._unread = _unread(sheets)

    @property
    def subject_ids(self) -> list[str]:
        """Subjects that have rows, by their ids: an order of the files, such as by arm, would show in every history."""
        return sorted(subject for subject in self._places if subject is not None)

    @property
    def undescribed(self) -> list[str]:
        """Subjects that have records in these files and no row of DM among them."""
        return sorted(subjects_of(self._sheets) - subjects_of(self._sheets, "DM"))

    @property
    def rejected(self) -> list[Rejected]:
        """Every refused row, by file and row."""
        return [refused for sheet in self._sheets for refused in _rejected(sheet)]

    @property
    def refused_cells(self) -> list[Rejected]:
        """Every value that was refused while its row came in, by file and row."""
        return [refused for sheet in self._sheets for refused in _refused_cells(sheet)]

    @property
    def columns(self) -> dict[str, tuple[str, ...]]:
        """Variables of each domain in order of first appearance, qualifiers included."""
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for sheet in self._sheets:
            if sheet.kind is not SheetKind.QUALIFIERS:
                found[sheet.domain].update(dict.fromkeys(sheet.columns))
        for place, values in self._qualifiers.items():
            found[self._sheets[place.sheet].domain].update(dict.fromkeys(values))
        return {domain: tuple(names) for domain, names in found.items()}

    @property
    def carried(self) -> dict[str, frozenset[str]]:
        """By file of records, the variables that its rows carry: its columns, and the qualifiers of its domain.

        A qualifier that no row of the package has is not in it: a SUPP file left out, or a QNAM that it does not name.
        """
        named: defaultdict[str, set[str]] = defaultdict(set)
        for sheet in self._sheets:
            if sheet.kind is SheetKind.QUALIFIERS:
                for domain, name in zip(sheet.column("RDOMAIN"), sheet.column("QNAM"), strict=True):
                    named[str(domain)].add(str(name))
        return {
            sheet.source.name: frozenset((*sheet.columns, *named[sheet.domain]))
            for sheet in self._sheets
            if sheet.kind is not SheetKind.QUALIFIERS
        }

    @property
    def unsure_qualifiers(self) -> set[tuple[str | None, str]]:
        """Subjects and domains of which a qualifier was refused: what they had before is not known to be gone."""
        return {
            (None if subject is None else str(subject), str(domain))
            for sheet in self._sheets
            if sheet.kind is SheetKind.QUALIFIERS
            for row, (subject, domain) in enumerate(zip(sheet.column("USUBJID"), sheet.column("RDOMAIN"), strict=True))
            if row in sheet.faults
        }

    def own_columns(self, file: str) -> frozenset[str]:
        """The columns of one file itself."""
        return next((frozenset(sheet.columns) for sheet in self._sheets if sheet.source.name == file), frozenset())

    def open_qualifiers(self, rules: BlindingRules) -> dict[str, int]:
        """By file, how many accepted qualifiers are of variables that blinded readers see."""
        found: Counter[str] = Counter()
        for sheet in self._sheets:
            if sheet.kind is SheetKind.QUALIFIERS:
                cells = zip(sheet.column("RDOMAIN"), sheet.column("QNAM"), strict=True)
                found[sheet.source.name] = sum(
                    row not in sheet.faults and not rules.variable_is_hidden(str(domain), str(name))
                    for row, (domain, name) in enumerate(cells)
                )
        return dict(found)

    def numbered_openly(self, rules: BlindingRules) -> frozenset[str]:
        """Files of which blinded readers may know the numbers of rows (`numbering.py`)."""
        return numbered_openly(self._sheets, rules)

    @property
    def telling_files(self) -> set[str]:
        """Files of a blinded person that hold what their role may not write; a hash of one could be searched for it."""
        refused = (refused.file for refused in self.rejected if refused.reason == NOT_WRITABLE)
        return {left_out.file for left_out in self.left_out}.union(refused)

    def distinct(self, domain: str, variable: str) -> set[Value]:
        """Every value that one variable has anywhere in the files."""
        columns = (sheet.column(variable) for sheet in self._sheets if sheet.domain == domain)
        return {value for column in columns for value in column if value is not None}

    def key_of(self, domain: str) -> tuple[str, ...]:
        """The key Define-XML gives a domain, where it is usable in every file of the domain; else empty."""
        notes = [note for note in self.key_notes if note.domain == domain]
        is_usable = bool(notes) and all(note.is_usable and note.variables == notes[0].variables for note in notes)
        return notes[0].variables if is_usable else ()

    def rows_of(self, subject_id: str) -> list[Row]:
        """Accepted rows of one subject: DM, then by file and row, RELREC last; an unknown subject has none.

        What relations of whole datasets say of the subject comes at the end, as rows that no file counts.
        """
        places = self._places.get(subject_id, [])
        positions = {place: position for position, place in enumerate(places)}
        spread = [self._spread_row(number, one, positions) for number, one in self._spread.get(subject_id, ())]
        return [*self._rows(places, subject_id), *spread]

    def _spread_row(self, number: int, one: Spread, positions: Mapping[Place, int]) -> Row:
        targets = tuple(positions[target] for target in one.targets)
        values = {**one.values, "USUBJID": one.subject}
        file = self._sheets[number].source.name
        return Row("RELREC", one.subject, values, file, one.row + 1, targets, is_counted=False)

    def study_rows(self) -> list[Row]:
        """Accepted rows that belong to the study and not to a subject."""
        return self._rows(self._places.get(None, []), None)

    def _rows(self, places: Sequence[Place], subject_id: str | None) -> list[Row]:
        positions = {place: position for position, place in enumerate(places)}
        return [self._row(place, subject_id, positions) for place in places]

    def _row(self, place: Place, subject_id: str | None, positions: Mapping[Place, int]) -> Row:
        sheet = self._sheets[place.sheet]
        values = sheet.row(place.row)
        values.update(self._qualifiers.get(place, {}))
        targets = tuple(positions[target] for target in self._targets.get(place, ()))
        unread = self._unread.get(place, frozenset())
        return Row(sheet.domain, subject_id, values, sheet.source.name, place.row + 1, targets, unread)


@dataclass(frozen=True, slots=True)
class _Contents:
    """What the joined sheets hold beside their own cells."""

    qualifiers: Mapping[Place, dict[str, Value]]
    targets: Mapping[Place, list[Place]]
    places: Mapping[str | None, list[Place]]
    labels: Mapping[str, Mapping[str, str]]
    spread: Mapping[str, list[tuple[int, Spread]]]


def read_package(
    files: Iterable[SourceFile],
    *,
    study_id: str | None = None,
    known_subjects: Collection[str] = (),
    writable: BlindingRules | None = None,
    fallback_study_id: str | None = None,
    encoding: str | None = None,
) -> Package:
    """Read files as a package of one study; UnreadableSourceError names an unreadable or foreign file.

    ``study_id`` is the STUDYID expected, when there is one, ``fallback_study_id`` that of files without any;
    ``known_subjects`` count as subjects when no file holds DM. ``writable`` are the rules for the files of a blinded
    person: what these may not write is left out, and named. ``encoding`` is that of text which is not UTF-8.
    """
    given = list(files)
    # What is said of a blinded person's file is told to all blinded readers, whatever words a study's rules hide.
    may_quote = writable is None
    read = [part for file in given if file.kind in _DATA for part in read_sheets(file, encoding, may_quote=may_quote)]
    sheets = [part for part in read if isinstance(part, Sheet)]
    not_read = [part for part in read if isinstance(part, NotRead)]
    if not sheets and not_read:
        raise UnreadableSourceError(not_read[0].source.name, not_read[0].reason)
    # Before rows are joined or compared, so that no reason given later can speak of what is withheld.
    left_out = withhold(sheets, writable) if writable is not None else []
    defined, definitions = _defined(given)
    # The rows of a subject come in this order: what is pointed at stands before what points.
    sheets.sort(key=lambda sheet: (sheet.domain != "DM", sheet.kind is SheetKind.RELATIONS))
    names_study = any(value is not None for sheet in sheets for value in sheet.column("STUDYID"))
    study = single_study(sheets, study_id, fallback_study_id)
    check_records(sheets, known_subjects)
    contents = _contents(sheets, defined)
    ignored = [FileAccount(f.name, f.sha256, f.size, "", f.kind.value) for f in given if f.kind is FileKind.IGNORED]
    accounts = [*map(_account, sheets), *map(_account_not_read, not_read), *definitions, *ignored]
    # In the order given; a file of several datasets has one account for each, named behind its own.
    order = {file.name: number for number, file in enumerate(given)}
    accounts.sort(key=lambda account: order.get(account.name, order.get(account.name.rpartition("/")[0], 0)))
    return Package(study, accounts, sheets, contents, judge_keys(defined, sheets), left_out, names_study=names_study)


def _defined(files: Sequence[SourceFile]) -> tuple[list[DefinedDataset], list[FileAccount]]:
    """What Define-XML says, and its files; one that cannot be read costs labels and no data."""
    found: list[DefinedDataset] = []
    accounts: list[FileAccount] = []
    for file in files:
        if file.kind is FileKind.DEFINE:
            notes: tuple[str, ...] = ()
            try:
                found += read_define(file.name, file.load())
            except UnreadableSourceError as error:
                notes = (_reason(file, error),)
            kind = NOT_READ if notes else file.kind.value
            accounts.append(FileAccount(file.name, file.sha256, file.size, "", kind, notes=notes))
    return found, accounts


def _reason(file: SourceFile, error: UnreadableSourceError) -> str:
    """The words of an error without the name of the file, which stands beside them."""
    text = error.detail.removeprefix(f"{file.name}: ")
    return f"{text[:1].upper()}{text[1:]}"


def _account_not_read(part: NotRead) -> FileAccount:
    file = part.source
    return FileAccount(file.name, file.sha256, file.size, "", NOT_READ, notes=(part.reason,))


def _contents(sheets: list[Sheet], defined: list[DefinedDataset]) -> _Contents:
    index = RowIndex(sheets)
    join = QualifierJoin(sheets, index)
    targets: dict[Place, list[Place]] = {}
    spread: defaultdict[str, list[tuple[int, Spread]]] = defaultdict(list)
    for number, sheet in enumerate(sheets):
        if sheet.kind is SheetKind.QUALIFIERS:
            join.join(sheet)
        elif sheet.kind is SheetKind.RELATIONS:
            found = resolve_relations(sheet, index)
            targets.update({Place(number, row): places for row, places in found.items()})
            for one in spread_relations(sheet, index):
                spread[one.subject].append((number, one))
    return _Contents(join.joined, targets, _places(sheets), _labels(sheets, defined, join.labels), spread)


def _places(sheets: Sequence[Sheet]) -> dict[str | None, list[Place]]:
    """Accepted rows by subject; None holds those of the study."""
    places: dict[str | None, list[Place]] = {}
    for number, sheet in enumerate(sheets):
        if sheet.kind is SheetKind.QUALIFIERS:
            continue
        for row, subject in enumerate(sheet.column("USUBJID")):
            if row not in sheet.faults:
                places.setdefault(None if subject is None else str(subject), []).append(Place(number, row))
    return places


def _labels(
    sheets: Iterable[Sheet], defined: Iterable[DefinedDataset], qualifiers: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Labels by domain and variable: those of the data files, then Define-XML, then QLABEL."""
    found: defaultdict[str, dict[str, str]] = defaultdict(dict)
    sources: Iterator[tuple[str, Mapping[str, str]]] = iter(
        [
            *((sheet.domain, sheet.labels) for sheet in sheets if sheet.kind is not SheetKind.QUALIFIERS),
            *((dataset.domain, dataset.variable_labels) for dataset in defined),
            *qualifiers.items(),
        ]
    )
    for domain, labels in sources:
        for name, text in labels.items():
            if text:
                found[domain].setdefault(name, text)
    return dict(found)


def _unread(sheets: Sequence[Sheet]) -> dict[Place, frozenset[str]]:
    """By row, the variables of which a value was refused."""
    found: defaultdict[Place, set[str]] = defaultdict(set)
    for number, sheet in enumerate(sheets):
        for row, variable in sheet.cell_faults:
            found[Place(number, row)].add(variable)
    return {place: frozenset(names) for place, names in found.items()}


def _refused_cells(sheet: Sheet) -> Iterator[Rejected]:
    subjects = sheet.column("USUBJID")
    for (number, variable), reason in sorted(sheet.cell_faults.items()):
        if number not in sheet.faults:
            subject = None if subjects[number] is None else str(subjects[number])
            place = (sheet.source.name, number + 1, sheet.domain, subject)
            yield Rejected(*place, variable, reason, sheet.row(number), is_cell=True)


def _rejected(sheet: Sheet) -> Iterator[Rejected]:
    subjects = sheet.column("USUBJID")
    for number, fault in sorted(sheet.faults.items()):
        subject = subjects[number]
        name = None if subject is None else str(subject)
        place = (sheet.source.name, number + 1, sheet.domain, name)
        yield Rejected(*place, fault.variable, fault.reason, sheet.row(number))


def _account(sheet: Sheet) -> FileAccount:
    accepted, rejected = sheet.height - len(sheet.faults), len(sheet.faults)
    are_qualifiers = sheet.kind is SheetKind.QUALIFIERS
    records, qualifiers = (0, accepted) if are_qualifiers else (accepted, 0)
    file = sheet.source
    identity = (file.name, file.sha256, file.size, sheet.domain, sheet.kind.value)
    return FileAccount(*identity, sheet.height, records, qualifiers, rejected, tuple(sheet.notes))
