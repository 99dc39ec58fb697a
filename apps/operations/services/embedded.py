"""The embedded worker: Celery in a thread of the serving process, fed by the job table."""

import threading

from celery import current_app
from django.core.management import call_command
from django.db import connection

from apps.core.services.watch import start_watch

THREADS = 2


def prepare_database() -> None:
    """Bring the embedded database to the present schema, so that a first command needs nothing before it."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)


def start_worker() -> None:
    """Start the worker and the watch that hands it waiting jobs; both end with the process."""
    threading.Thread(target=_work, name="job-worker", daemon=True).start()
    start_watch("embedded")


def _work() -> None:
    # Celery's worker costs a second to import; only the serving process needs it.
    from celery.worker import WorkController  # noqa: PLC0415

    WorkController(app=current_app, pool_cls="threads", concurrency=THREADS, loglevel="WARNING").start()
