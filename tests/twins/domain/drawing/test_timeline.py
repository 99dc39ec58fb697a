"""The timeline: everything inside its frame, in order of time, and honest about what is not known."""

from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given, settings

from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.shapes import Box, Drawing, Line, Polygon, Words
from apps.twins.domain.drawing.timeline import draw_timeline
from apps.twins.domain.drawing.timeline_input import EventBar, Period, SeveritySegment, StudyDrug, VisitMark
from tests.twins.domain.drawing.shape_bounds import bounds, flat, marks, outside
from tests.twins.domain.drawing.timelines import (
    BLINDED_DRUG,
    DOSES,
    TARGET,
    event,
    medication,
    target,
    timeline,
    timelines,
)


def boxes(drawing: Drawing, css: str) -> list[Box]:
    return [shape for shape in flat(drawing.shapes) if isinstance(shape, Box) and shape.css == css]


def texts(drawing: Drawing) -> list[str]:
    return [shape.text for shape in flat(drawing.shapes) if isinstance(shape, Words)]


def names(drawing: Drawing) -> list[str]:
    return [mark.name for mark in marks(drawing.shapes)]


@settings(max_examples=150, deadline=None)
@given(timelines())
def test_nothing_leaves_the_frame_whatever_is_drawn(data):
    for drawing in draw_timeline(data):
        assert outside(drawing) == []


@settings(max_examples=60, deadline=None)
@given(timelines())
def test_every_event_and_medication_is_one_link_in_both_drawings(data):
    wide, narrow = draw_timeline(data)
    bars = len(data.events) + len(data.medications) + len(data.visits)
    drugs = 0 if data.study_drug is None else 1 if data.study_drug.doses is None else len(data.study_drug.doses)
    assert len(names(wide)) == len(names(narrow)) == bars + drugs


def test_the_drawings_are_1232_and_358_px_wide():
    wide, narrow = draw_timeline(timeline())
    assert (wide.width, narrow.width) == (1232, 358)
    assert (wide.css, narrow.css) == ("chart-wide", "chart-narrow")


def test_the_name_of_an_event_says_dates_and_study_day():
    wide, _ = draw_timeline(timeline(events=(event("Fatigue, mild", "2013-05-09", "2013-05-11"),)))
    assert "Fatigue, mild, 09 to 11 May 2013, day 14" in names(wide)


def test_a_serious_event_says_so_in_its_name_and_with_a_sign():
    wide, _ = draw_timeline(timeline(events=(event("Syncope, severe", "2013-06-02", "2013-06-05", is_serious=True),)))
    assert "Syncope, severe, serious, 02 to 05 Jun 2013, day 38" in names(wide)
    assert boxes(wide, "serious-ground")


def test_events_stand_in_order_of_onset():
    late, early = event("Rash", "2013-06-02", "2013-06-03"), event("Nausea", "2013-05-09", "2013-05-11")
    unknown = event("Pain", "", "2013-05-11")
    wide, _ = draw_timeline(timeline(events=(late, early, unknown)))
    assert [name.partition(",")[0] for name in names(wide)][1:] == ["Pain", "Nausea", "Rash"]


def test_a_bar_lies_between_its_first_and_last_day():
    wide, _ = draw_timeline(timeline(events=(event("Rash", "2013-04-07", "2013-08-08"),)))
    (box,) = boxes(wide, "severity-mild")
    assert (box.x, box.x + box.width) == (135, 1180)


def test_an_ongoing_event_ends_in_an_arrow_after_the_last_day_known():
    wide, _ = draw_timeline(timeline(events=(event("Rash", "2013-05-24", is_ongoing=True),)))
    (head,) = [shape for shape in flat(wide.shapes) if isinstance(shape, Polygon)]
    assert head.css == "arrow-event"
    assert max(x for x, _ in head.points) == 1188


def test_what_began_before_the_axis_has_an_arrow_at_its_left():
    wide, _ = draw_timeline(timeline(medications=(medication("ASA", "2011", is_ongoing=True),)))
    left, right = [shape for shape in flat(wide.shapes) if isinstance(shape, Polygon)]
    assert min(x for x, _ in left.points) == 127
    assert max(x for x, _ in right.points) == 1188


def test_a_partial_start_is_dashed_over_its_whole_month():
    wide, _ = draw_timeline(timeline(medications=(medication("ASA", "2013-06", "2013-07-10"),)))
    (dashed,) = boxes(wide, "medication partial")
    (solid,) = boxes(wide, "medication")
    day = (1180 - 135) / 124
    assert dashed.x == pytest.approx(135 + 55 * day)
    assert dashed.width == pytest.approx(29 * day)
    assert solid.x == pytest.approx(dashed.x + dashed.width)


