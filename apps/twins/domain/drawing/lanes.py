"""The four lanes of a timeline, in their order: visits, study drug, adverse events, medications."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, Protocol, TypeVar

from apps.twins.domain.drawing.bars import Bar, Stretch, draw_row, extent
from apps.twins.domain.drawing.dates_in_words import name_of, on_in_words, period_in_words
from apps.twins.domain.drawing.frame import LINE, TEXT, Plot
from apps.twins.domain.drawing.shapes import Box, Lane, Mark, Polygon, Shape, Words
from apps.twins.domain.drawing.text import width_of, wrapped
from apps.twins.domain.drawing.timeline_input import (
    DosePeriod,
    EventBar,
    MedicationBar,
    Period,
    Severity,
    SeveritySegment,
    StudyDrug,
    VisitMark,
)

_SMALL: Final = 11.0
_SEVERITIES: Final[tuple[Severity, ...]] = ("unknown", "mild", "moderate", "severe")
_EVENT_THICKNESS: Final = 9.0
_ROW_GAP: Final = 14.0
_NARROW_ROW_GAP: Final = 9.0
_MEDICATION_THICKNESS: Final = 6.0
_DRUG_THICKNESS: Final = 18.0
_VISIT_HEIGHT: Final = 11.0
# Labels that would touch stand in a second row; what finds no room there either keeps its name for the reader.
_VISIT_ROWS: Final = 2


class _Dated(Protocol):
    """What has a period and a label, so that it can be put in order of time."""

    @property
    def period(self) -> Period: ...

    @property
    def label(self) -> str: ...


_Item = TypeVar("_Item", bound=_Dated)


@dataclass(frozen=True, slots=True)
class DrawnLane:
    """A lane and the y where it ends."""

    lane: Lane
    bottom: float


def visit_lane(plot: Plot, top: float) -> DrawnLane:
    """Visits by day: a stroke if planned, a hollow diamond if unscheduled; labels where there is room."""
    words = plot.data.words
    heading, y = _heading(plot, top, words.visits, "")
    marks: list[Shape] = []
    free_from = [plot.frame.plot_left] * _VISIT_ROWS
    for visit in sorted(plot.data.visits, key=lambda visit: (visit.on, visit.label)):
        marks.append(_visit(visit, plot, y, free_from))
    rows = max(sum(start > plot.frame.plot_left for start in free_from), 1)
    return _lane(plot, words.visits, (*heading, *marks), y, _VISIT_HEIGHT + rows * LINE + 4, is_empty=not marks)


def study_drug_lane(plot: Plot, top: float) -> DrawnLane:
    """Study drug from first to last dose; its doses only where the reader may see them."""
    words, drug = plot.data.words, plot.data.study_drug
    heading, y = _heading(plot, top, words.study_drug, "")
    if drug is None:
        return _lane(plot, words.study_drug, heading, y, LINE, is_empty=True)
    draw = _blinded_drug if drug.doses is None else _doses
    shapes, height = draw(drug, plot, y)
    return _lane(plot, words.study_drug, (*heading, *shapes), y, height, is_empty=False)


def event_lane(plot: Plot, top: float) -> DrawnLane:
    """Adverse events by onset, one bar each with its severities."""
    words, events = plot.data.words, _by_start(plot.data.events)
    serious = sum(event.is_serious for event in events)
    note = f"{len(events)}, {serious} {words.serious}" if events else ""
    return _bar_lane(plot, top, words.events, note, [_event_bar(event, plot) for event in events])


def medication_lane(plot: Plot, top: float) -> DrawnLane:
    """Medications by start, one bar each."""
    medications = _by_start(plot.data.medications)
    note = str(len(medications)) if medications else ""
    bars = [_medication_bar(medication, plot) for medication in medications]
    return _bar_lane(plot, top, plot.data.words.medications, note, bars)


LANES: Final[tuple[Callable[[Plot, float], DrawnLane], ...]] = (
    visit_lane,
    study_drug_lane,
    event_lane,
    medication_lane,
)


def _bar_lane(plot: Plot, top: float, name: str, note: str, bars: Sequence[Bar]) -> DrawnLane:
    heading, y = _heading(plot, top, name, note)
    gap = _NARROW_ROW_GAP if plot.frame.is_narrow else _ROW_GAP
    marks: list[Mark] = []
    bottom = y
    for bar in bars:
        row = draw_row(bar, plot, bottom, bar.thickness + gap)
        marks.append(row.mark)
        bottom += row.height
    return _lane(plot, name, (*heading, *marks), y, max(bottom - y, 2 * LINE), is_empty=not bars)


def _lane(plot: Plot, name: str, shapes: tuple[Shape, ...], top: float, height: float, *, is_empty: bool) -> DrawnLane:
    words = plot.data.words
    note = words.not_in_data if name in plot.data.lanes_not_in_data else words.none
    nothing = Words(plot.frame.plot_left + 9, top + LINE - 2, note, "lane-note", size=_SMALL)
    return DrawnLane(Lane(name, (*shapes, nothing) if is_empty else shapes), top + height)


def _heading(plot: Plot, top: float, name: str, note: str) -> tuple[tuple[Shape, ...], float]:
    """The name of a lane: left of the plot, or on a phone above it; with the y where the lane itself begins."""
    title = Words(0, top + LINE - 3, name, "lane-name")
    if not plot.frame.is_narrow:
        return (title, Words(0, top + 2 * LINE - 3, note, "lane-note", size=_SMALL)), top
    x = width_of(name, TEXT, is_strong=True) + 8
    return (title, Words(x, top + LINE - 3, note, "lane-note", size=_SMALL)), top + LINE + 2


def _visit(visit: VisitMark, plot: Plot, top: float, free_from: list[float]) -> Mark:
    """One visit; its label takes the first row in which it touches no other, and notes how far that row is taken."""
    x, middle = plot.scale.middle(visit.on), top + _VISIT_HEIGHT / 2
    sign: Shape = Box(x - 1.5, top, 3, _VISIT_HEIGHT, "visit")
    if visit.is_unscheduled:
        sign = Polygon(((x, middle - 6), (x + 5, middle), (x, middle + 6), (x - 5, middle)), "visit-unscheduled")
    name = _visit_name(visit, plot)
    width = width_of(visit.label, _SMALL)
    left = max(min(x - width / 2, plot.scale.right - width), plot.frame.plot_left)
    # Wider than the stroke, which is too thin to be pressed.
    hit = Box(x - 6, top - 2, 12, _VISIT_HEIGHT + 4, "hit")
    row = next((row for row, start in enumerate(free_from) if left >= start), None)
    if not visit.label or row is None or left + width > plot.frame.width:
        return Mark(name, visit.target, (hit, sign))
    free_from[row] = left + width + 4
    label = Words(left, top + _VISIT_HEIGHT + (row + 1) * LINE - 3, visit.label, "tick", size=_SMALL)
    return Mark(name, visit.target, (hit, sign, label))


def _visit_name(visit: VisitMark, plot: Plot) -> str:
    words = plot.data.words
    name = f"{visit.name}, {words.unscheduled}" if visit.is_unscheduled else visit.name
    return f"{name}, {on_in_words(visit.on, plot.data.day_one, words)}"


def _blinded_drug(drug: StudyDrug, plot: Plot, top: float) -> tuple[tuple[Shape, ...], float]:
    words = plot.data.words
    label = f"{period_in_words(drug.period, words)}; {words.dose_not_visible}"
    name = f"{name_of(words.study_drug, drug.period, plot.data.day_one, words)}; {words.dose_not_visible}"
    stretch = Stretch(drug.period, "dose dose-hidden")
    bar = Bar(name, label, drug.period, (stretch,), "arrow-medication", _DRUG_THICKNESS, drug.target)
    row = draw_row(bar, plot, top, _DRUG_THICKNESS + 8)
    return (row.mark,), row.height


def _doses(drug: StudyDrug, plot: Plot, top: float) -> tuple[tuple[Shape, ...], float]:
    doses = _by_start(drug.doses or ())
    marks = tuple(_dose(dose, plot, top) for dose in doses)
    beneath = top + _DRUG_THICKNESS
    summary = ", ".join(f"{dose.label} {period_in_words(dose.period, plot.data.words)}" for dose in doses)
    lines = wrapped(summary, _SMALL, plot.frame.width - plot.scale.left)
    texts = (
        Words(plot.scale.left, beneath + LINE * (number + 1) - 2, line, "lane-note", size=_SMALL)
        for number, line in enumerate(lines)
    )
    return (*marks, *texts), _DRUG_THICKNESS + LINE * len(lines) + 4


def _dose(dose: DosePeriod, plot: Plot, top: float) -> Mark:
    words = plot.data.words
    css = f"dose dose-level-{dose.level}"
    name = name_of(dose.label, dose.period, plot.data.day_one, words)
    bar = Bar(name, "", dose.period, (Stretch(dose.period, css),), "arrow-medication", _DRUG_THICKNESS, dose.target)
    row = draw_row(bar, plot, top, _DRUG_THICKNESS)
    left, right = extent(dose.period, plot)
    if width_of(dose.label, TEXT) + 12 > right - left:
        return row.mark
    css = "label label--on-dark" if dose.level == "high" else "label label--on-bar"
    label = Words(max(left, plot.scale.left) + 6, top + _DRUG_THICKNESS - 5, dose.label, css)
    return Mark(name, dose.target, (*row.mark.shapes, label))


def _event_bar(event: EventBar, plot: Plot) -> Bar:
    words = plot.data.words
    label = f"{event.label}, {words.serious}" if event.is_serious else event.label
    return Bar(
        name=name_of(label, event.period, plot.data.day_one, words),
        label=event.label,
        period=event.period,
        stretches=_severity_stretches(event),
        arrow_css="arrow-event",
        thickness=_EVENT_THICKNESS,
        target=event.target,
        is_serious=event.is_serious,
    )


def _severity_stretches(event: EventBar) -> tuple[Stretch, ...]:
    """Stretches by severity, the worst last, so that where two overlap the worst is the one seen."""
    segments = event.segments or (SeveritySegment("unknown", event.period.start, event.period.end),)
    ordered = sorted(segments, key=lambda segment: _SEVERITIES.index(segment.severity))
    return tuple(Stretch(_within_event(segment, event), f"severity-{segment.severity}") for segment in ordered)


def _within_event(segment: SeveritySegment, event: EventBar) -> Period:
    end = segment.end or event.period.end
    return Period(segment.start or event.period.start, end, event.period.is_ongoing)


def _medication_bar(medication: MedicationBar, plot: Plot) -> Bar:
    return Bar(
        name=name_of(medication.label, medication.period, plot.data.day_one, plot.data.words),
        label=medication.label,
        period=medication.period,
        stretches=(Stretch(medication.period, "medication"),),
        arrow_css="arrow-medication",
        thickness=_MEDICATION_THICKNESS,
        target=medication.target,
    )


def _by_start(items: Sequence[_Item]) -> list[_Item]:
    return sorted(items, key=_start_key)


def _start_key(item: _Dated) -> tuple[date, date, str]:
    """Order by first possible day, the vaguer later; what has no start recorded comes first, as if begun before."""
    start = item.period.start
    return (start.first_day, start.last_day, item.label) if start else (date.min, date.min, item.label)
