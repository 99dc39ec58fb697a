"""Who needs a narrative and for which events (ICH E3 12.3.2, and discontinuation for an adverse event)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from apps.twins.domain.events import EventGroup
from apps.twins.domain.rows import RowNode
from apps.twins.domain.spans import Span, span_of
from apps.twins.domain.twin import Twin

RELEVANCE_DAYS = 30
DISPOSITION_EVENT = "DISPOSITION EVENT"
ADVERSE_EVENT = "ADVERSE EVENT"
DEATH = "DEATH"


@dataclass(frozen=True, slots=True)
class Qualification:
    """What makes a subject's narrative necessary; `events` are in order of onset."""

    events: tuple[EventGroup, ...]
    has_died: bool
    has_serious_event: bool
    is_discontinued_for_event: bool

    @property
    def is_needed(self) -> bool:
        """Whether any criterion holds."""
        return self.has_died or self.has_serious_event or self.is_discontinued_for_event


def qualifying_events(twin: Twin) -> Qualification:
    """Deaths, serious events by flag or criterion, and the events that RELREC names as cause of discontinuation."""
    causes = {event.id for row in dispositions(twin) if is_for_event(row) for event in causes_of(twin, row)}
    events = [event for event in twin.events() if event.is_serious or event.is_fatal or event.id in causes]
    return Qualification(
        events=tuple(events),
        has_died=has_died(twin),
        has_serious_event=any(event.is_serious for event in events),
        is_discontinued_for_event=any(is_for_event(row) for row in dispositions(twin)),
    )


def has_died(twin: Twin) -> bool:
    """Whether DM, DS or the outcome of an event records a death."""
    dm = twin.demographics
    in_dm = dm is not None and (dm.text("DTHFL") == "Y" or dm.text("DTHDTC") is not None)
    in_ds = any(row.text("DSDECOD") == DEATH for row in twin.rows("DS"))
    return in_dm or in_ds or any(event.is_fatal for event in twin.events())


def dispositions(twin: Twin) -> list[RowNode]:
    """DS rows that say how participation ended (SDTMIG 3.2, DSCAT `DISPOSITION EVENT`)."""
    return [row for row in twin.rows("DS") if row.text("DSCAT") == DISPOSITION_EVENT and row.text("DSDECOD")]


def is_for_event(row: RowNode) -> bool:
    """Whether a disposition row gives an adverse event as its reason."""
    return row.text("DSDECOD") == ADVERSE_EVENT


def causes_of(twin: Twin, row: RowNode) -> list[EventGroup]:
    """The events that RELREC relates to a disposition row; nothing else makes an event its cause."""
    related = set(twin.related(row.id))
    return [event for event in twin.events() if related & {record.id for record in event.rows}]


def relevance_window(twin: Twin, events: Sequence[EventGroup]) -> list[Span]:
    """30 days either side of each event; of the whole recorded dosing where there is no event."""
    spans = [span_of(event.onset, event.end or event.onset) for event in events]
    if not spans and twin.demographics is not None:
        spans = [span_of(twin.demographics.text("RFXSTDTC"), twin.demographics.text("RFXENDTC"))]
    return [_widened(span) for span in spans if span.first is not None]


def is_within(spans: Sequence[Span], start: str | None, end: str | None) -> bool:
    """Whether something from start to end shares a day with any of the spans."""
    return any(span.overlaps(span_of(start, end)) for span in spans)


def _widened(span: Span) -> Span:
    margin = timedelta(days=RELEVANCE_DAYS)
    first = None if span.first is None or span.first - date.min < margin else span.first - margin
    last = None if span.last is None or date.max - span.last < margin else span.last + margin
    return Span(first, last)
