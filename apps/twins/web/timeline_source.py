"""What the timeline of a twin shows: visits, study drug, events and medications, each with the way to its history."""

import re
from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from typing import Final, cast

from django.utils.translation import gettext as _

from apps.studies.domain.arrival import arrival_on
from apps.studies.domain.clinical.codelists import FREQUENCY, SEVERITY
from apps.studies.domain.clinical.disposition import DEATH_DATE, LEFT_ON
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.medications import MedicationGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import full_day, partial
from apps.studies.domain.clinical.terms import heading
from apps.studies.domain.dates import PartialDate
from apps.twins.domain.drawing.timeline_input import (
    DoseLevel,
    DosePeriod,
    EventBar,
    MedicationBar,
    Period,
    Severity,
    SeveritySegment,
    StudyDrug,
    TimelineInput,
    TimelineWords,
    VisitMark,
)
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses
from apps.twins.web.event_words import shade_of
from apps.twins.web.words import with_unit

# Visit names as sponsors write them, and what is short enough for an axis.
_SHORT_VISITS: Final = (
    (re.compile(r"WEEK (\d+(?:\.\d+)?)\b.*"), r"W\1"),
    (re.compile(r"SCREENING (\d+)"), r"Scr \1"),
    (re.compile(r"VISIT (\d+)"), r"V\1"),
    (re.compile(r"CYCLE (\d+)[, ]+DAY (\d+)"), r"C\1D\2"),
    (re.compile(r"DAY (-?\d+)"), r"D\1"),
    (re.compile(r"MONTH (\d+)"), r"M\1"),
    (re.compile(r"SCREENING"), r"Scr"),
)


def timeline_of(
    twin: Twin, addresses: Addresses, received: AbstractSet[str], *, is_unblinded: bool, chosen: str = ""
) -> TimelineInput | None:
    """The timeline at this version, with the onset of the event that `chosen` is of; None before any day is known.

    *received* are the domains of which the study has data: of any other an empty lane says nothing.
    """
    days = _known_days(twin)
    dm = twin.demographics
    if not days:
        return None
    events, words = twin.events(), _words()
    lanes = {"SV": words.visits, "AE": words.events, "CM": words.medications, "DM": words.study_drug}
    # When study drug was taken, demographics tell, and others' demographics say nothing of this subject.
    held = received if dm is not None else received - {"DM"}
    visits, is_alive = tuple(_visits(twin, addresses)), twin.death is None
    day_one = full_day(dm.text("RFSTDTC")) if dm else None
    left = twin.leaving
    # Medications may reach back for decades: the axis begins with the study, arrows stand for what came before.
    shown_from = [visit.on for visit in visits] + ([day_one] if day_one else [])
    return TimelineInput(
        first_on=min(shown_from, default=min(days)),
        last_known_on=max(days),
        day_one=day_one,
        visits=visits,
        # Without DS nobody is known to have left, nor to be in the study still.
        study_drug=_study_drug(
            twin, dm, addresses, may_go_on=left is None and "DS" in received, is_unblinded=is_unblinded
        ),
        events=tuple(_event(event, addresses, is_alive=is_alive) for event in events),
        medications=tuple(_medication(drug, addresses, is_alive=is_alive) for drug in twin.regimens()),
        selected_on=next((full_day(event.onset) for event in events if event.is_of(chosen)), None),
        ended_on=full_day((dm.text(DEATH_DATE) if dm else None) or (left.text(LEFT_ON) if left else None)),
        words=words,
        lanes_not_in_data=frozenset(lane for domain, lane in lanes.items() if domain not in held),
    )


def _known_days(twin: Twin) -> list[date]:
    return [day for row in twin.all_rows() if (day := arrival_on(row.domain, row.values)) is not None]


def _visits(twin: Twin, addresses: Addresses) -> Iterator[VisitMark]:
    for row in twin.rows("SV"):
        on, name = full_day(row.text("SVSTDTC")), row.text("VISIT") or ""
        if on is not None:
            # SVUPDES describes an unplanned visit, so a visit that has it was not planned (SDTMIG, SV).
            is_unscheduled = name.upper().startswith("UNSCHED") or row.text("SVUPDES") is not None
            label = "" if is_unscheduled else short_visit(name) or _numbered(row)
            yield VisitMark(label, heading(name), on, addresses.target(row.id, "SVSTDTC"), is_unscheduled)


