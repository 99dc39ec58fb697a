"""Edges between events, medications, exposure and related records, redrawn only where a change reached them."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from apps.studies.domain.clinical.events import EVENT, EventGroup
from apps.studies.domain.clinical.medications import MedicationGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.references import RecordId
from apps.studies.domain.clinical.spans import full_day, span_of
from apps.twins.domain.facts import covers
from apps.twins.domain.twin import Twin


@dataclass(slots=True)
class Touched:
    """What a batch of changes reached: groups and relations whose edges must be redrawn."""

    groups: set[str] = field(default_factory=set)
    relations: set[str] = field(default_factory=set)
    all_events: bool = False

    @property
    def is_empty(self) -> bool:
        """Whether no edge between groups or relations must be redrawn."""
        return not (self.relations or self.groups or self.all_events)


def refresh_links(twin: Twin, touched: Touched) -> None:
    """Redraw the edges of everything that was touched; most changes, being results, touch none."""
    if touched.is_empty:
        return
    for relation in sorted(touched.relations):
        _link_relation(twin, relation)
    if not (touched.groups or touched.all_events):
        return
    existing = set(twin.indexes.rows_of_group)
    changed = {group for group in existing & touched.groups if not _is_event(group)}
    events = {group: twin.event(group) for group in existing if _is_event(group)}
    redrawn = set(events) if touched.all_events else set(events) & touched.groups
    if redrawn:
        _link_events(twin, [events[group] for group in sorted(redrawn)])
    for medication in (twin.medication(group) for group in sorted(changed)):
        for event in events.values():
            if event.id not in redrawn:
                _link_medication(twin, event, medication)


def _is_event(group: str) -> bool:
    return group.startswith(f"{EVENT}/")


def _link_events(twin: Twin, events: Iterable[EventGroup]) -> None:
    medications = twin.medications()
    exposures = twin.rows("EX")
    for event in events:
        twin.graph.remove_edges_from(list(twin.graph.out_edges(event.id, keys=True)))
        _link_exposure(twin, event, exposures)
        _link_severity_history(twin, event)
        for medication in medications:
            _link_medication(twin, event, medication)


def _link_exposure(twin: Twin, event: EventGroup, exposures: Iterable[ClinicalRecord]) -> None:
    onset = full_day(event.onset)
    for row in exposures:
        if onset is not None and covers(row, onset):
            twin.graph.add_edge(event.id, row.id, key="DURING")


def _link_severity_history(twin: Twin, event: EventGroup) -> None:
    for row in event.rows:
        edges = list(twin.graph.out_edges(row.id, keys=True))
        twin.graph.remove_edges_from([edge for edge in edges if edge[2] == "FOLLOWS"])
    for earlier, later in zip(event.rows, event.rows[1:], strict=False):
        twin.graph.add_edge(later.id, earlier.id, key="FOLLOWS")


def _link_medication(twin: Twin, event: EventGroup, medication: MedicationGroup) -> None:
    for kind in ("OVERLAPS", "TREATED_BY"):
        if twin.graph.has_edge(event.id, medication.id, key=kind):
            twin.graph.remove_edge(event.id, medication.id, key=kind)
    taken = span_of(medication.start, medication.end)
    # A span with open ends overlaps everything: without an onset the event would be tied to every medication.
    if event.onset and taken.overlaps(span_of(event.onset, event.end)):
        twin.graph.add_edge(event.id, medication.id, key="OVERLAPS")
    # CMINDC is free text; only the very term of the event is taken for it, in any case of letters.
    if medication.indication and medication.indication.casefold() == event.term.casefold():
        twin.graph.add_edge(event.id, medication.id, key="TREATED_BY")


def _link_relation(twin: Twin, relation: str) -> None:
    """RELREC: every two records of different domains under one RELID are related, both ways."""
    # Two relations between the same records are two edges, of which one can go.
    key = f"RELATED {relation}"
    for source, target in twin.indexes.edges_of_relation.pop(relation, ()):
        if twin.graph.has_edge(source, target, key=key):
            twin.graph.remove_edge(source, target, key=key)
    rows = (twin.row(record_id) for record_id in twin.indexes.rows_of_relation.get(relation, ()))
    named = {target for row in rows if row is not None for target in row.targets}
    # A relation may come before the records that it names, and outlive them.
    targets = sorted(target for target in named if target in twin.graph)
    pairs = [(a, b) for a in targets for b in targets if RecordId(a).domain != RecordId(b).domain]
    for source, target in pairs:
        twin.graph.add_edge(source, target, key=key)
    if pairs:
        twin.indexes.edges_of_relation[relation] = pairs
