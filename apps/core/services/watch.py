"""The watch that every worker process keeps: a sign of life, hints for what waits, and sweeps that heal."""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.db import connection
from django.utils import timezone

from apps.core.models import Heartbeat
from apps.core.services.jobs import beat, hint_waiting

logger = logging.getLogger(__name__)

POLL_SECONDS = 0.5
FORGOTTEN = timedelta(days=1)

_sweeps: list[Callable[[], None]] = []


def register_sweep(sweep: Callable[[], None]) -> None:
    """Have a function called every few seconds by whoever keeps watch; called from `AppConfig.ready`."""
    if sweep not in _sweeps:
        _sweeps.append(sweep)


def start_watch(name: str) -> threading.Thread:
    """Keep watch in a thread that ends with the process."""
    thread = threading.Thread(target=_keep_watch, args=(name,), name="job-watch", daemon=True)
    thread.start()
    return thread


def _keep_watch(name: str) -> None:
    pause = threading.Event()
    rounds = max(round(settings.SWEEP_SECONDS / POLL_SECONDS), 1)
    number = 0
    while True:
        guarded(lambda: beat(name))
        if number % rounds == 0:
            sweep()
        guarded(hint_waiting)
        # A thread has a connection of its own, which no end of a request closes.
        connection.close()
        number += 1
        pause.wait(POLL_SECONDS)


def sweep() -> None:
    """Call every sweep once; one that fails does not keep the others from healing."""
    for step in _sweeps:
        guarded(step)


def guarded(step: Callable[[], None]) -> None:
    """Do one step of the watch; an error is logged by name and the watch goes on, for it must never end."""
    try:
        step()
    except Exception as error:
        logger.warning("watch_step_failed step=%s error=%s", getattr(step, "__name__", "beat"), type(error).__name__)


def forget_old_heartbeats() -> None:
    """Heartbeats of processes that ended long ago are of no use."""
    Heartbeat.objects.filter(at__lt=timezone.now() - FORGOTTEN).delete()
