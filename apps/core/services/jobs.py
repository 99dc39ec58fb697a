"""Jobs: put work in a table, run it once, try again what failed, find again what was lost."""

import logging
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from auditlog.context import set_actor
from celery import current_app
from django.db import IntegrityError, connection, transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from kombu.exceptions import OperationalError as BrokerError

from apps.core.domain.errors import ConflictError, PlatformError
from apps.core.domain.events import Event
from apps.core.models import Heartbeat, Job, JobState
from apps.core.services.leases import (
    LEASE,
    DeadlineError,
    JobCancelledError,
    JobRun,
    LostLeaseError,
    kept_alive,
)

logger = logging.getLogger(__name__)

# Many beats of the watch, which gives two a second: a busy worker is not called dead.
ALIVE = timedelta(seconds=15)
# How long a hint in the queue is good for; a job is hinted again after it, never before.
HINT = timedelta(seconds=30)
# A job of this age without a hint was left by a process that died between its commit and its hint, or by a command.
HINT_LOST = timedelta(seconds=1)
LANE_PAUSE = timedelta(seconds=2)
LONGEST_PAUSE = timedelta(minutes=15)
# After a queue did not answer, hints are not tried for so long: a request must not wait for each of them.
QUIET_SECONDS = 10.0
ALIVE_STATES = (JobState.QUEUED, JobState.RUNNING)

# After the commit that put a job in line, ended it, gave it up or called it off: who shows such work looks again.
job_moved: Event[Job] = Event("job_moved")

# None when the work is done; otherwise after which time the same job goes on.
Handler = Callable[[JobRun], timedelta | None]


@dataclass(frozen=True, slots=True)
class Policy:
    """How a kind of job is done: how often and how soon again, how long a try may last, what follows giving up.

    `on_dead` runs in the transaction that gives a job up, so that what it belongs to says so too.
    `right` names the permission on the study that a person needs to have it tried again.
    """

    attempts: int = 5
    pause: timedelta = timedelta(seconds=5)
    deadline: timedelta = timedelta(minutes=30)
    on_dead: Callable[[Job], None] | None = None
    right: str = "view"


_handlers: dict[str, tuple[Handler, Policy]] = {}


def register_handler(kind: str, handler: Handler, policy: Policy | None = None) -> None:
    """Say which function does jobs of a kind, and how; called from `AppConfig.ready`."""
    _handlers[kind] = (handler, policy or Policy())


def policy_of(kind: str) -> Policy:
    """How jobs of a kind are done; the usual way for a kind that this version of the portal does not know."""
    return _handlers[kind][1] if kind in _handlers else Policy()


def enqueue(
    *,
    kind: str,
    payload: dict[str, object],
    requested_by_id: int | None = None,
    key: str = "",
    scope: str = "",
    lane: str = "",
) -> Job:
    """Insert a job in the caller's transaction and hint the queue after its commit.

    While a job with the same key waits or runs, that one is returned instead. `scope` is the code of the study;
    of jobs with the same `lane` one runs at a time.
    """
    new = Job(kind=kind, payload=payload, requested_by_id=requested_by_id, key=key, scope=scope, lane=lane)
    job = _insert(new)
    if job is new:
        transaction.on_commit(lambda: dispatch(job.pk))
        _tell(job)
    return job


def _tell(job: Job) -> None:
    transaction.on_commit(lambda: job_moved.publish(job))


def _insert(job: Job) -> Job:
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        alive = Job.objects.filter(kind=job.kind, key=job.key, state__in=ALIVE_STATES).first()
        # It may have ended between the two; then there is room for the new one.
        return alive or _insert(job)
    return job


_quiet_until = 0.0


def dispatch(job_id: UUID) -> bool:
    """Hint the queue that a job waits; a queue that cannot be reached loses nothing, the watch finds the row."""
    global _quiet_until  # noqa: PLW0603  # one fact about the process: whether its queue answered just now
    if time.monotonic() < _quiet_until:
        return False
    try:
        # A hint that nobody took in time expires, or the queue would fill while no worker is there.
        current_app.send_task(
            "core.run_job", args=[str(job_id)], retry=False, ignore_result=True, expires=HINT.total_seconds()
        )
    except (BrokerError, *current_app.connection_for_write().connection_errors) as error:
        _quiet_until = time.monotonic() + QUIET_SECONDS
        logger.warning("job_queue_unreachable job=%s error=%s", job_id, type(error).__name__)
        return False
    return True


