"""What two versions of a twin differ in, in few lines: events one by one, results of a day together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from apps.studies.domain.arrival import arrival_on
from apps.studies.domain.clinical.records import ClinicalRecord, SortKey, name_of, row_order
from apps.studies.domain.clinical.terms import heading, inline
from apps.studies.domain.dates import display
from apps.studies.domain.variables import Value, domain_label, is_sequence, label
from apps.twins.domain.membership import GROUPED, group_of
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.words import day, test_name, value_words, with_unit

Kind = Literal["new", "changed", "withdrawn"]

# What a person must see first comes first (the order of apps.studies.domain.highlights).
_ORDER: Final = ("AE", "DS", "DD", "DM", "EX", "CM", "MH", "SV", "LB", "VS", "QS")
# Records of these domains come by the dozen; a day of them is one line.
_TOGETHER: Final = frozenset({"LB", "VS", "QS", "SC", "EG", "PE"})


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """One line: what is new, changed or gone; a changed value names its variable, old and new."""

    kind: Kind
    domain: str
    shown: Shown | None
    text: str
    old: str = ""
    new: str = ""


@dataclass(frozen=True, slots=True)
class RowChange:
    """One record of two versions: as it stands or stood last, before and after; None where it is not there."""

    row: ClinicalRecord
    before: ClinicalRecord | None
    after: ClinicalRecord | None
    is_repeat: bool = False
    """Whether a new row belongs to an event or medication that was known before."""

    @property
    def kind(self) -> Kind:
        """Whether the record came, changed or went."""
        if self.before is None:
            return "new"
        return "changed" if self.after is not None else "withdrawn"


def differences(before: Twin, after: Twin) -> list[RowChange]:
    """Records in which two versions differ; one that changed and changed back is not among them."""
    gone = [RowChange(row, row, None) for row in before.all_rows() if after.row(row.id) is None]
    pairs = ((before.row(row.id), row) for row in after.all_rows())
    moved = [(old, row) for old, row in pairs if old is None or old.values != row.values]
    return gone + [RowChange(row, old, row, is_repeat=old is None and _is_known(row, before)) for old, row in moved]


def _is_known(row: ClinicalRecord, twin: Twin) -> bool:
    """Whether a twin already has the event or medication that a row belongs to."""
    return row.domain in GROUPED and group_of(twin, row) in twin.indexes.rows_of_group


def lines_of(changes: Iterable[RowChange], addresses: Addresses) -> list[ChangeLine]:
    """The lines of some differences, what matters most first."""
    found: list[ChangeLine] = []
    repeats: list[ClinicalRecord] = []
    together: dict[tuple[Kind, str, str, str], list[ClinicalRecord]] = {}
    for change in sorted(changes, key=_order):
        row = change.row
        if change.is_repeat and row.domain == "CM":
            repeats.append(row)
        # A corrected result is told by itself, with its old and its new value.
        elif row.domain in _TOGETHER and change.kind != "changed":
            together.setdefault((change.kind, row.domain, _category(row), _day(row)), []).append(row)
        # A row of RELREC holds nothing but keys of other records.
        elif row.domain != "RELREC":
            found.extend(_lines(change, addresses))
    found.extend(_joined(*key, rows, addresses) for key, rows in together.items())
    return found + ([_repeated(repeats)] if repeats else [])


def counts_of(changes: Iterable[RowChange]) -> list[ChangeLine]:
    """One line per domain with its number of records, for the first version of a subject."""
    numbers: dict[str, int] = {}
    for change in sorted(changes, key=_order):
        numbers[change.row.domain] = numbers.get(change.row.domain, 0) + 1
    return [ChangeLine("new", domain, None, _records(domain_label(domain), n)) for domain, n in numbers.items()]


def title_of(row: ClinicalRecord) -> str:
    """What a record is about, in a few words."""
    if row.domain == "LB":
        return test_name(row.text("LBTESTCD") or "", row.text("LBTEST"))
    term = name_of(row)
    return heading(term) if term else domain_label(row.domain)


def _lines(change: RowChange, addresses: Addresses) -> Iterator[ChangeLine]:
    row = change.row
    if change.before is None or change.after is None:
        kind: Kind = "changed" if change.is_repeat else change.kind
        yield ChangeLine(kind, row.domain, addresses.shown(title_of(row), row.id), _details(row))
        return
    for name in sorted(change.before.values.keys() | change.after.values.keys()):
        old, new = change.before.values.get(name), change.after.values.get(name)
        # --SEQ moves when rows are numbered anew, and nothing happened to the subject.
        if old != new and not is_sequence(row.domain, name):
            yield ChangeLine(
                "changed",
                row.domain,
                addresses.shown(f"{title_of(row)}: {inline(label(row.domain, name))}", row.id, name),
                "",
                _value(row, name, old),
                _value(row, name, new),
            )


def _details(row: ClinicalRecord) -> str:
    """What makes a new record worth reading: how severe, when it began."""
    parts = [inline(row.text("AESEV") or "")] if row.domain == "AE" else []
    parts.append(day(row.text(f"{row.domain}STDTC") or row.text(f"{row.domain}DTC")))
    return ", ".join(part for part in parts if part)


def _value(row: ClinicalRecord, name: str, value: Value | None) -> str:
    if name in {"LBSTRESN", "LBORRES"}:
        return with_unit(value, row.text(f"{name[:4]}RESU" if name == "LBORRES" else "LBSTRESU"))
    return value_words(row.domain, name, value) or _("not recorded")


def _joined(
    kind: Kind, domain: str, category: str, on: str, rows: list[ClinicalRecord], addresses: Addresses
) -> ChangeLine:
    if len(rows) == 1:
        row = rows[0]
        # The link leads to the value that is told; of a record without one, to all of it.
        name = next((name for name in _results(domain) if row.values.get(name) is not None), "")
        unit = row.text(f"{domain}ORRESU" if name == f"{domain}ORRES" else f"{domain}STRESU")
        words = f"{title_of(row)} {with_unit(row.values.get(name), unit)}".strip()
        return ChangeLine(kind, domain, addresses.shown(words, row.id, name), on)
    return ChangeLine(kind, domain, None, " ".join(part for part in (_records(category, len(rows)), on) if part))


def _results(domain: str) -> tuple[str, ...]:
    """Variables that may hold the result of a finding, the number before the words."""
    return f"{domain}STRESN", f"{domain}STRESC", f"{domain}ORRES"


def _repeated(rows: list[ClinicalRecord]) -> ChangeLine:
    """Medications are recorded again at every visit; that they were is one line."""
    words = ngettext(
        "%(count)s further row of a medication known before",
        "%(count)s further rows of medications known before",
        len(rows),
    )
    return ChangeLine("new", "CM", None, words % {"count": len(rows)})


def _records(name: str, count: int) -> str:
    words = ngettext("%(name)s: %(count)s record", "%(name)s: %(count)s records", count)
    return words % {"name": name, "count": f"{count:,}"}


def _category(row: ClinicalRecord) -> str:
    category = row.text(f"{row.domain}CAT") if row.domain == "LB" else None
    return f"{domain_label(row.domain)}, {inline(category)}" if category else domain_label(row.domain)


def _day(row: ClinicalRecord) -> str:
    on = arrival_on(row.domain, row.values)
    return display(on.isoformat()) if on else ""


def _order(change: RowChange) -> tuple[int, str, tuple[SortKey, SortKey, float, str]]:
    """By what matters most, then in order of time."""
    domain = change.row.domain
    return (_ORDER.index(domain) if domain in _ORDER else len(_ORDER), domain, row_order(change.row))
