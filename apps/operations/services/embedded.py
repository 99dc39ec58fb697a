"""What the embedded portal does for itself at its start: schema, static files, and a worker within the process."""

import threading
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from celery import current_app
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection

from apps.core.services.watch import start_watch
from apps.core.static_files import ShownStaticFiles

THREADS = 2


def prepare_database() -> None:
    """Bring the embedded database to the present schema, so that a first command needs nothing before it."""
    if connection.vendor == "sqlite":
        call_command("migrate", verbosity=0)


def prepare_static_files() -> None:
    """Collect static files, hashed and compressed, unless they are those of the last start; takes seconds."""
    # Beside PostgreSQL they are collected once, before any process starts.
    if connection.vendor != "sqlite":
        return
    mark = Path(settings.STATIC_ROOT) / "collected"
    sources = sha256("\n".join(sorted(_sources())).encode()).hexdigest()
    if not mark.exists() or mark.read_text(encoding="ascii") != sources:
        # What was collected before stays: pages that are open still ask for it.
        call_command("collectstatic", interactive=False, verbosity=0)
        mark.write_text(sources, encoding="ascii")


def _sources() -> Iterator[str]:
    """One line for each file to collect, which changes when the file does."""
    for finder in get_finders():
        for path, storage in finder.list(ShownStaticFiles.ignore_patterns):
            found = Path(storage.path(path)).stat()
            yield f"{path} {found.st_size} {found.st_mtime_ns}"


def start_worker() -> None:
    """Start the worker and the watch that hands it waiting jobs; both end with the process."""
    threading.Thread(target=_work, name="job-worker", daemon=True).start()
    start_watch("embedded")


def _work() -> None:
    # Celery's worker costs a second to import; only the serving process needs it.
    from celery.worker import WorkController  # noqa: PLC0415

    WorkController(app=current_app, pool_cls="threads", concurrency=THREADS, loglevel="WARNING").start()
