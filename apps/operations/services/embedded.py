"""The embedded worker: Celery in a thread of the serving process, fed by the job table."""

import logging
import threading

from celery import current_app
from django.core.management import call_command
from django.db import OperationalError, close_old_connections, connection
from django.utils import timezone

from apps.core.services.jobs import beat, dispatch, waiting_jobs
from apps.operations.services.schedule import LOOK_EVERY_SECONDS, queue_due_work

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
THREADS = 2


def prepare_database() -> None:
    """Bring the embedded database to the present schema, so that a first command needs nothing before it."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)


def start_worker() -> None:
    """Start the worker, the poller that hands it waiting jobs, and the schedule; all end with the process."""
    threading.Thread(target=_work, name="job-worker", daemon=True).start()
    threading.Thread(target=_poll, name="job-poller", daemon=True).start()
    threading.Thread(target=_keep_schedule, name="schedule", daemon=True).start()


def _work() -> None:
    # Celery's worker costs a second to import; only the serving process needs it.
    from celery.worker import WorkController  # noqa: PLC0415

    WorkController(app=current_app, pool_cls="threads", concurrency=THREADS, loglevel="WARNING").start()


def _poll() -> None:
    """Sign of life, and a hint for every job that waits: those of commands and those a lost worker left."""
    pause = threading.Event()
    while True:
        try:
            beat("embedded")
            for job_id in waiting_jobs():
                dispatch(job_id)
        except OperationalError as error:
            logger.warning("job_poll_failed error=%s", type(error).__name__)
        close_old_connections()
        pause.wait(POLL_SECONDS)


def _keep_schedule() -> None:
    """In place of Celery's beat: queue what is due."""
    pause = threading.Event()
    while True:
        try:
            queue_due_work(timezone.now())
        except OperationalError as error:
            logger.warning("schedule_failed error=%s", type(error).__name__)
        close_old_connections()
        pause.wait(LOOK_EVERY_SECONDS)
