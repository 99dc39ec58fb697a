"""Who the subject is and how they stand, in one line of facts."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from django.utils.translation import gettext as _

from apps.studies.domain.clinical.disposition import DEATH_DATE, DeathConflict, reason_of, reason_variable
from apps.studies.domain.clinical.events import term_of
from apps.studies.domain.clinical.history import is_disease_treated
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.references import RecordId, Reference
from apps.studies.domain.clinical.terms import heading, inline
from apps.twins.domain.summary import SubjectStatus, Summary, summarise
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses, Shown
from apps.twins.web.words import age_words, day, status_words

_SEXES = {"F": "female", "M": "male"}


@dataclass(frozen=True, slots=True)
class HeaderFact:
    """One fact of the line: what it is, its value, and a smaller note beside it."""

    label: str
    shown: Shown
    note: str = ""


@dataclass(frozen=True, slots=True)
class Header:
    """The head of a subject's page."""

    status: str
    description: str
    facts: tuple[HeaderFact, ...]
    contradictions: tuple[str, ...] = ()


def header_of(twin: Twin, addresses: Addresses, received: AbstractSet[str], *, is_unblinded: bool) -> Header:
    """The head at this version, of a study that has received some domains; the arm only for who may know it."""
    summary = summarise(twin)
    dm = twin.demographics
    facts = _facts(twin, dm, summary, addresses, is_unblinded=is_unblinded) if dm is not None else iter(())
    return Header(_status(summary, received), _description(twin, summary), tuple(facts), tuple(_contradictions(twin)))


def _contradictions(twin: Twin) -> Iterator[str]:
    """What of the evidence on a death disagrees, in words."""
    words = {
        DeathConflict.NOT_IN_DEMOGRAPHICS: _("A death is recorded; demographics do not say that the subject died."),
        DeathConflict.DEMOGRAPHICS_SAY_NO: _("A death is recorded; demographics say that the subject did not die."),
        DeathConflict.DATE_WITHOUT_FLAG: _("Demographics give a date of death and do not say that the subject died."),
    }
    yield from (words[conflict] for conflict in (twin.death.conflicts if twin.death else ()))


def _status(summary: Summary, received: AbstractSet[str]) -> str:
    on = summary.died_on if summary.status is SubjectStatus.DIED else summary.leaving_on
    known = summary.status not in {SubjectStatus.NOT_IN_DM, SubjectStatus.SCREENING, SubjectStatus.ONGOING}
    status = status_words(summary.status, knows_who_left="DS" in received)
    return f"{status} {day(on)}" if known and on else status


def _description(twin: Twin, summary: Summary) -> str:
    dm = twin.demographics
    age = age_words(summary.age, summary.age_unit)
    race = heading(dm.text("RACE") or "") if dm else ""
    country = (dm.text("COUNTRY") or "") if dm else ""
    person = ", ".join(part for part in (age, _SEXES.get(summary.sex, summary.sex), race, country) if part)
    return " · ".join(part for part in (person, *_diagnoses(twin)) if part)


def _diagnoses(twin: Twin) -> Iterator[str]:
    for row in twin.rows("MH"):
        if is_disease_treated(row):
            term = heading(row.text("MHDECOD") or row.text("MHTERM") or "")
            since = day(row.text("MHSTDTC"))
            yield f"{term} {_('since')} {since}" if since else term


def _facts(
    twin: Twin, dm: ClinicalRecord, summary: Summary, addresses: Addresses, *, is_unblinded: bool
) -> Iterator[HeaderFact]:
    yield from _arms(dm, addresses) if is_unblinded else ()
    yield _date_fact(twin, dm, "RFXSTDTC", _("First dose"), addresses)
    yield _date_fact(twin, dm, "RFXENDTC", _("Last dose"), addresses)
    if summary.is_dead:
        yield _date_fact(twin, dm, DEATH_DATE, _("Died"), addresses)
    yield from _last_visit(twin, addresses)
    yield from _leaving(twin, addresses)


def _arms(dm: ClinicalRecord, addresses: Addresses) -> Iterator[HeaderFact]:
    # Both: ACTARM differs where a subject was not treated as planned (SDTMIG, DM).
    for variable, label in (("ARM", _("Planned arm")), ("ACTARM", _("Actual arm"))):
        yield HeaderFact(label, addresses.shown(inline_arm(dm.text(variable)), dm.id, variable))


def inline_arm(text: str | None) -> str:
    """The name of an arm with a capital at its start only."""
    return heading((text or "").upper()) if text else ""


def _date_fact(twin: Twin, dm: ClinicalRecord, variable: str, label: str, addresses: Addresses) -> HeaderFact:
    names = {"RFXSTDTC": "", "RFXENDTC": "last_dose_day", DEATH_DATE: "death_day"}
    fact = twin.facts.get(str(Reference.of(dm.id, names[variable])))
    note = f"{_('day')} {fact.value}" if fact is not None else ""
    return HeaderFact(label, addresses.shown(day(dm.text(variable)), dm.id, variable), note)


def _last_visit(twin: Twin, addresses: Addresses) -> Iterator[HeaderFact]:
    last = twin.last_visit
    if last is not None:
        yield HeaderFact(
            _("Last visit"),
            addresses.shown(heading(last.text("VISIT") or ""), last.id, "VISIT"),
            day(last.text("SVSTDTC")),
        )


def _leaving(twin: Twin, addresses: Addresses) -> Iterator[HeaderFact]:
    """The reason recorded, with the events that RELREC names as its cause."""
    left = twin.leaving
    if left is None:
        return
    causes = (twin.row(record_id) for record_id in twin.related(left.id) if RecordId(record_id).domain == "AE")
    terms = sorted({inline(term_of(row)) for row in causes if row is not None})
    reason = heading(reason_of(left.values))
    words = f"{reason}: {', '.join(terms)}" if terms else reason
    yield HeaderFact(_("Reason for leaving"), addresses.shown(words, left.id, reason_variable(left.values)))
