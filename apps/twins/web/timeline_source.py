"""What the timeline of a twin shows: visits, study drug, events and medications, each with the way to its history."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from django.utils.translation import gettext as _

from apps.studies.domain.arrival import arrival_on
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
from apps.twins.domain.events import EventGroup
from apps.twins.domain.medications import MedicationGroup
from apps.twins.domain.rows import RowNode
from apps.twins.domain.spans import full_day, partial
from apps.twins.domain.summary import disposition
from apps.twins.domain.twin import Twin
from apps.twins.web.addresses import Addresses
from apps.twins.web.event_words import is_ongoing
from apps.twins.web.words import coded, sentence, with_unit

_SEVERITIES: Final[dict[str | None, Severity]] = {
    "MILD": "mild",
    "MODERATE": "moderate",
    "SEVERE": "severe",
    "LIFE THREATENING": "severe",
    "FATAL": "severe",
}
# Visit names as sponsors write them, and what is short enough for an axis.
_SHORT_VISITS: Final = (
    (re.compile(r"WEEK (\d+(?:\.\d+)?)\b.*"), r"W\1"),
    (re.compile(r"SCREENING (\d+)"), r"Scr \1"),
    (re.compile(r"VISIT (\d+)"), r"V\1"),
    (re.compile(r"CYCLE (\d+) DAY (\d+)"), r"C\1D\2"),
)


def timeline_of(twin: Twin, addresses: Addresses, *, is_unblinded: bool) -> TimelineInput | None:
    """The timeline at this version; None before any day is known."""
    days = _known_days(twin)
    dm = twin.demographics
    if dm is None or not days:
        return None
    visits = tuple(_visits(twin, addresses))
    day_one = full_day(dm.text("RFSTDTC"))
    left = disposition(twin.rows("DS"))
    shown_from = [visit.on for visit in visits] + ([day_one] if day_one else [])
    return TimelineInput(
        first_on=min(shown_from, default=min(days)),
        last_known_on=max(days),
        day_one=day_one,
        visits=visits,
        study_drug=_study_drug(twin, dm, left, addresses, is_unblinded=is_unblinded),
        events=tuple(_event(event, addresses) for event in twin.events()),
        medications=tuple(_medication(medication, addresses) for medication in twin.medications()),
        ended_on=full_day(dm.text("DTHDTC") or (left.text("DSSTDTC") if left else None)),
        words=_words(),
    )


def _known_days(twin: Twin) -> list[date]:
    return [day for row in twin.all_rows() if (day := arrival_on(row.domain, row.values)) is not None]


def _visits(twin: Twin, addresses: Addresses) -> Iterator[VisitMark]:
    for row in twin.rows("SV"):
        on, name = full_day(row.text("SVSTDTC")), row.text("VISIT") or ""
        if on is not None:
            is_unscheduled = name.upper().startswith("UNSCHED") or row.text("SVUPDES") is not None
            label = "" if is_unscheduled else short_visit(name)
            yield VisitMark(label, sentence(name), on, addresses.target(row.id, "SVSTDTC"), is_unscheduled)


def short_visit(name: str) -> str:
    """A visit's name for the axis; empty where there is no short form that everybody knows."""
    if name.upper() == "BASELINE":
        return str(_("Base"))
    for pattern, short in _SHORT_VISITS:
        if found := pattern.fullmatch(name.upper()):
            return found.expand(short)
    return ""


def _study_drug(
    twin: Twin, dm: RowNode, left: RowNode | None, addresses: Addresses, *, is_unblinded: bool
) -> StudyDrug | None:
    """First and last dose from DM for every reader; the doses between them only for those who may see them."""
    first, last = partial(dm.text("RFXSTDTC")), partial(dm.text("RFXENDTC"))
    if first is None:
        return None
    period = Period(first, last, is_ongoing=last is None and left is None)
    doses = tuple(_doses(twin.rows("EX"), addresses)) if is_unblinded else None
    return StudyDrug(period, addresses.target(dm.id, "RFXSTDTC"), doses)


def _doses(rows: Sequence[RowNode], addresses: Addresses) -> Iterator[DosePeriod]:
    known = sorted({dose for row in rows if (dose := row.number("EXDOSE")) is not None})
    for row in rows:
        label = with_unit(row.values.get("EXDOSE"), row.text("EXDOSU"))
        period = _period(row.text("EXSTDTC"), row.text("EXENDTC"), is_ongoing=row.text("EXENDTC") is None)
        yield DosePeriod(label, dose_level(row.number("EXDOSE"), known), period, addresses.target(row.id, "EXDOSE"))


def dose_level(dose: float | None, known: Sequence[float]) -> DoseLevel:
    """Shade of a dose among the doses of the subject: 0 is none, one dose alone stands in the middle."""
    given = [other for other in known if other]
    if not dose:
        return "none"
    if len(given) == 1:
        return "middle"
    return "low" if dose == given[0] else "high" if dose == given[-1] else "middle"


def _event(event: EventGroup, addresses: Addresses) -> EventBar:
    segments = tuple(
        SeveritySegment(_SEVERITIES.get(part.severity, "unknown"), partial(part.start), partial(part.end))
        for part in event.severities
    )
    label = ", ".join(part for part in (sentence(event.term), coded(event.worst_severity)) if part)
    period = _period(event.onset, event.end, is_ongoing=is_ongoing(event))
    return EventBar(label, period, segments, addresses.target(event.rows[-1].id), event.is_serious)


def _medication(medication: MedicationGroup, addresses: Addresses) -> MedicationBar:
    dose = with_unit(medication.dose, medication.dose_unit and medication.dose_unit.lower())
    label = " ".join(part for part in (sentence(medication.name), dose, coded(medication.frequency)) if part)
    period = _period(medication.start, medication.end, is_ongoing=medication.is_ongoing)
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
