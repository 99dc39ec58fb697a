"""What is due at its time: sealing the trail, and the nightly verification of everything."""

from datetime import UTC, datetime, time, timedelta

from django.utils import timezone

from apps.compliance.models import TrailEntry
from apps.compliance.services.sealing import SEAL_JOB
from apps.core.models import Job
from apps.core.services.jobs import enqueue
from apps.operations.services.verifying import VERIFY_JOB
from apps.studies.models import Study

VERIFY_AT = time(2, 0, tzinfo=UTC)
SEAL_EVERY = timedelta(minutes=10)


def keep_schedule() -> None:
    """For the watch of a worker: queue what is due now."""
    queue_due_work(timezone.now())


def queue_due_work(now: datetime) -> None:
    """Queue what is due and has not been queued for this time; a night that was slept through is made up for."""
    night = last_night(now)
    # A portal that was set up after last night has no night to make up for.
    if Study.objects.filter(created_at__lt=night).exists():
        _queue_once(VERIFY_JOB, night)
    if TrailEntry.objects.filter(leaf=None).exists():
        seconds = int(SEAL_EVERY.total_seconds())
        _queue_once(SEAL_JOB, datetime.fromtimestamp(now.timestamp() // seconds * seconds, UTC))


def last_night(now: datetime) -> datetime:
    """The last moment at which a verification was due."""
    today = datetime.combine(now.astimezone(UTC).date(), VERIFY_AT)
    return today if today <= now else today - timedelta(days=1)


def _queue_once(kind: str, due_at: datetime) -> None:
    # The moment it was due is the key, so that of many workers and rounds one queues it.
    key = due_at.isoformat()
    if not Job.objects.filter(kind=kind, key=key).exists():
        enqueue(kind=kind, payload={}, key=key)