def test_a_partial_end_is_dashed_over_its_whole_month():
    wide, _ = draw_timeline(timeline(medications=(medication("ASA", "2013-05-02", "2013-06"),)))
    (dashed,) = boxes(wide, "medication partial")
    (solid,) = boxes(wide, "medication")
    assert dashed.x == pytest.approx(solid.x + solid.width)
    assert dashed.width == pytest.approx(29 * (1180 - 135) / 124)


def test_an_event_known_to_one_month_only_is_dashed_altogether():
    wide, _ = draw_timeline(timeline(events=(event("Rash", "2013-06", "2013-06"),)))
    assert len(boxes(wide, "severity-mild partial")) == 1
    assert boxes(wide, "severity-mild") == []
    assert "Rash, Jun 2013" in names(wide)


def test_an_end_not_recorded_is_dashed_and_has_no_arrow():
    wide, _ = draw_timeline(timeline(medications=(medication("ASA", "2013-05-02"),)))
    assert len(boxes(wide, "medication partial")) == 1
    assert not [shape for shape in flat(wide.shapes) if isinstance(shape, Polygon)]
    assert "ASA, 02 May 2013, end not recorded, day 7" in names(wide)


def test_an_end_not_recorded_stops_with_the_subject_and_what_goes_on_does_not():
    ended = date(2013, 6, 8)
    drugs = (medication("Open", "2013-05-02"), medication("Going on", "2013-05-02", is_ongoing=True))
    wide, _ = draw_timeline(timeline(events=(event("Rash", "2013-05-02"),), medications=drugs, ended_on=ended))
    day = (1180 - 135) / 124
    left = 135 + 63 * day
    (open_drug,) = boxes(wide, "medication partial")
    first_day, going_on = sorted(boxes(wide, "medication"), key=lambda box: box.width)
    (rash,) = boxes(wide, "severity-mild partial")
    assert [box.x + box.width for box in (open_drug, rash)] == pytest.approx([left, left])
    assert first_day.width == pytest.approx(day)
    assert going_on.x + going_on.width == 1180


def test_what_began_after_the_end_of_the_subject_is_drawn_where_it_began():
    wide, _ = draw_timeline(timeline(medications=(medication("Late", "2013-07-02"),), ended_on=date(2013, 6, 8)))
    (late,) = boxes(wide, "medication")
    assert boxes(wide, "medication partial") == []
    day = (1180 - 135) / 124
    assert late.x == pytest.approx(135 + 86 * day)
    assert late.width == pytest.approx(day)


def test_an_end_of_the_subject_after_the_last_day_known_makes_no_bar_longer():
    wide, _ = draw_timeline(timeline(medications=(medication("Open", "2013-05-02"),), ended_on=date(2014, 1, 1)))
    (drug,) = boxes(wide, "medication partial")
    assert drug.x + drug.width == 1180


def test_where_severities_overlap_the_worst_is_drawn_last():
    start = parse("2013-05-24")
    segments = (SeveritySegment("moderate", start, None), SeveritySegment("mild", start, None))
    rash = EventBar("Rash, moderate", Period(start, None, is_ongoing=True), segments, TARGET)
    wide, _ = draw_timeline(timeline(events=(rash,)))
    drawn = [shape.css for shape in flat(wide.shapes) if isinstance(shape, Box) and "severity" in shape.css]
    assert drawn == ["severity-mild", "severity-moderate"]


def test_an_event_without_severity_is_drawn_hollow():
    rash = EventBar("Rash", Period(parse("2013-05-24"), parse("2013-05-25")), (), TARGET)
    wide, _ = draw_timeline(timeline(events=(rash,)))
    assert len(boxes(wide, "severity-unknown")) == 1


def test_a_blinded_reader_sees_first_and_last_dose_and_no_dose():
    for drawing in draw_timeline(timeline(study_drug=BLINDED_DRUG)):
        assert names(drawing) == ["Study drug, 26 Apr to 01 Aug 2013, day 1; dose not visible to you"]
        assert not any("mg" in text for text in texts(drawing))
        assert not any("dose-level" in getattr(shape, "css", "") for shape in flat(drawing.shapes))


def test_an_unblinded_reader_sees_each_dose_in_order_with_its_dates():
    drug = StudyDrug(BLINDED_DRUG.period, TARGET, DOSES)
    wide, narrow = draw_timeline(timeline(study_drug=drug))
    assert names(wide) == ["54 mg, 26 Apr to 08 May 2013, day 1", "81 mg, 09 May to 01 Aug 2013, day 14"]
    assert "54 mg 26 Apr to 08 May 2013, 81 mg 09 May to 01 Aug 2013" in texts(wide)
    assert {"54 mg", "81 mg"} <= set(texts(wide))
    assert "54 mg" not in texts(narrow)


def test_a_lane_with_nothing_in_it_says_so():
    wide, _ = draw_timeline(timeline(study_drug=None))
    assert texts(wide).count("0 recorded") == 4


