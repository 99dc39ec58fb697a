"""The key names the signs a timeline holds, and no other."""

from datetime import date

from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.legend import legend_of
from apps.twins.domain.drawing.timeline_input import EventBar, Period, SeveritySegment, VisitMark
from tests.twins.domain.drawing.shape_bounds import outside
from tests.twins.domain.drawing.timelines import TARGET, event, medication, timeline


def test_a_timeline_without_marks_needs_no_key():
    assert legend_of(timeline()) == ()


def test_every_sign_used_is_named_in_the_order_of_the_lanes():
    start = parse("2013-05-24")
    severe = EventBar("Rash", Period(start, None, is_ongoing=True), (SeveritySegment("severe", start, None),), TARGET)
    data = timeline(
        events=(event("Syncope", "2013-06", "2013-07", is_serious=True), severe),
        medications=(medication("ASA", "2011", "2013-05-02"),),
        visits=(VisitMark("U", "Unscheduled", date(2013, 5, 9), TARGET, is_unscheduled=True),),
        selected_on=date(2013, 6, 2),
        ended_on=date(2013, 8, 8),
    )
    entries = legend_of(data)
    assert [entry.text for entry in entries] == [
        "mild",
        "severe",
        "serious",
        "date known to the month or year",
        "ongoing",
        "began before the axis",
        "unscheduled",
        "chosen onset",
        "left the study",
    ]
    assert all(outside(entry.sign) == [] for entry in entries)


def test_a_year_before_the_axis_is_no_dashed_bar():
    texts = [entry.text for entry in legend_of(timeline(medications=(medication("ASA", "2011", is_ongoing=True),)))]
    assert texts == ["ongoing", "began before the axis"]
