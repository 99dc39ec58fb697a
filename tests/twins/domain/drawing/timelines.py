"""Timelines to draw in tests: one like 01-718-1371 of the CDISC pilot, and any other hypothesis can think of."""

from datetime import date, timedelta

from hypothesis import strategies as st

from apps.studies.domain.dates import PartialDate, parse
from apps.twins.domain.drawing.shapes import Target
from apps.twins.domain.drawing.timeline_input import (
    DosePeriod,
    EventBar,
    MedicationBar,
    Period,
    SeveritySegment,
    StudyDrug,
    TimelineInput,
    VisitMark,
)

TARGET = Target("AE/1", "?value=AE/1", "/values/AE/1")
BLINDED_DRUG = StudyDrug(Period(parse("2013-04-26"), parse("2013-08-01")), TARGET)
DOSES = (
    DosePeriod("81 mg", "high", Period(parse("2013-05-09"), parse("2013-08-01")), TARGET),
    DosePeriod("54 mg", "low", Period(parse("2013-04-26"), parse("2013-05-08")), TARGET),
)


def target(record_id: str) -> Target:
    return Target(record_id, f"?value={record_id}", f"/values/{record_id}")


def event(label: str, start: str, end: str = "", *, is_ongoing: bool = False, is_serious: bool = False) -> EventBar:
    period = Period(parse(start) if start else None, parse(end) if end else None, is_ongoing)
    return EventBar(label, period, (SeveritySegment("mild", period.start, period.end),), target(label), is_serious)


def medication(label: str, start: str, end: str = "", *, is_ongoing: bool = False) -> MedicationBar:
    period = Period(parse(start) if start else None, parse(end) if end else None, is_ongoing)
    return MedicationBar(label, period, target(label))


def timeline(
    *,
    events: tuple[EventBar, ...] = (),
    medications: tuple[MedicationBar, ...] = (),
    visits: tuple[VisitMark, ...] = (),
    study_drug: StudyDrug | None = BLINDED_DRUG,
    day_one: date | None = date(2013, 4, 26),
    selected_on: date | None = None,
    ended_on: date | None = None,
) -> TimelineInput:
    first, last = date(2013, 4, 7), date(2013, 8, 8)
    return TimelineInput(
        first, last, day_one, visits, study_drug, events, medications, selected_on=selected_on, ended_on=ended_on
    )


_days = st.dates(date(2011, 1, 1), date(2015, 12, 31))


@st.composite
def _partial_dates(draw: st.DrawFn) -> PartialDate:
    on = draw(_days).isoformat()
    return parse(draw(st.sampled_from((on, on[:7], on[:4]))))


_periods = st.builds(Period, st.none() | _partial_dates(), st.none() | _partial_dates(), st.booleans())
_texts = st.text(max_size=90)
_targets = st.just(TARGET)
_severities = st.sampled_from(("mild", "moderate", "severe", "unknown"))
_segments = st.builds(SeveritySegment, _severities, st.none() | _partial_dates(), st.none() | _partial_dates())
_events = st.builds(EventBar, _texts, _periods, st.lists(_segments, max_size=3).map(tuple), _targets, st.booleans())
_medications = st.builds(MedicationBar, _texts, _periods, _targets)
_visits = st.builds(VisitMark, _texts, _texts, _days, _targets, st.booleans())
_doses = st.builds(DosePeriod, _texts, st.sampled_from(("none", "low", "middle", "high")), _periods, _targets)
_study_drugs = st.builds(StudyDrug, _periods, _targets, st.none() | st.lists(_doses, max_size=3).map(tuple))


@st.composite
def timelines(draw: st.DrawFn) -> TimelineInput:
    """Any timeline of up to three years, its marks before, in and after it."""
    first = draw(_days)
    return TimelineInput(
        first_on=first,
        last_known_on=first + timedelta(days=draw(st.integers(-5, 1000))),
        day_one=draw(st.none() | _days),
        visits=tuple(draw(st.lists(_visits, max_size=5))),
        study_drug=draw(st.none() | _study_drugs),
        events=tuple(draw(st.lists(_events, max_size=4))),
        medications=tuple(draw(st.lists(_medications, max_size=4))),
        selected_on=draw(st.none() | _days),
        ended_on=draw(st.none() | _days),
    )