def run_job(job_id: UUID) -> bool:
    """Claim and run one job; False when someone else has it, it has ended, or its time has not come."""
    try:
        job = _claim(job_id)
    except IntegrityError:
        # What refused the claim is the constraint of the lane: the database decides between two workers.
        _wait_for_lane(job_id)
        return False
    if job is None:
        return False
    handler, policy = _handlers[job.kind]
    job_run = JobRun(job, timezone.now() + policy.deadline)
    try:
        # Rows of the trail name whoever asked for the work; in a worker nobody is signed in.
        with set_actor(job.requested_by), kept_alive(job_run):
            pause = handler(job_run)
    except LostLeaseError:
        logger.warning("job_lease_lost job=%s kind=%s claim=%s", job.pk, job.kind, job.claim)
    except PlatformError as error:
        _refused(job, error)
    except Exception as error:
        # The name of the error and where it arose, never its text: that may hold a clinical value.
        where = "".join(traceback.format_tb(error.__traceback__)[-4:])
        logger.error("job_failed job=%s kind=%s error=%s\n%s", job.pk, job.kind, type(error).__name__, where)  # noqa: TRY400
        _failed(job, error, policy)
    else:
        if pause is None:
            _end(job, JobState.DONE, "")
        else:
            # A turn that got somewhere does not use up the tries of the next.
            _put_back(job, pause, attempts=0)
    return True


def _refused(job: Job, error: PlatformError) -> None:
    if isinstance(error, JobCancelledError):
        _end(job, JobState.CANCELLED, error.detail)
    elif error.is_lasting:
        _give_up(job, error.detail, may_be_retried=False)
    else:
        _try_again(job, error.detail)


def _failed(job: Job, error: Exception, policy: Policy) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()  # A connection that broke is no way to say so.
    if isinstance(error, DeadlineError):
        _try_again(job, f"Ran longer than {policy.deadline}.")
    else:
        _try_again(job, f"Unexpected {type(error).__name__}; the log names the job {job.pk}.")


def _claim(job_id: UUID) -> Job | None:
    """Take a job that waits: the number of the claim is what every later write of the job must still find."""
    now = timezone.now()
    with transaction.atomic():
        # A row that a frozen worker holds is passed over; it is free once the database has ended that transaction.
        due = due_jobs().select_for_update(skip_locked=True, no_key=True)
        # A kind that is not known here is left to a worker of a later version.
        job = due.filter(pk=job_id, kind__in=list(_handlers)).first()
        if job is None:
            return None
        job.state, job.started_at, job.lease_until = JobState.RUNNING, job.started_at or now, now + LEASE
        job.claim, job.hinted_at = job.claim + 1, None
        if job.attempts >= policy_of(job.kind).attempts:
            # Taken first: only what holds the claim can end the job.
            job.save(update_fields=["state", "claim"])
            _give_up(job, f"Lost its worker {job.attempts} times; not tried again.", may_be_retried=True)
            return None
        # Counted before the work, because a worker that dies counts nothing afterwards.
        job.attempts += 1
        job.save(update_fields=["state", "started_at", "lease_until", "claim", "attempts", "hinted_at"])
    return job


def _wait_for_lane(job_id: UUID) -> None:
    """Another job of its lane runs: look again shortly."""
    queued = Job.objects.filter(pk=job_id, state=JobState.QUEUED)
    queued.update(not_before=timezone.now() + LANE_PAUSE, hinted_at=None)


def _own(job: Job) -> QuerySet[Job]:
    """The row while this claim holds it; what a worker that was thought dead writes here goes nowhere."""
    return Job.objects.filter(pk=job.pk, claim=job.claim, state=JobState.RUNNING)


def _end(job: Job, state: JobState, error: str) -> None:
    if _own(job).update(state=state, error=error, finished_at=timezone.now(), lease_until=None):
        _tell(job)


def _try_again(job: Job, error: str) -> None:
    """After an error that may pass: wait longer each time, then give up."""
    policy = policy_of(job.kind)
    if job.attempts >= policy.attempts:
        _give_up(job, f"{error} Tried {job.attempts} times.", may_be_retried=True)
    else:
        _put_back(job, min(policy.pause * 4 ** (job.attempts - 1), LONGEST_PAUSE), attempts=job.attempts, error=error)


