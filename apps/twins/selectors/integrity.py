"""Holds what is kept of a subject's twin against a rebuild from its ledger."""

from collections.abc import Mapping, Sequence

from apps.core.domain.integrity import Break, Part
from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import Hidden
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.variables import Value
from apps.studies.models import ChangeSet, Subject
from apps.twins.domain.archive import unpack
from apps.twins.domain.fold import FOLD_VERSION, DigitalTwinFactory
from apps.twins.domain.projection import project
from apps.twins.domain.summary import columns_of, summarise
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSnapshot, TwinSummary

# Of each record: domain, values, target, and what blinded readers must not see of it.
Fold = dict[str, tuple[str, Mapping[str, Value], str, Hidden]]


class TwinCheck:
    """Folds the ledger of one subject again for both audiences, and compares on the way and at the end."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.breaks: list[Break] = []
        self._folds: dict[Audience, Fold] = {audience: {} for audience in Audience}
        # Those of an earlier fold are read by nobody any more.
        snapshots = TwinSnapshot.objects.filter(subject=subject, fold_version=FOLD_VERSION)
        self._snapshots = {(found.audience, found.version): found for found in snapshots}

    def see(self, change_set: ChangeSet, changes: Sequence[RecordChange]) -> None:
        """The next change set of the ledger."""
        for audience, fold in self._folds.items():
            for change in changes:
                _fold(fold, project(change, audience))
        self._compare_snapshot(Audience.UNBLINDED, change_set.number, change_set.number)
        if change_set.is_open:
            self._compare_snapshot(Audience.BLINDED, change_set.blinded_number, change_set.number)

    def end(self) -> None:
        """The ledger was read to its end: compare the line in lists."""
        # Nothing was ever recorded, so that no line is missing.
        if not self.subject.version:
            return
        line = TwinSummary.objects.filter(subject=self.subject).first()
        if line is None:
            self._note("Its line in lists is missing; rebuild_twins makes it.")
            return
        rebuilt = columns_of(summarise(self._twin()))
        if any(getattr(line, name) != value for name, value in rebuilt.items()):
            self._note("Its line in lists is not what a rebuild gives.")

    def _twin(self) -> Twin:
        rows = self._folds[Audience.UNBLINDED].items()
        changes = (
            RecordChange(Operation.INSERT, record_id, domain, values, target=target or None, hidden=hidden)
            for record_id, (domain, values, target, hidden) in rows
        )
        return DigitalTwinFactory().build(self.subject.subject_id, changes)

    def _compare_snapshot(self, audience: Audience, version: int, number: int) -> None:
        snapshot = self._snapshots.pop((audience.value, version), None)
        if snapshot is None:
            return
        kept: Fold = {}
        for change in unpack(bytes(snapshot.payload)):
            _fold(kept, change)
        if kept != self._folds[audience]:
            self._note(f"A snapshot for {audience.value} readers is not what a rebuild gives.", number)

    def _note(self, words: str, version: int | None = None) -> None:
        self.breaks.append(Break(Part.TWIN, words, self.subject.study.code, self.subject.subject_id, version))


def _fold(fold: Fold, change: RecordChange | None) -> None:
    if change is None:
        return
    if change.operation is Operation.WITHDRAW:
        fold.pop(change.record_id, None)
    else:
        fold[change.record_id] = (change.domain, dict(change.values), change.target or "", change.concealed)
