"""The one Celery task that runs jobs, and the sweep that finds the ones a lost queue forgot."""

from uuid import UUID

from celery import shared_task

from apps.core.services import jobs


@shared_task(name="core.run_job", acks_late=True, ignore_result=True)  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Run one job by the id of its row."""
    jobs.run_job(UUID(job_id))


@shared_task(name="core.sweep_jobs", ignore_result=True)  # type: ignore[untyped-decorator]
def sweep_jobs() -> None:
    """Give a sign of life and hint every waiting job again."""
    jobs.beat("celery")
    for job_id in jobs.waiting_jobs():
        run_job.delay(str(job_id))
