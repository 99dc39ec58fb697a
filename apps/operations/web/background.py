"""What every page says while nobody does the work that runs in the background."""

import time

from django.conf import settings
from django.http import HttpRequest

from apps.core.services.jobs import is_worker_alive

_looked: dict[str, tuple[float, bool]] = {}


def background(request: HttpRequest) -> dict[str, object]:
    """`background_is_silent`, asked only where a template shows it."""
    return {"background_is_silent": is_silent}


def is_silent() -> bool:
    """Whether no worker gives a sign of life; looked up every few seconds and not for every page."""
    now = time.monotonic()
    looked_at, silent = _looked.get("worker", (float("-inf"), False))
    if now - looked_at >= settings.WORKER_LOOK_SECONDS:
        silent = not is_worker_alive()
        _looked["worker"] = (now, silent)
    return silent
