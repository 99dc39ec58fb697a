"""Who needs a narrative and for which events (ICH E3 12.3.2, and discontinuation for an adverse event)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apps.studies.domain.clinical.disposition import Death, dispositions, is_for_event
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import Span, span_of
from apps.twins.domain.twin import Twin

RELEVANCE_DAYS = 30


@dataclass(frozen=True, slots=True)
class Qualification:
    """What makes a subject's narrative necessary; `events` are in order of onset."""

    events: tuple[EventGroup, ...]
    death: Death | None
    has_serious_event: bool
    is_discontinued_for_event: bool

    @property
    def has_died(self) -> bool:
        """Whether any evidence says that the subject died."""
        return self.death is not None

    @property
    def is_needed(self) -> bool:
        """Whether any criterion holds."""
        return self.has_died or self.has_serious_event or self.is_discontinued_for_event


def qualifying_events(twin: Twin) -> Qualification:
    """Deaths, serious events by any evidence, and the events for which participation or study drug was ended."""
    ended = [row for row in dispositions(twin.rows("DS")) if is_for_event(row.values)]
    causes = {event.id for row in ended for event in causes_of(twin, row)}
    events = [event for event in twin.events() if event.is_serious or event.id in causes]
    return Qualification(
        events=tuple(events),
        death=twin.death,
        has_serious_event=any(event.is_serious for event in events),
        is_discontinued_for_event=bool(ended),
    )


def causes_of(twin: Twin, row: ClinicalRecord) -> list[EventGroup]:
    """The events that RELREC relates to a disposition row; without a relation, those that study drug was withdrawn for.

    AEACN `DRUG WITHDRAWN` is the sponsor's own word for the event that ended treatment (C66767); nothing else makes an
    event the cause.
    """
    related = set(twin.related(row.id))
    named = [event for event in twin.events() if related & {record.id for record in event.rows}]
    return named or [event for event in twin.events() if event.is_cause_of_withdrawal]


def relevance_window(twin: Twin, events: Sequence[EventGroup]) -> list[Span]:
    """30 days either side of each event; of the whole recorded dosing where there is no event.

    What has no date may lie on any day, and then nothing is known to be far from it.
    """
    # An event without an end counts with its onset: left open it would make everything after it relevant.
    spans = [span_of(event.onset, event.end or event.onset) for event in events]
    dm = twin.demographics
    dosing = span_of(dm.text("RFXSTDTC"), dm.text("RFXENDTC")) if dm is not None else Span(None, None)
    return [_widened(span) for span in spans or [dosing]]


def is_within(spans: Sequence[Span], start: str | None, end: str | None) -> bool:
    """Whether something from start to end shares a day with any of the spans."""
    return any(span.overlaps(span_of(start, end)) for span in spans)


def _widened(span: Span) -> Span:
    margin = timedelta(days=RELEVANCE_DAYS)
    # Years run from 1 to 9999, and a recorded date may lie at either end: it is left open instead.
    first = None if span.first is None or span.first - date.min < margin else span.first - margin
    last = None if span.last is None or date.max - span.last < margin else span.last + margin
    return Span(first, last)
