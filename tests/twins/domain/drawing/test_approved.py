"""Drawings as they were looked at and approved: every place, size, class and word of their SVG."""

from datetime import date, timedelta
from pathlib import Path

from apps.studies.domain.dates import parse
from apps.twins.domain.drawing.enrolment import EnrolmentMonth, EnrolmentWords, draw_enrolment
from apps.twins.domain.drawing.laboratory import LabPoint, LabSeries, draw_laboratory
from apps.twins.domain.drawing.legend import legend_of
from apps.twins.domain.drawing.scale import months_between
from apps.twins.domain.drawing.shapes import Drawing
from apps.twins.domain.drawing.svg import to_svg
from apps.twins.domain.drawing.timeline import draw_timeline
from apps.twins.domain.drawing.timeline_input import (
    EventBar,
    Period,
    SeveritySegment,
    StudyDrug,
    TimelineInput,
    VisitMark,
)
from tests.approved import assert_approved
from tests.twins.domain.drawing.timelines import BLINDED_DRUG, DOSES, TARGET, event, medication, target, timeline

APPROVED = Path(__file__).parent / "approved"
VISITS = tuple(
    VisitMark(label, name, date(2013, 4, 7) + timedelta(days=day), target(f"SV/{day}"), is_unscheduled=not label)
    for day, label, name in (
        (0, "Scr 1", "Screening 1"), (19, "Base", "Baseline"), (33, "W2", "Week 2"), (36, "", "Unscheduled 3.1"),
        (47, "W4", "Week 4"), (103, "W12", "Week 12"), (123, "W16", "Week 16"),
    )
)  # fmt: skip
COURSE = EventBar(
    "Application site irritation, which went on for weeks",
    Period(parse("2013-05-24"), None, is_ongoing=True),
    (
        SeveritySegment("mild", parse("2013-05-24"), parse("2013-06-20")),
        SeveritySegment("moderate", parse("2013-06-20"), parse("2013-07-10")),
        SeveritySegment("severe", parse("2013-07-10"), None),
    ),
    target("AE/9"),
)
EVENTS = (
    event("Partial seizures with secondary generalisation", "2013-06-02", "2013-06-05", is_serious=True),
    COURSE,
    event("Syncope", "2013-06", "2013-07"),
    event("Headache", "2013-08-01", is_ongoing=True),
    event("Rash", ""),
    event("Fall & <fracture>", "2013-04-08", "2013-04-09", is_serious=True),
)
MEDICATIONS = (
    medication("ASA 325 mg", "2011", is_ongoing=True),
    medication("Hydrocortisone", "2013-05-24", "2013-06-20"),
    medication("Vitamin E", "2013-07", is_ongoing=True),
    medication("Tylenol", ""),
)


def pictured(*drawings: Drawing) -> str:
    """One element a line, so that a difference names its shape."""
    return "\n".join(to_svg(drawing).replace("><", ">\n<") for drawing in drawings) + "\n"


def full(drug: StudyDrug | None) -> TimelineInput:
    return timeline(
        events=EVENTS,
        medications=MEDICATIONS,
        visits=VISITS,
        study_drug=drug,
        selected_on=date(2013, 6, 2),
        ended_on=date(2013, 8, 1),
    )


def test_a_timeline_of_everything_is_the_approved_one_for_each_reader() -> None:
    open_drug = StudyDrug(BLINDED_DRUG.period, TARGET, DOSES)
    blinded, unblinded = draw_timeline(full(BLINDED_DRUG)), draw_timeline(full(open_drug))
    assert_approved(pictured(*blinded), APPROVED / "timeline_blinded.svg")
    assert_approved(pictured(*unblinded), APPROVED / "timeline_unblinded.svg")


def test_a_timeline_of_little_is_the_approved_one() -> None:
    assert_approved(pictured(*draw_timeline(timeline(study_drug=None, day_one=None))), APPROVED / "timeline_bare.svg")


def test_the_key_is_the_approved_one() -> None:
    told = "\n".join(f"{entry.text}\n{pictured(entry.sign)}" for entry in legend_of(full(BLINDED_DRUG)))
    assert_approved(told, APPROVED / "legend.svg")


def test_a_laboratory_chart_is_the_approved_one() -> None:
    def point(day: int, value: float, low: float | None, high: float | None, flag: str, censored: bool) -> LabPoint:
        on = date(2013, 4, 11) + timedelta(days=day)
        return LabPoint(on, value, low, high, flag, f"{value:g} U/L", target(f"LB/{day}"), censored)  # type: ignore[arg-type]

    points = (
        point(0, 20, 6, 32, "", False),
        point(14, 97.5, 6, 32, "high", False),
        point(40, 4, 6, 34, "low", False),
        point(41, 0.2, 6, 34, "", True),
        point(60, 12, 6, 34, "abnormal", False),
        point(80, 34, None, 34, "", False),
        point(119, 12_345.6, 6, None, "high", False),
    )
    few = (point(0, 5, None, None, "", False),)
    drawn = [
        draw_laboratory(LabSeries("ALT", "U/L", some), date(2013, 4, 11), date(2013, 8, 8)) for some in (points, few)
    ]
    assert_approved(pictured(*drawn), APPROVED / "laboratory.svg")


def test_enrolment_is_the_approved_one() -> None:
    days = months_between(date(2012, 7, 1), date(2014, 9, 1))
    counts = [5, 0, 12, 30, 17, 9, 1, 44, 20, 3, 0, 0, 8, 9, 10, 25, 2, 2, 2, 31, 7, 6, 5, 4, 3, 2, 1]
    some = [EnrolmentMonth(day, count) for day, count in zip(days, counts, strict=True)]
    for number, months in enumerate((some, some[:2], some[:1])):
        assert_approved(pictured(*draw_enrolment(months, EnrolmentWords())), APPROVED / f"enrolment_{number}.svg")
