"""Reads twins: any version or instant, in the projection of the reader."""

import threading
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import OPEN, parsed
from apps.studies.domain.changes import RecordChange, seen_revision
from apps.studies.models import ChangeSet, RecordRevision, Subject
from apps.twins.domain.archive import unpack
from apps.twins.domain.fold import FOLD_VERSION, DigitalTwinFactory
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSnapshot

_READ = 48
# A version never changes, so what is kept under its number cannot go stale.
_read: OrderedDict[tuple[int, Audience, int], Twin] = OrderedDict()
_read_lock = threading.Lock()


def twin_at(subject: Subject, audience: Audience, version: int | None = None) -> Twin:
    """The twin at a version of the audience's own sequence (default: now); readers must not change it.

    Raises NotVisibleError for a version that does not exist.
    """
    wanted = subject.version_for(audience) if version is None else version
    require_version(subject, audience, wanted)
    key = (subject.pk, audience, wanted)
    with _read_lock:
        if key in _read:
            _read.move_to_end(key)
            return _read[key]
    # Loaded outside the lock: two readers may load one twin twice, but nobody waits for another's subject.
    twin = load_twin(subject, audience, wanted)
    with _read_lock:
        _read[key] = twin
        while len(_read) > _READ:
            _read.popitem(last=False)
    return twin


def require_version(subject: Subject, audience: Audience, version: int) -> None:
    """Raise NotVisibleError for a version that does not exist in the audience's own sequence."""
    latest = subject.version_for(audience)
    if not 0 <= version <= latest:
        raise NotVisibleError(f"Version {version} does not exist; the latest is {latest}.")


def forget_read_twins() -> None:
    """Drop the twins kept for readers of this process."""
    with _read_lock:
        _read.clear()


def load_twin(subject: Subject, audience: Audience, version: int) -> Twin:
    """A twin of one's own at a version: the nearest snapshot and the revisions after it."""
    snapshots = TwinSnapshot.objects.filter(
        subject=subject, audience=audience, version__lte=version, fold_version=FOLD_VERSION
    )
    snapshot = snapshots.order_by("-version").first()
    factory = DigitalTwinFactory()
    twin = factory.build(subject.subject_id, unpack(bytes(snapshot.payload)) if snapshot else ())
    return factory.evolve(twin, changes_after(subject, audience, snapshot.version if snapshot else 0, version))


def changes_after(subject: Subject, audience: Audience, after: int, until: int) -> Iterator[RecordChange]:
    """Changes of the versions after one and up to another, as the audience sees them."""
    for revision in revisions_between(subject, audience, after, until).values_list(
        "operation", "open_operation", "values", "hidden", "record_id", "domain", "target"
    ):
        *stored, record_id, domain, target = revision
        seen = seen_revision(audience, *stored)
        if seen is not None:
            # The values are the open side already, so of a blinded reader's twin nothing is left to hide.
            hidden = parsed(revision[3]) if audience is Audience.UNBLINDED else OPEN
            yield RecordChange(seen[0], record_id, domain, seen[1], target=target or None, hidden=hidden)


def revisions_between(subject: Subject, audience: Audience, after: int, until: int) -> QuerySet[RecordRevision]:
    """Revisions of the versions after one and up to another of the audience's sequence, in order."""
    revisions = RecordRevision.objects.filter(change_set__subject=subject)
    if audience is Audience.UNBLINDED:
        span = revisions.filter(change_set__number__gt=after, change_set__number__lte=until)
    else:
        # A hidden change set bears the blinded number of the open one before it, so the number alone does not do.
        span = revisions.filter(
            change_set__is_open=True, change_set__blinded_number__gt=after, change_set__blinded_number__lte=until
        )
    return span.order_by("change_set__number", "pk")


def change_sets_for(subject: Subject, audience: Audience) -> QuerySet[ChangeSet]:
    """The change sets that are versions of the subject for this audience, oldest first."""
    sets = ChangeSet.objects.filter(subject=subject).order_by("number")
    return sets if audience is Audience.UNBLINDED else sets.filter(is_open=True)


def version_at(subject: Subject, audience: Audience, instant: datetime) -> int:
    """The last version known at an instant; 0 before the first."""
    last = change_sets_for(subject, audience).filter(known_at__lte=instant).last()
    if last is None:
        return 0
    return last.number if audience is Audience.UNBLINDED else last.blinded_number