def test_an_unscheduled_visit_is_a_hollow_diamond_and_says_so():
    visits = (
        VisitMark("W2", "Week 2", date(2013, 5, 8), target("SV/2")),
        VisitMark("", "Unscheduled 4.1", date(2013, 5, 9), target("SV/3"), is_unscheduled=True),
    )
    wide, _ = draw_timeline(timeline(visits=visits))
    (diamond,) = [shape for shape in flat(wide.shapes) if isinstance(shape, Polygon)]
    assert diamond.css == "visit-unscheduled"
    assert "Unscheduled 4.1, unscheduled, 09 May 2013, day 14" in names(wide)


def test_labels_of_visits_never_touch():
    days = [date(2013, 5, day) for day in range(1, 29)]
    visits = tuple(VisitMark(f"W{on.day}", f"Week {on.day}", on, target(str(on))) for on in days)
    for drawing in draw_timeline(timeline(visits=visits)):
        labels = [shape for shape in flat(drawing.shapes) if isinstance(shape, Words) and shape.text.startswith("W")]
        rows = sorted({label.y for label in labels})
        assert len(rows) == 2
        for row in rows:
            of_row = [label for label in labels if label.y == row]
            assert len(of_row) > 2
            assert all(bounds(left)[2] <= bounds(right)[0] for left, right in pairwise(of_row))
        assert len(names(drawing)) == 29


def test_two_visits_close_to_each_other_both_have_their_name():
    days = (date(2013, 5, 1), date(2013, 5, 3))
    visits = tuple(VisitMark(f"Scr {on.day}", f"Screening {on.day}", on, target(str(on))) for on in days)
    alone, _ = draw_timeline(timeline(visits=visits[:1]))
    wide, _ = draw_timeline(timeline(visits=visits))
    labels = [shape for shape in flat(wide.shapes) if isinstance(shape, Words) and shape.text.startswith("Scr")]
    assert [label.text for label in labels] == ["Scr 1", "Scr 3"]
    assert labels[1].y > labels[0].y
    assert wide.height > alone.height


def test_guides_stand_at_the_chosen_onset_and_at_the_end_of_the_study():
    wide, _ = draw_timeline(timeline(selected_on=date(2013, 4, 7), ended_on=date(2013, 8, 8)))
    guides = {shape.css: shape.x1 for shape in flat(wide.shapes) if isinstance(shape, Line)}
    assert guides["guide-onset"] == 135
    assert guides["guide-end"] == 1180


def test_time_after_the_last_day_known_is_grey():
    wide, narrow = draw_timeline(timeline())
    assert [(box.x, box.x + box.width) for box in boxes(wide, "after-data")] == [(1180, 1232)]
    assert [(box.x, box.x + box.width) for box in boxes(narrow, "after-data")] == [(334, 358)]


def test_without_a_reference_start_no_study_day_is_written():
    wide, _ = draw_timeline(timeline(day_one=None, events=(event("Rash", "2013-05-24", "2013-05-25"),)))
    assert "Day 1" not in texts(wide)
    assert "Rash, 24 to 25 May 2013" in names(wide)


def test_a_label_stands_right_of_its_bar_and_left_where_it_would_leave_the_frame():
    early, late = event("Early", "2013-05-09", "2013-05-11"), event("Late and long", "2013-05-24", is_ongoing=True)
    wide, _ = draw_timeline(timeline(events=(early, late)))
    at = {shape.text: shape for shape in flat(wide.shapes) if isinstance(shape, Words)}
    first, second = boxes(wide, "severity-mild")
    assert bounds(at["Early"])[0] > first.x + first.width
    assert bounds(at["Late and long"])[2] < second.x


def test_a_label_with_no_room_beside_its_bar_stands_above_it_and_never_cuts_it():
    aspirin = medication("ASA 325 mg twice daily", "2011", is_ongoing=True)
    wide, _ = draw_timeline(timeline(study_drug=None, medications=(aspirin,)))
    (label,) = [shape for shape in flat(wide.shapes) if isinstance(shape, Words) and shape.text.startswith("ASA")]
    bars = [shape for shape in flat(wide.shapes) if isinstance(shape, Box) and shape.css.startswith("medication")]
    assert all(bounds(label)[3] <= bar.y for bar in bars)
    assert boxes(wide, "label-ground") == []


def test_on_a_phone_a_label_stands_above_its_bar():
    _, narrow = draw_timeline(timeline(events=(event("Rash", "2013-05-09", "2013-05-11"),)))
    (label,) = [shape for shape in flat(narrow.shapes) if isinstance(shape, Words) and shape.text == "Rash"]
    (bar,) = boxes(narrow, "severity-mild")
    assert bounds(label)[3] < bar.y
