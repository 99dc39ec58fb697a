"""Jobs: put work in a table, run it once, show how far it is, find it again after a crash."""

import logging
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

from auditlog.context import set_actor
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from apps.core.domain.errors import PlatformError
from apps.core.models import Heartbeat, Job, JobState

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=60)
ALIVE = timedelta(seconds=15)
MAX_ATTEMPTS = 5


class JobCancelledError(PlatformError):
    """A person asked this job to stop; what was already committed stays."""

    title = "Cancelled"
    kind = "cancelled"


class JobRun:
    """What a running job may do: report how far it is, and learn that it should stop."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def progress(self, done: int, total: int, label: str) -> None:
        """Note how far the work is and renew the lease; raises JobCancelledError when asked to stop."""
        Job.objects.filter(pk=self.job.pk).update(
            progress_done=done, progress_total=total, progress_label=label[:200], lease_until=timezone.now() + LEASE
        )
        if Job.objects.filter(pk=self.job.pk, is_cancel_requested=True).exists():
            raise JobCancelledError("The job was cancelled; what was already written stays.")


Handler = Callable[[JobRun], None]
_handlers: dict[str, Handler] = {}


def register_handler(kind: str, handler: Handler) -> None:
    """Say which function does jobs of a kind; called from `AppConfig.ready`."""
    _handlers[kind] = handler


def enqueue(*, kind: str, payload: dict[str, object], requested_by_id: int | None = None, key: str = "") -> Job:
    """Insert a job and hint the queue after the commit; a queued job with the same key is returned instead."""
    try:
        with transaction.atomic():
            job = Job.objects.create(kind=kind, payload=payload, requested_by_id=requested_by_id, key=key)
    except IntegrityError:
        return Job.objects.get(kind=kind, key=key, state=JobState.QUEUED)
    transaction.on_commit(lambda: dispatch(job.pk))
    return job


def dispatch(job_id: UUID) -> None:
    """Hint the queue that a job waits; a queue that cannot be reached loses nothing, the sweeper finds the row."""
    try:
        current_app.send_task("core.run_job", args=[str(job_id)], retry=False, ignore_result=True)
    except (BrokerError, *current_app.connection_for_write().connection_errors) as error:
        logger.warning("job_queue_unreachable job=%s error=%s", job_id, type(error).__name__)


def run_job(job_id: UUID) -> None:
    """Claim and run one job; a job that someone else has claimed, or that has ended, is left alone."""
    job = _claim(job_id)
    if job is None:
        return
    with set_actor(job.requested_by):
        try:
            _handlers[job.kind](JobRun(job))
        except JobCancelledError as error:
            _finish(job, JobState.CANCELLED, error.detail)
        except PlatformError as error:
            _finish(job, JobState.FAILED, error.detail)
        except Exception as error:
            # The name of the error and where it arose, never its text: that may hold a clinical value.
            where = "".join(traceback.format_tb(error.__traceback__)[-4:])
            logger.error(  # noqa: TRY400
                "job_failed job=%s kind=%s error=%s\n%s", job.pk, job.kind, type(error).__name__, where
            )
            _finish(job, JobState.FAILED, f"Unexpected {type(error).__name__}; the log names the job {job.pk}.")
        else:
            _finish(job, JobState.DONE, "")


def _claim(job_id: UUID) -> Job | None:
    now = timezone.now()
    free = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(free, pk=job_id).first()
        if job is None:
            return None
        if job.attempts >= MAX_ATTEMPTS:
            _finish(job, JobState.FAILED, f"Lost its worker {job.attempts} times; not tried again.")
            return None
        job.state, job.started_at, job.lease_until = JobState.RUNNING, job.started_at or now, now + LEASE
        job.attempts += 1
        job.save(update_fields=["state", "started_at", "lease_until", "attempts"])
    return job


def _finish(job: Job, state: JobState, error: str) -> None:
    Job.objects.filter(pk=job.pk).update(state=state, error=error, finished_at=timezone.now(), lease_until=None)


def request_cancel(job: Job) -> None:
    """Ask a job to stop at its next safe point; a job that has not begun is cancelled at once."""
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    Job.objects.filter(pk=job.pk, state=JobState.QUEUED).update(state=JobState.CANCELLED, finished_at=timezone.now())


def waiting_jobs() -> list[UUID]:
    """Jobs that wait for a worker: queued, or running past their lease because their worker was lost."""
    now = timezone.now()
    waiting = Q(state=JobState.QUEUED) | Q(state=JobState.RUNNING, lease_until__lt=now)
    return list(Job.objects.filter(waiting).order_by("created_at").values_list("pk", flat=True)[:100])


def beat(name: str) -> None:
    """Sign of life of a worker."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def is_worker_alive() -> bool:
    """Whether any worker gave a sign of life within the last 15 seconds."""
    return Heartbeat.objects.filter(at__gte=timezone.now() - ALIVE).exists()


def finish_job(job: Job, poll_seconds: float = 0.5) -> Job:
    """For commands: wait until a job has ended; while no worker is alive it is run here."""
    while True:
        job.refresh_from_db()
        if job.state not in {JobState.QUEUED, JobState.RUNNING}:
            return job
        if not is_worker_alive():
            run_job(job.pk)
        else:
            time.sleep(poll_seconds)
