"""The history of one value: what it was at each revision, who changed it and why, the row it came from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.references import RecordId, Reference
from apps.studies.domain.clinical.spans import day_number
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.variables import BlindingClass, Value, blinding_class, domain_label, is_known, label
from apps.studies.selectors.imports import shown_source
from apps.studies.selectors.labels import variable_label
from apps.twins.domain.facts import DEFINITION_VERSION, DerivedFact
from apps.twins.domain.twin import Twin
from apps.twins.selectors.history import reason_for
from apps.twins.selectors.records import RecordVersion, record_history
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.change_lines import title_of
from apps.twins.web.derivations import fact_heading, fact_rule, fact_words, uses_of
from apps.twins.web.scope import SubjectView
from apps.twins.web.timeline import CHOSEN
from apps.twins.web.words import moment, value_words, with_unit

# Values that are read together with their unit, and the variable that holds it.
_UNITS = {"STRESN": "STRESU", "STRESC": "STRESU", "ORRES": "ORRESU", "DOSE": "DOSU", "STNRLO": "STRESU"}
_UNITS |= {"STNRHI": "STRESU", "ORNRLO": "ORRESU", "ORNRHI": "ORRESU"}


@dataclass(frozen=True, slots=True)
class VariableChange:
    """What one revision did to one variable of a record."""

    name: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class RevisionLine:
    """The value after one revision; `reason` is None where the reader may not know it.

    A revision of a whole record has what it did to each variable in `changes`.
    """

    number: int
    version: int
    is_current: bool
    is_withdrawn: bool
    old: str
    new: str
    reason: str | None
    actor: str
    known_at: datetime
    changes: tuple[VariableChange, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceLine:
    """Where a value, or a record as it stands, came from: a row of a file, or a write without one; by which version."""

    file: str
    row: int | None
    sha256: str
    door: str
    version: int


@dataclass(frozen=True, slots=True)
class Part:
    """A named value in the drawer, with the way to its own history."""

    name: str
    shown: Shown
    code: str = ""


@dataclass(frozen=True, slots=True)
class ValueHistory:
    """Everything the drawer shows of a value."""

    kicker: str
    title: str
    about: str
    now: str
    close_url: str
    revisions: tuple[RevisionLine, ...] = ()
    source: SourceLine | None = None
    parts: tuple[Part, ...] = ()
    rule: str = ""
    definition_version: int | None = None
    derived_from: tuple[Part, ...] = ()
    used_in: tuple[Part, ...] = ()
    siblings: tuple[Part, ...] = ()
    record_id: str = ""


class ValuePanel(SubjectView):
    """The drawer: the history of one value, of a whole record, or the derivation of a fact."""

    template_name = "twins/value.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The history that `record` and `variable` of the address name."""
        record = self.request.GET.get("record", "")
        history = value_context(self, record, self.request.GET.get("variable", ""))
        return {"history": history, "timeline_url": self._timeline(record)}

    def _timeline(self, record: str) -> str:
        """The timeline with the onset of the event that was chosen; empty where none was."""
        is_event = any(event.is_of(record) for event in self.twin.events())
        return self.addresses.panel("twin-timeline", **{CHOSEN: record}) if is_event else ""


def value_context(view: SubjectView, record_id: str, variable: str) -> ValueHistory:
    """The history of a value at the version being read.

    Raises NotVisibleError for what does not exist or what this reader may not know, in the same words.
    """
    # Asked of the reader's own twin, in which no fact of a hidden record is there to be found.
    fact = view.twin.facts.get(str(Reference.of(record_id, variable)))
    if fact is not None:
        return _derivation(fact, view.twin, view.addresses)
    found = record_history(view.subject, view.audience, record_id, view.version)
    domain = RecordId(record_id).domain
    if not found or (variable and not _may_read(found, domain, variable, view.audience)):
        raise NotVisibleError("No value that you may see has this record and variable at this version.")
    row = ClinicalRecord(record_id, domain, found[-1].values)
    return _value(row, variable, found, view) if variable else _record(row, found, view)


def _may_read(found: Sequence[RecordVersion], domain: str, variable: str, audience: Audience) -> bool:
    """A variable the reader may see: open to them, and known to the product or recorded at least once."""
    # To a blinded reader a hidden variable is as unknown as a name that no dictionary has.
    if audience is Audience.BLINDED:
        is_open = blinding_class(domain, variable) is BlindingClass.OPEN
        return is_open or any(variable in entry.values for entry in found)
    return is_known(domain, variable) or any(variable in entry.values for entry in found)


