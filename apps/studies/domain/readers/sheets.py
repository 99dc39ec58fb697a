"""Turns the datasets of a file into sheets: canonical columns, what kind of rows they are, and what is at fault."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from apps.studies.domain import variables
from apps.studies.domain.readers.delimited import read_csv
from apps.studies.domain.readers.encodings import is_unsettled, settle
from apps.studies.domain.readers.frame import Frame, with_plain_names, with_variables_alone
from apps.studies.domain.readers.parquet import read_parquet
from apps.studies.domain.readers.recognition import NotSdtmError, SheetKind, kind_and_domain
from apps.studies.domain.readers.source import FileKind, SourceFile
from apps.studies.domain.readers.xport import read_xport
from apps.studies.domain.values import InvalidValueError, canonical_value
from apps.studies.domain.variables import BlindingClass, Value

# A row of which more is wrong is no row with a slip; and each refused value is kept as a line.
_MOST_REFUSED_CELLS: Final = 10
# How R, SAS and databases write a missing number into a text file; of text they may be an answer.
_MISSING_WORDS: Final = frozenset({"NA", ".", "NaN", "NULL"})


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a row is refused, and the variable at fault when it is one."""

    reason: str
    variable: str = ""


@dataclass(slots=True)
class Sheet:
    """Canonical columns of one dataset (equally long, None for blank) and the faults of its rows, counted from 0.

    `cell_faults` are values that could not be kept where the row could: it comes in without them. `notes` say what was
    assumed of the file.
    """

    source: SourceFile
    kind: SheetKind
    domain: str
    columns: dict[str, list[Value | None]]
    height: int
    labels: Mapping[str, str]
    faults: dict[int, Fault] = field(default_factory=dict)
    cell_faults: dict[tuple[int, str], str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    refused_cells: Counter[int] = field(default_factory=Counter)

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


@dataclass(frozen=True, slots=True)
class NotRead:
    """A dataset or file that was left out, and why; the others come in."""

    source: SourceFile
    reason: str


def read_sheets(source: SourceFile, encoding: str | None = None, *, may_quote: bool = True) -> list[Sheet | NotRead]:
    """The datasets of one data file; UnreadableSourceError when the file is damaged.

    *encoding* is what a person says that text which is not UTF-8 is written in (`encodings.py`); without *may_quote*
    nothing that is said of the file shows a text of it.
    """
    frames = _frames(source)
    sheets: list[Sheet | NotRead] = []
    for frame in frames:
        named = _named(source, frame, alone=len(frames) == 1)
        sheets.append(_read(named, frame, encoding, may_quote=may_quote))
    return sheets


def _frames(source: SourceFile) -> list[Frame]:
    content = source.load()
    if source.kind is FileKind.XPORT:
        return read_xport(source.name, content)
    return [(read_parquet if source.kind is FileKind.PARQUET else read_csv)(source.name, content)]


def _named(source: SourceFile, frame: Frame, *, alone: bool) -> SourceFile:
    """The file, with the name of the dataset behind its own where it holds several."""
    return source if alone else replace(source, name=f"{source.name}/{frame.dataset.lower()}")


def _read(source: SourceFile, frame: Frame, encoding: str | None, *, may_quote: bool) -> Sheet | NotRead:
    frame = with_plain_names(with_variables_alone(frame, may_quote=may_quote))
    try:
        kind, domain, notes = kind_and_domain(frame, source.dataset)
    except NotSdtmError as error:
        return NotRead(source, str(error))
    quotable = _quotable(domain, frame) if may_quote else frozenset()
    frame, settled = _settled(source.name, frame, quotable, encoding)
    sheet = Sheet(source, kind, domain, {}, frame.height, frame.variable_labels)
    sheet.notes += [*frame.notes, *notes, *settled]
    sheet.faults = {number: Fault(reason) for number, reason in frame.faults.items()}
    for place, reason in frame.cell_faults.items():
        _refuse_cell(sheet, *place, reason)
    for name, raw in frame.columns.items():
        sheet.columns[name] = _canonical_column(sheet, name, raw, frame, source.kind)
    return sheet


def _quotable(domain: str, frame: Frame) -> frozenset[str]:
    """Columns of which blinded readers may see texts."""
    return frozenset(name for name in frame.columns if variables.blinding_class(domain, name) is BlindingClass.OPEN)


def _settled(file: str, frame: Frame, quotable: frozenset[str], encoding: str | None) -> tuple[Frame, tuple[str, ...]]:
    """The frame with every text that is not UTF-8 read by evidence, and what was assumed."""
    by_column = {name: {v for v in set(column) if is_unsettled(v)} for name, column in frame.columns.items()}
    labels = {text for text in frame.variable_labels.values() if is_unsettled(text)}
    unsettled = {str(text) for texts in by_column.values() for text in texts} | labels
    if not unsettled:
        return frame, ()
    shown = {str(text) for name, texts in by_column.items() if name in quotable for text in texts}
    found = settle(file, unsettled, shown, encoding)
    columns = {
        name: [found.texts.get(value, value) if isinstance(value, str) else value for value in column]
        if by_column[name]
        else column
        for name, column in frame.columns.items()
    }
    named = {name: found.texts.get(text, text) for name, text in frame.variable_labels.items()}
    return replace(frame, columns=columns, variable_labels=named), found.notes


def _canonical_column(
    sheet: Sheet, name: str, raw: Sequence[object], frame: Frame, kind: FileKind
) -> list[Value | None]:
    """Canonical values of a column; each distinct value is judged once, because a column repeats few values often."""
    canonical: dict[object, Value | None] = {}
    wrong: dict[object, str] = {}
    is_written = kind is FileKind.CSV and (variables.is_numeric(sheet.domain, name) or variables.is_date(name))
    for value in set(raw):
        given = _spelled(sheet.domain, name, value, frame) if is_written else value
        try:
            canonical[value] = canonical_value(sheet.domain, name, given)
        except InvalidValueError as error:
            canonical[value] = None
            wrong[value] = error.reason
    if wrong:
        for number, value in enumerate(raw):
            if value in wrong:
                _refuse_cell(sheet, number, name, wrong[value])
    return [canonical[value] for value in raw]


def _spelled(domain: str, name: str, value: object, frame: Frame) -> object:
    """A cell of a text file as a number or date is spelled: nothing for the words of a missing one."""
    text = str(value).strip()
    if text in _MISSING_WORDS:
        return None
    if frame.has_decimal_commas and variables.is_numeric(domain, name):
        return text.replace(",", ".")
    return value


def _refuse_cell(sheet: Sheet, number: int, name: str, reason: str) -> None:
    """Refuse the value alone where SDTM allows the variable to be blank, else its row."""
    may_be_blank = sheet.kind in {SheetKind.RECORDS, SheetKind.STUDY} and not variables.is_required(sheet.domain, name)
    if not may_be_blank or sheet.refused_cells[number] >= _MOST_REFUSED_CELLS:
        sheet.refuse(number, reason, name)
    else:
        sheet.cell_faults.setdefault((number, name), reason)
        sheet.refused_cells[number] += 1
