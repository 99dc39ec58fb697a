"""What the timeline of a subject is drawn from: already projected for its reader, so nothing here hides anything."""

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

from apps.studies.domain.dates import PartialDate
from apps.twins.domain.drawing.shapes import Target

Severity = Literal["mild", "moderate", "severe", "unknown"]
DoseLevel = Literal["none", "low", "middle", "high"]


@dataclass(frozen=True, slots=True)
class Period:
    """When something was, as far as recorded; is_ongoing tells a known continuation from an end not recorded."""

    start: PartialDate | None
    end: PartialDate | None
    is_ongoing: bool = False


@dataclass(frozen=True, slots=True)
class VisitMark:
    """One visit: a short label for the axis (empty for none), its full name, its first day."""

    label: str
    name: str
    on: date
    target: Target
    is_unscheduled: bool = False


@dataclass(frozen=True, slots=True)
class DosePeriod:
    """One dosing interval, for readers who may see treatment."""

    label: str
    level: DoseLevel
    period: Period
    target: Target


@dataclass(frozen=True, slots=True)
class StudyDrug:
    """First and last dose day; doses is None for a blinded reader, who sees that a drug was taken and no more."""

    period: Period
    target: Target
    doses: tuple[DosePeriod, ...] | None = None


@dataclass(frozen=True, slots=True)
class SeveritySegment:
    """A stretch of an event at one severity; without an end it lasts as long as the event."""

    severity: Severity
    start: PartialDate | None
    end: PartialDate | None


@dataclass(frozen=True, slots=True)
class EventBar:
    """One adverse event with its severity history."""

    label: str
    period: Period
    segments: tuple[SeveritySegment, ...]
    target: Target
    is_serious: bool = False


@dataclass(frozen=True, slots=True)
class MedicationBar:
    """One concomitant medication."""

    label: str
    period: Period
    target: Target


@dataclass(frozen=True, slots=True)
class TimelineWords:
    """The words of the chart itself, so that a page can hand in translated ones."""

    timeline: str = "Timeline"
    visits: str = "Visits"
    study_drug: str = "Study drug"
    events: str = "Adverse events"
    medications: str = "Medications"
    day_one: str = "Day 1"
    day: str = "day"
    to: str = "to"
    ongoing: str = "ongoing"
    serious: str = "serious"
    unscheduled: str = "unscheduled"
    start_not_recorded: str = "start not recorded"
    end_not_recorded: str = "end not recorded"
    dose_not_visible: str = "dose not visible to you"
    not_recorded: str = "not recorded"
    none: str = "0 recorded"
    not_in_data: str = "not in the data"
    began_before: str = "began before the axis"
    partial: str = "date known to the month or year"
    selected: str = "chosen onset"
    ended: str = "left the study"
    mild: str = "mild"
    moderate: str = "moderate"
    severe: str = "severe"


@dataclass(frozen=True, slots=True)
class TimelineInput:
    """Everything on one timeline; last_known_on is the last day the data speak of, day_one the reference start.

    `lanes_not_in_data` are the names of those of which the study never received anything.
    """

    first_on: date
    last_known_on: date
    day_one: date | None
    visits: tuple[VisitMark, ...]
    study_drug: StudyDrug | None
    events: tuple[EventBar, ...]
    medications: tuple[MedicationBar, ...]
    lanes_not_in_data: frozenset[str] = frozenset()
    selected_on: date | None = None
    ended_on: date | None = None
    words: TimelineWords = field(default_factory=TimelineWords)
