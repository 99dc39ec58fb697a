"""Whether the portal is up and may be given work."""

from channels.layers import InMemoryChannelLayer
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from redis.exceptions import RedisError

from apps.core.layers import channel_layer, send_to_group
from apps.core.services.jobs import is_worker_alive
from apps.operations.services.readiness import is_loading


def live(request: HttpRequest) -> JsonResponse:
    """200 while the process answers at all."""
    return JsonResponse({"status": "up"})


def ready(request: HttpRequest) -> JsonResponse:
    """200 when pages can be served: the database answers and nothing is being loaded; else 503 with what is not.

    A lost channel layer or job worker takes no process of pages out of service: writes are kept, messages and jobs
    made up for later. They are named under `degraded`.
    """
    database = _database_answers()
    checks = {"database": database, "loaded": database and not is_loading()}
    work = {"channel_layer": _layer_answers(), "job_worker": database and is_worker_alive()}
    up = all(checks.values())
    answer = {
        "status": "ready" if up else "not ready",
        "checks": {**checks, **work},
        "degraded": sorted(name for name, answers in work.items() if not answers),
    }
    return JsonResponse(answer, status=200 if up else 503)


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _layer_answers() -> bool:
    # A layer in memory is part of this process, which is answering.
    if isinstance(channel_layer(), InMemoryChannelLayer):
        return True
    try:
        send_to_group("health", {"kind": "health"})
    except (OSError, RedisError):
        return False
    return True
