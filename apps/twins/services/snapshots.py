"""Snapshots: so that any past version is read at the price of one snapshot and a few revisions."""

from apps.studies.domain.audience import Audience
from apps.studies.models import ChangeSet, Subject
from apps.twins.domain.archive import pack
from apps.twins.domain.fold import FOLD_VERSION
from apps.twins.domain.twin import Twin
from apps.twins.models import TwinSnapshot

# A past version is at most 24 small change sets away from a snapshot before it.
EVERY = 25
LARGE_CHANGE = 100


def keep_snapshots(subject: Subject, change_set: ChangeSet, twin: Twin) -> None:
    """Keep a snapshot for each audience at every twenty-fifth version of its own sequence and after a large change."""
    large = change_set.change_count >= LARGE_CHANGE
    if large or change_set.number % EVERY == 0:
        _keep(subject, Audience.UNBLINDED, change_set.number, twin)
    if change_set.is_open and (large or change_set.blinded_number % EVERY == 0):
        _keep(subject, Audience.BLINDED, change_set.blinded_number, twin)


def _keep(subject: Subject, audience: Audience, version: int, twin: Twin) -> None:
    TwinSnapshot.objects.create(
        subject=subject,
        audience=audience,
        version=version,
        fold_version=FOLD_VERSION,
        payload=pack(twin.all_rows(), audience),
    )
