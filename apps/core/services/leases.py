"""Whose a running job is: a lease that its worker renews while it lives, and a number that fences everyone else off."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone

from apps.core.domain.errors import PlatformError
from apps.core.models import Job

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=settings.JOB_LEASE_SECONDS)


class JobCancelledError(PlatformError):
    """A person asked this job to stop; what was already committed stays."""

    title = "Cancelled"
    kind = "cancelled"


class LostLeaseError(Exception):
    """The job was given to another worker: nothing more may be written for this claim."""


class DeadlineError(Exception):
    """One try of the job lasted longer than its kind may."""


class JobRun:
    """What a running job may do: report how far it is, learn that it should stop, prove that it is still its own."""

    def __init__(self, job: Job, deadline: datetime | None = None) -> None:
        self.job = job
        self._deadline = deadline

    @property
    def is_overdue(self) -> bool:
        """Whether this try has lasted longer than it may."""
        return self._deadline is not None and timezone.now() > self._deadline

    def progress(self, done: int, total: int, label: str) -> None:
        """Note how far the work is and renew the lease.

        Raises JobCancelledError when asked to stop, LostLeaseError when another worker has the job.
        """
        self._require_time()
        own = Job.objects.filter(pk=self.job.pk, claim=self.job.claim)
        kept = own.update(
            progress_done=done, progress_total=total, progress_label=label[:200], lease_until=timezone.now() + LEASE
        )
        if not kept:
            raise LostLeaseError
        if own.filter(is_cancel_requested=True).exists():
            raise JobCancelledError("The job was cancelled; what was already written stays.")

    def fence(self) -> None:
        """Call first in every transaction that writes: until its end nobody else can take the job.

        Raises LostLeaseError when somebody already has, so that work is never done twice.
        """
        self._require_time()
        # Without the key, so that rows which refer to the job can be added while it is locked.
        own = Job.objects.select_for_update(no_key=True).filter(pk=self.job.pk, claim=self.job.claim)
        if own.first() is None:
            raise LostLeaseError

    def _require_time(self) -> None:
        if self.is_overdue:
            raise DeadlineError


@contextmanager
def kept_alive(job_run: JobRun) -> Iterator[None]:
    """While open, a thread with a connection of its own renews the lease, however long one step of the work takes."""
    stop = threading.Event()
    thread = threading.Thread(target=_renew, args=(job_run, stop), name="job-lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _renew(job_run: JobRun, stop: threading.Event) -> None:
    """Until stopped, lost, or past the deadline: work that hangs must not keep its job for ever."""
    # Three renewals may fail before the lease runs out.
    while not stop.wait(LEASE.total_seconds() / 4):
        if job_run.is_overdue:
            return
        try:
            own = Job.objects.filter(pk=job_run.job.pk, claim=job_run.job.claim)
            if not own.update(lease_until=timezone.now() + LEASE):
                return
        except DatabaseError as error:
            # The database may be back before the lease runs out, so the thread goes on.
            logger.warning("job_lease_not_renewed job=%s error=%s", job_run.job.pk, type(error).__name__)
        finally:
            # The connection is this thread's own; kept between renewals it would take one of the pool's few.
            connection.close()
