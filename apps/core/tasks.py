"""The one Celery task that runs jobs, and the watch that a worker keeps as soon as it can work."""

from uuid import UUID

from celery import shared_task
from celery.signals import worker_ready

from apps.core.services import jobs
from apps.core.services.watch import start_watch


# Acknowledged late: a hint that died with its worker comes again, and the claim makes of two hints one run.
@shared_task(name="core.run_job", acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Run one job by the id of its row."""
    jobs.run_job(UUID(job_id))


@worker_ready.connect(dispatch_uid="core.start_watch")  # type: ignore[untyped-decorator]
def keep_watch(sender: object, **kwargs: object) -> None:
    """In a thread of the worker and not as a task: a full queue must not hide that it lives."""
    start_watch(str(getattr(sender, "hostname", "celery")))
