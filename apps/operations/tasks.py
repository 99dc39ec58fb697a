"""What beat sets off in this room."""

from celery import shared_task
from django.utils import timezone

from apps.operations.services import schedule


@shared_task(name="operations.queue_due_work", ignore_result=True)  # type: ignore[untyped-decorator]
def queue_due_work() -> None:
    """Queue the sealing of the trail and the nightly verification when they are due."""
    schedule.queue_due_work(timezone.now())