def _value(row: ClinicalRecord, variable: str, found: Sequence[RecordVersion], view: SubjectView) -> ValueHistory:
    named = variable_label(view.study, row.domain, variable)
    return ValueHistory(
        kicker=_("Value history"),
        title=f"{title_of(row)}: {named.lower()}" if _is_named(row) else named,
        about=_about(row, view.twin),
        now=_words(row.domain, variable, row.values),
        close_url=view.addresses.page(),
        revisions=tuple(reversed(list(_revisions(row.domain, variable, found, view.audience)))),
        source=_source(_set_by(found, variable), view.audience),
        parts=tuple(_companions(row, variable, view.addresses)),
        used_in=tuple(_facts(uses_of(view.twin, row.reference(variable)), view.addresses)),
        siblings=(Part(_("All values of this record"), view.addresses.shown(_("Show"), row.id)),),
        record_id=row.id,
    )


def _record(row: ClinicalRecord, found: Sequence[RecordVersion], view: SubjectView) -> ValueHistory:
    """The whole record: every value with the way to its history."""
    return ValueHistory(
        kicker=domain_label(row.domain),
        title=title_of(row),
        about=_about(row, view.twin),
        now="",
        close_url=view.addresses.page(),
        revisions=tuple(reversed(list(_record_revisions(row.domain, found, view.audience)))),
        source=_source(found[-1], view.audience),
        parts=tuple(_part(row, name, view.addresses) for name in sorted(row.values) if name not in _OBVIOUS),
        siblings=tuple(_siblings(row, view.twin, view.addresses)),
        record_id=row.id,
    )


_OBVIOUS = frozenset({"STUDYID", "DOMAIN", "USUBJID", "SUBJID"})


def _derivation(fact: DerivedFact, twin: Twin, addresses: Addresses) -> ValueHistory:
    return ValueHistory(
        kicker=_("Derived value"),
        title=fact_heading(fact.name),
        about=_about_fact(fact, twin),
        now=fact_words(fact),
        close_url=addresses.page(),
        rule=fact_rule(fact.name),
        definition_version=DEFINITION_VERSION,
        derived_from=tuple(_inputs(fact, twin, addresses)),
        used_in=tuple(_facts(uses_of(twin, fact.id), addresses)),
    )


def _inputs(fact: DerivedFact, twin: Twin, addresses: Addresses) -> Iterator[Part]:
    for reference in dict.fromkeys(fact.derived_from):
        record_id, name = Reference.parse(reference)
        row, other = twin.row(record_id), twin.facts.get(reference)
        if other is not None:
            yield Part(fact_heading(other.name), addresses.fact(fact_words(other), reference))
        elif row is not None:
            yield _part(row, name, addresses)


def _facts(facts: Iterator[DerivedFact], addresses: Addresses) -> Iterator[Part]:
    for fact in facts:
        yield Part(fact_heading(fact.name), addresses.fact(fact_words(fact), fact.id))


def _part(row: ClinicalRecord, name: str, addresses: Addresses) -> Part:
    return Part(label(row.domain, name), addresses.shown(_words(row.domain, name, row.values), row.id, name), name)


def _companions(row: ClinicalRecord, variable: str, addresses: Addresses) -> Iterator[Part]:
    """What a laboratory result is read with: as reported, in the standard unit, its range."""
    names = ("LBORRES", "LBSTRESN", "LBSTNRLO", "LBSTNRHI") if row.domain == "LB" else ()
    for name in names:
        if name != variable and name in row.values:
            yield _part(row, name, addresses)


def _siblings(row: ClinicalRecord, twin: Twin, addresses: Addresses) -> Iterator[Part]:
    """The other rows of the same event or medication."""
    groups = [group for group, rows in twin.indexes.rows_of_group.items() if row.id in rows]
    for other in twin.rows_by_id({record for group in groups for record in twin.indexes.rows_of_group[group]}):
        if other.id != row.id:
            collected = moment(other.text(f"{other.domain}DTC") or other.text(f"{other.domain}STDTC"))
            yield Part(_("Another row of it"), addresses.shown(collected or title_of(other), other.id))


def _revisions(
    domain: str, variable: str, found: Sequence[RecordVersion], audience: Audience
) -> Iterator[RevisionLine]:
    """The revisions that moved the value, oldest first, numbered from 1."""
    moved = _moves(found, variable)
    for number, (entry, before) in enumerate(moved, start=1):
        old = _words(domain, variable, before.values) or _("not recorded") if before is not None else ""
        yield _line(
            number, len(moved), entry, old, _words(domain, variable, entry.values) or _("not recorded"), audience
        )


