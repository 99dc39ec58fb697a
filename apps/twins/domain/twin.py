"""The twin of one subject: its records as a graph, with the groups and derived facts that are read from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock

import networkx as nx

from apps.studies.domain.clinical.disposition import DOMAINS_OF_DEATH, Death, death_of, latest_last, leaving
from apps.studies.domain.clinical.events import EVENT, EventGroup, event_of
from apps.studies.domain.clinical.laboratory import LIVER_TESTS
from apps.studies.domain.clinical.medications import MEDICATION, MedicationGroup, medication_of, regimens_of
from apps.studies.domain.clinical.records import ClinicalRecord, row_order
from apps.studies.domain.clinical.references import RecordId
from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import Value
from apps.twins.domain import facts as derive
from apps.twins.domain.facts import DerivedFact


@dataclass(slots=True)
class Indexes:
    """What the fold keeps beside the graph so that one more record costs the same in a small and a large twin."""

    by_domain: dict[str, dict[str, ClinicalRecord]] = field(default_factory=dict)
    rows_of_visit: dict[Value, set[str]] = field(default_factory=dict)
    visits: dict[Value, set[str]] = field(default_factory=dict)
    rows_of_group: dict[str, set[str]] = field(default_factory=dict)
    group_of_row: dict[str, str] = field(default_factory=dict)
    rows_of_sponsor_id: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    rows_of_relation: dict[str, set[str]] = field(default_factory=dict)
    relations_of: dict[str, set[str]] = field(default_factory=dict)
    edges_of_relation: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    rows_of_test: dict[str, set[str]] = field(default_factory=dict)


class Twin:
    """State of one subject at one version: a pure fold of its revisions, never edited by hand."""

    def __init__(self, subject_id: str) -> None:
        self.subject_id = subject_id
        self.graph: nx.MultiDiGraph = nx.MultiDiGraph()
        self.indexes = Indexes()
        self.stale_facts: set[str] = set()
        self._facts: dict[str, tuple[DerivedFact, ...]] = {}
        # Readers share a twin; what one of them computes on asking, the others must not see half done.
        self._computing = Lock()

    def __len__(self) -> int:
        return sum(len(rows) for rows in self.indexes.by_domain.values())

    def all_rows(self) -> Iterator[ClinicalRecord]:
        """Every record, in no particular order."""
        for rows in self.indexes.by_domain.values():
            yield from rows.values()

    def rows(self, domain: str) -> list[ClinicalRecord]:
        """Records of one domain of what took place, by date, then start, then sequence."""
        return [row for row in self._recorded(domain) if row.happened]

    def denied(self, domain: str) -> list[ClinicalRecord]:
        """Records of one domain of what was asked for and did not take place, or is not known to have."""
        return [row for row in self._recorded(domain) if not row.happened]

    def _recorded(self, domain: str) -> list[ClinicalRecord]:
        return sorted(self.indexes.by_domain.get(domain, {}).values(), key=row_order)

    def row(self, record_id: str) -> ClinicalRecord | None:
        """One record by its id, or None."""
        return self.indexes.by_domain.get(RecordId(record_id).domain, {}).get(record_id)

    def rows_by_id(self, record_ids: Iterable[str]) -> list[ClinicalRecord]:
        """The named records that exist, in date order."""
        found = (self.row(record_id) for record_id in record_ids)
        return sorted((row for row in found if row is not None), key=row_order)

    @property
    def demographics(self) -> ClinicalRecord | None:
        """The subject's DM record, or None before it arrived."""
        return next(iter(self.indexes.by_domain.get("DM", {}).values()), None)

    @property
    def death(self) -> Death | None:
        """What says that the subject died, by any evidence of DM, DS, AE and DD; None where nothing does."""
        telling = [row for domain in DOMAINS_OF_DEATH for row in self.rows(domain)]
        return death_of(self.demographics, telling)

    @property
    def leaving(self) -> ClinicalRecord | None:
        """The disposition that says how participation ended, or None."""
        return leaving(self.rows("DS"))

    @property
    def last_visit(self) -> ClinicalRecord | None:
        """The visit with the latest date, of equal dates or of none the last by its number; None without visits."""
        # A planned visit without a date comes last among the rows, and has not been.
        return max(
            self.rows("SV"),
            key=lambda row: (latest_last(row.text("SVSTDTC")), row.number("VISITNUM") or 0, row.id),
            default=None,
        )

    def edges(self) -> list[tuple[str, str, str]]:
        """Every edge as source, target and why they belong together (`DURING`, `PART_OF`, `RELATED`, ...)."""
        keyed = self.graph.edges(keys=True)
        return sorted((source, target, key.partition(" ")[0]) for source, target, key in keyed)

    def related(self, record_id: str) -> list[str]:
        """Ids of the records that RELREC relates to this one."""
        if record_id not in self.graph:
            return []
        edges = self.graph.out_edges(record_id, keys=True)
        return sorted({target for _, target, key in edges if key.startswith("RELATED ")})

    def event(self, identifier: str) -> EventGroup:
        """One adverse event by the id of its grouping node; raises KeyError when there is none."""
        return event_of(identifier, self.rows_by_id(self.indexes.rows_of_group[identifier]))

    def events(self) -> list[EventGroup]:
        """Adverse events by onset; rows that share AESPID are one event."""
        found = [self.event(group) for group in self._groups(EVENT)]
        return sorted(found, key=lambda event: (sort_key(event.onset or ""), event.term, event.id))

    def medication(self, identifier: str) -> MedicationGroup:
        """One medication by the id of its grouping node; raises KeyError when there is none."""
        return medication_of(identifier, self.rows_by_id(self.indexes.rows_of_group[identifier]))

    def medications(self) -> list[MedicationGroup]:
        """Medications by start; rows that share CMSPID are one medication."""
        found = [self.medication(group) for group in self._groups(MEDICATION)]
        return sorted(found, key=lambda drug: (sort_key(drug.start or ""), drug.name, drug.id))

    def regimens(self) -> list[MedicationGroup]:
        """Medications by start, each dose, frequency and route of one with its own span."""
        return sorted(
            (regimen for drug in self.medications() for regimen in regimens_of(drug)),
            key=lambda drug: (sort_key(drug.start or ""), drug.name, drug.id),
        )

    def _groups(self, kind: str) -> list[str]:
        return [group for group in self.indexes.rows_of_group if group.startswith(f"{kind}/")]

    @property
    def facts(self) -> Mapping[str, DerivedFact]:
        """Derived facts by id; only those that a change could reach are computed again."""
        with self._computing:
            while self.stale_facts:
                self._compute(self.stale_facts.pop())
            return {fact.id: fact for key in sorted(self._facts) for fact in self._facts[key]}

    def _compute(self, key: str) -> None:
        found = tuple(self._derive(key))
        if found:
            self._facts[key] = found
        else:
            self._facts.pop(key, None)

    def _derive(self, key: str) -> Iterator[DerivedFact]:
        kind, name = RecordId(key).domain, RecordId(key).name
        # The group may have gone since it was marked as stale.
        if kind == EVENT and key in self.indexes.rows_of_group:
            yield from derive.event_facts(self.event(key), self.demographics, self.rows("EX"))
        elif kind == "DM" and self.demographics is not None:
            yield from derive.subject_facts(self.demographics)
        elif kind == "DEATH" and (death := self.death) is not None:
            yield from derive.death_facts(death)
        elif kind == "LAB":
            yield from derive.laboratory_facts(name, self.results(name))
        elif kind == "LIVER":
            yield from derive.liver_facts([row for test in LIVER_TESTS for row in self.results(test)])

    def results(self, test: str) -> list[ClinicalRecord]:
        """Laboratory results of one LBTESTCD in date order."""
        return self.rows_by_id(self.indexes.rows_of_test.get(test, ()))
