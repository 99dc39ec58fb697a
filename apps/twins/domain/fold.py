"""Folds revisions into a twin: `build` over all of them equals any sequence of `evolve` steps."""

from collections.abc import Iterable, Mapping
from typing import Final

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.twins.domain.linking import Touched, refresh_links
from apps.twins.domain.membership import join, leave
from apps.twins.domain.twin import Twin

# Part of every snapshot's key: raise it when the fold changes, and old snapshots are rebuilt, never misread.
FOLD_VERSION = 3

NODE_KINDS: Final[Mapping[str, str]] = {
    "DM": "subject",
    "SV": "visit",
    "EX": "exposure",
    "EC": "exposure",
    "AE": "adverse_event",
    "LB": "laboratory_result",
    "VS": "vital_sign",
    "QS": "questionnaire_result",
    "CM": "medication",
    "MH": "history",
    "DS": "disposition",
    "DD": "death",
    "SE": "element",
    "SC": "characteristic",
    "RELREC": "relation",
}
# Kind of the node of a record whose domain has none of its own.
OTHER_KIND: Final = "record"


class DigitalTwinFactory:
    """Builds the twin of a subject and evolves it by changes; holds no state of its own."""

    def build(self, subject_id: str, changes: Iterable[RecordChange]) -> Twin:
        """The twin after all the changes, in the order of the ledger."""
        return self.evolve(Twin(subject_id), changes)

    def evolve(self, twin: Twin, changes: Iterable[RecordChange]) -> Twin:
        """The same twin, moved on by the changes; the cost of each does not grow with the number of results."""
        touched = Touched()
        for change in changes:
            if change.operation is Operation.WITHDRAW:
                _withdraw(twin, change.record_id, touched)
            else:
                row = ClinicalRecord(change.record_id, change.domain, change.values, change.target, change.hidden)
                _put(twin, row, touched)
        refresh_links(twin, touched)
        return twin


def _put(twin: Twin, row: ClinicalRecord, touched: Touched) -> None:
    rows = twin.indexes.by_domain.setdefault(row.domain, {})
    old = rows.get(row.id)
    if old is not None:
        # By its old values, before the new ones say where it belongs.
        leave(twin, old, touched)
    rows[row.id] = row
    twin.graph.add_node(row.id, kind=NODE_KINDS.get(row.domain, OTHER_KIND), domain=row.domain, values=row.values)
    join(twin, row, touched)


def _withdraw(twin: Twin, record_id: str, touched: Touched) -> None:
    row = twin.row(record_id)
    if row is None:
        return
    leave(twin, row, touched)
    del twin.indexes.by_domain[row.domain][record_id]
    twin.graph.remove_node(record_id)