def _numbered(row: ClinicalRecord) -> str:
    """The number of a visit whose name has no short form; empty where it has none."""
    number = row.number("VISITNUM")
    return "" if number is None else f"V{number:g}"


def short_visit(name: str) -> str:
    """A visit's name for the axis; empty where there is no short form that everybody knows."""
    if name.upper() == "BASELINE":
        return str(_("Base"))
    for pattern, short in _SHORT_VISITS:
        if found := pattern.fullmatch(name.upper()):
            return found.expand(short)
    return ""


def _study_drug(
    twin: Twin, dm: ClinicalRecord | None, addresses: Addresses, *, may_go_on: bool, is_unblinded: bool
) -> StudyDrug | None:
    """First and last dose from DM for every reader; the doses between them only for those who may see them."""
    first, last = (partial(dm.text(name)) if dm else None for name in ("RFXSTDTC", "RFXENDTC"))
    if dm is None or first is None:
        return None
    # RFXENDTC may be missing for somebody who left long ago and takes no more of the drug.
    period = Period(first, last, is_ongoing=last is None and may_go_on)
    doses = tuple(_doses(twin.rows("EX"), addresses, goes_on=may_go_on)) if is_unblinded else None
    return StudyDrug(period, addresses.target(dm.id, "RFXSTDTC"), doses)


def _doses(rows: Sequence[ClinicalRecord], addresses: Addresses, *, goes_on: bool) -> Iterator[DosePeriod]:
    known = sorted({dose for row in rows if (dose := row.number("EXDOSE")) is not None})
    for row in rows:
        label = with_unit(row.values.get("EXDOSE"), row.text("EXDOSU"))
        is_ongoing = goes_on and row.text("EXENDTC") is None
        period = _period(row.text("EXSTDTC"), row.text("EXENDTC"), is_ongoing=is_ongoing)
        yield DosePeriod(label, dose_level(row.number("EXDOSE"), known), period, addresses.target(row.id, "EXDOSE"))


def dose_level(dose: float | None, known: Sequence[float]) -> DoseLevel:
    """Shade of a dose among the doses of the subject: 0 is none, one dose alone stands in the middle."""
    given = [other for other in known if other]
    if not dose:
        return "none"
    if len(given) == 1:
        return "middle"
    return "low" if dose == given[0] else "high" if dose == given[-1] else "middle"


def _event(event: EventGroup, addresses: Addresses, *, is_alive: bool) -> EventBar:
    """One event; nothing goes on after a death, whatever its last record said."""
    segments = tuple(_segments(event))
    label = ", ".join(part for part in (heading(event.term), SEVERITY.page(event.worst_severity)) if part)
    period = _period(event.onset, event.end, is_ongoing=event.is_ongoing and is_alive)
    return EventBar(label, period, segments, addresses.target(event.rows[-1].id), event.is_serious)


def _segments(event: EventGroup) -> Iterator[SeveritySegment]:
    """Each severity from its own date to that of the next; what was recorded first is drawn from the onset on."""
    starts = [event.onset, *(part.since for part in event.severities[1:])]
    for part, start, until in zip(event.severities, starts, [*starts[1:], event.end], strict=True):
        yield SeveritySegment(_severity(part.severity), partial(start), partial(until or part.end))


def _severity(severity: str | None) -> Severity:
    return cast("Severity", shade_of(severity) or "unknown")


def _medication(medication: MedicationGroup, addresses: Addresses, *, is_alive: bool) -> MedicationBar:
    dose = with_unit(medication.told_dose, medication.dose_unit and medication.dose_unit.lower())
    label = " ".join(part for part in (heading(medication.name), dose, FREQUENCY.page(medication.frequency)) if part)
    period = _period(medication.start, medication.end, is_ongoing=medication.is_ongoing and is_alive)
    return MedicationBar(label, period, addresses.target(medication.rows[-1].id))


def _period(start: str | None, end: str | None, *, is_ongoing: bool) -> Period:
    return Period(_dated(start), _dated(end), is_ongoing)


def _dated(text: str | None) -> PartialDate | None:
    found = partial(text)
    return found if found is not None and found.is_dated else None


def _words() -> TimelineWords:
    return TimelineWords(
        timeline=_("Timeline"),
        visits=_("Visits"),
        study_drug=_("Study drug"),
        events=_("Adverse events"),
        medications=_("Medications"),
    )
