"""Keeps the twin in step with the ledger: in the same transaction, by the change and not by a rebuild."""

import threading
from collections import OrderedDict

from django.db import transaction

from apps.studies.domain.audience import Audience
from apps.studies.services.events import SubjectChange
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.summary import columns_of, summarise
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSummary
from apps.twins.selectors.twins import load_twin
from apps.twins.services.snapshots import keep_snapshots

HOT_TWINS = 64


class HotTwins:
    """Twins that a writer may evolve in place: taken out while in use, put back only after the commit."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[int, tuple[int, Twin]] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, subject_pk: int, version: int) -> Twin | None:
        """The twin at exactly this version, now owned by the caller; None when it is not at hand."""
        with self._lock:
            kept = self._kept.pop(subject_pk, None)
        return kept[1] if kept is not None and kept[0] == version else None

    def put(self, subject_pk: int, version: int, twin: Twin) -> None:
        """Give a twin back for the next writer, unless a later one is there; the longest unused one makes room."""
        with self._lock:
            if subject_pk in self._kept and self._kept[subject_pk][0] > version:
                return
            self._kept[subject_pk] = (version, twin)
            while len(self._kept) > self._size:
                self._kept.popitem(last=False)

    def forget(self) -> None:
        """Drop every twin; the next writer loads its own."""
        with self._lock:
            self._kept.clear()


hot_twins = HotTwins(HOT_TWINS)


def evolve_twin(change: SubjectChange) -> None:
    """Fold one change set into the subject's twin, its line in lists and, now and then, a snapshot."""
    subject, number = change.subject, change.change_set.number
    twin = hot_twins.take(subject.pk, number - 1)
    if twin is None:
        # The version before was written by another process, by this very transaction, or long ago.
        twin = load_twin(subject, Audience.UNBLINDED, number - 1)
    DigitalTwinFactory().evolve(twin, change.changes)
    save_line(subject.pk, twin)
    keep_snapshots(subject, change.change_set, twin)
    transaction.on_commit(lambda: hot_twins.put(subject.pk, number, twin))


def save_line(subject_pk: int, twin: Twin) -> None:
    """Write the line about a subject (database id) as its twin is now."""
    TwinSummary.objects.update_or_create(subject_id=subject_pk, defaults=columns_of(summarise(twin)))