def _put_back(job: Job, pause: timedelta, *, attempts: int, error: str = "") -> None:
    _own(job).update(
        state=JobState.QUEUED,
        not_before=timezone.now() + pause,
        attempts=attempts,
        error=error,
        lease_until=None,
        hinted_at=None,
    )


def _give_up(job: Job, error: str, *, may_be_retried: bool) -> None:
    """A failed job, and in the same transaction a failure of what it belongs to."""
    with transaction.atomic():
        failed = _own(job).update(
            state=JobState.FAILED,
            error=error,
            is_dead_letter=may_be_retried,
            finished_at=timezone.now(),
            lease_until=None,
        )
        if not failed:
            return
        _tell(job)
        if on_dead := policy_of(job.kind).on_dead:
            job.error = error
            on_dead(job)


def retry_job(job: Job) -> Job:
    """Have a job that was given up tried again from the start; raises ConflictError for any other."""
    try:
        with transaction.atomic():
            moved = Job.objects.filter(pk=job.pk, state=JobState.FAILED, is_dead_letter=True).update(
                state=JobState.QUEUED,
                attempts=0,
                not_before=None,
                hinted_at=None,
                error="",
                is_dead_letter=False,
                is_cancel_requested=False,
                finished_at=None,
            )
    except IntegrityError:
        moved = 0
    if not moved:
        raise ConflictError("Only a job that was given up can be tried again, and not while the same work waits.")
    transaction.on_commit(lambda: dispatch(job.pk))
    _tell(job)
    job.refresh_from_db()
    return job


def request_cancel(job: Job) -> None:
    """Ask a job to stop at its next safe point; a job that has not begun is cancelled at once."""
    # The flag first: a worker that claims the job between the two statements still finds it.
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    waiting = Job.objects.filter(pk=job.pk, state=JobState.QUEUED)
    if waiting.update(state=JobState.CANCELLED, finished_at=timezone.now()):
        _tell(job)


def due_jobs() -> QuerySet[Job]:
    """Jobs that a worker may take now: queued and their time has come, or running past their lease."""
    now = timezone.now()
    queued = Q(state=JobState.QUEUED) & (Q(not_before=None) | Q(not_before__lte=now))
    return Job.objects.filter(queued | Q(state=JobState.RUNNING, lease_until__lt=now))


def waiting_jobs() -> list[UUID]:
    """Ids of jobs that a worker may take now, the one that is due longest first."""
    due = due_jobs().annotate(due_at=Coalesce("not_before", "created_at"))
    return list(due.order_by("due_at").values_list("pk", flat=True)[:100])


def has_job(kind: str, key: str, *, states: tuple[str, ...]) -> bool:
    """Whether the last job for this work is in one of these states."""
    last = Job.objects.filter(kind=kind, key=key).order_by("created_at").last()
    return last is not None and last.state in states


def hint_waiting() -> None:
    """Hint each due job that has no fresh hint; stops at once where the queue does not answer."""
    now = timezone.now()
    unhinted = Q(hinted_at=None, created_at__lt=now - HINT_LOST) | Q(hinted_at__lt=now - HINT)
    due = due_jobs().filter(unhinted).annotate(due_at=Coalesce("not_before", "created_at"))
    for job_id, hinted_at in list(due.order_by("due_at").values_list("pk", "hinted_at")[:100]):
        # Of several watches one hints.
        if Job.objects.filter(pk=job_id, hinted_at=hinted_at).update(hinted_at=now) and not dispatch(job_id):
            # Dated back, so that it is hinted again as soon as the queue answers.
            Job.objects.filter(pk=job_id, hinted_at=now).update(hinted_at=F("hinted_at") - HINT)
            return


def beat(name: str) -> None:
    """Sign of life of a worker."""
    Heartbeat.objects.update_or_create(name=name, defaults={"at": timezone.now()})


def is_worker_alive() -> bool:
    """Whether any worker gave a sign of life within the last 15 seconds."""
    return Heartbeat.objects.filter(at__gte=timezone.now() - ALIVE).exists()


def finish_job(job: Job, poll_seconds: float = 0.5) -> Job:
    """For commands: wait until a job has ended; while no worker is alive it is run here as soon as it is due."""
    while True:
        job.refresh_from_db()
        if job.state not in ALIVE_STATES:
            return job
        # Asked in every round, or a command would wait for a worker that has just died.
        if is_worker_alive() or not run_job(job.pk):
            time.sleep(poll_seconds)