def _moves(found: Sequence[RecordVersion], variable: str) -> list[tuple[RecordVersion, RecordVersion | None]]:
    """The revisions that moved one variable, each with the one before it."""
    return [
        (entry, before)
        for entry, before in zip(found, [None, *found], strict=False)
        if before is None or _moved(entry, before, variable)
    ]


def _set_by(found: Sequence[RecordVersion], variable: str) -> RecordVersion:
    """The revision that gave a variable the value it has; a later one of other variables did not."""
    return _moves(found, variable)[-1][0]


def _moved(entry: RecordVersion, before: RecordVersion, variable: str) -> bool:
    return _turned(entry, before) or entry.values.get(variable) != before.values.get(variable)


def _record_revisions(domain: str, found: Sequence[RecordVersion], audience: Audience) -> Iterator[RevisionLine]:
    """The revisions of a whole record that changed what the reader sees of it: old and new of each variable."""
    moved = [
        (entry, before, _changed_names(entry, before)) for entry, before in zip(found, [None, *found], strict=False)
    ]
    moved = [
        (entry, before, names) for entry, before, names in moved if before is None or names or _turned(entry, before)
    ]
    for number, (entry, before, names) in enumerate(moved, start=1):
        changes = tuple(_variable_change(domain, name, entry, before) for name in names)
        words = _("Recorded") if before is None else "" if names else _("Recorded again")
        yield replace(_line(number, len(moved), entry, "", words, audience), changes=changes)


def _variable_change(domain: str, name: str, entry: RecordVersion, before: RecordVersion | None) -> VariableChange:
    old = _words(domain, name, before.values) if before is not None else ""
    gap = _("not recorded")
    return VariableChange(label(domain, name), old or gap, _words(domain, name, entry.values) or gap)


def _changed_names(entry: RecordVersion, before: RecordVersion | None) -> list[str]:
    if before is None:
        return []
    names = entry.values.keys() | before.values.keys()
    return sorted(name for name in names if entry.values.get(name) != before.values.get(name))


def _turned(entry: RecordVersion, before: RecordVersion) -> bool:
    """Whether the record was withdrawn or came back."""
    return (entry.operation == "withdraw") != (before.operation == "withdraw")


def _line(number: int, count: int, entry: RecordVersion, old: str, new: str, audience: Audience) -> RevisionLine:
    return RevisionLine(
        number=number,
        version=entry.version,
        is_current=number == count,
        is_withdrawn=entry.operation == "withdraw",
        old=old,
        new=new,
        reason=reason_for(entry.change_set, audience),
        actor=entry.change_set.actor_name,
        known_at=entry.change_set.known_at,
    )


def _source(entry: RecordVersion, audience: Audience) -> SourceLine:
    source = shown_source(entry.source_file, entry.source_row, audience)
    return SourceLine(source.file, source.row, source.sha256, entry.change_set.source, entry.version)


def _about(row: ClinicalRecord, twin: Twin) -> str:
    """Which record it is: its visit, its moment, its study day."""
    dm = twin.demographics
    on = row.text(f"{row.domain}DTC") or row.text(f"{row.domain}STDTC")
    number = day_number(on, dm.text("RFSTDTC")) if dm is not None else None
    study_day = _("study day %(number)s") % {"number": number} if number is not None else ""
    return ", ".join(part for part in (heading(row.text("VISIT") or ""), moment(on), study_day) if part)


def _about_fact(fact: DerivedFact, twin: Twin) -> str:
    record_id = Reference.parse(fact.id).record
    if record_id in twin.indexes.rows_of_group:
        return title_of(twin.rows_by_id(twin.indexes.rows_of_group[record_id])[-1])
    row = twin.row(record_id)
    return ", ".join(part for part in (title_of(row), _about(row, twin)) if part) if row is not None else ""


def _is_named(row: ClinicalRecord) -> bool:
    return title_of(row) != domain_label(row.domain)


def _words(domain: str, variable: str, values: Any) -> str:
    value: Value | None = values.get(variable)
    suffix = variable.removeprefix(domain)
    if suffix in _UNITS:
        return with_unit(value, values.get(f"{domain}{_UNITS[suffix]}"))
    return value_words(domain, variable, value)
