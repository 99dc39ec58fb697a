"""A repeated request with the same key gets the first answer and changes nothing."""

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.domain.errors import ConflictError, InvalidInputError
from apps.core.models import IdempotencyKey

KEPT_FOR = timedelta(hours=24)
Answer = tuple[int, dict[str, object]]


def answer_once(*, principal_id: int, key: str, body_sha256: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` once per principal and key; raises InvalidInputError for another body, ConflictError in flight."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    try:
        with transaction.atomic():
            row = IdempotencyKey.objects.create(principal_id=principal_id, key=key, body_sha256=body_sha256)
    except IntegrityError:
        return _earlier_answer(principal_id, key, body_sha256)
    try:
        status, answer = act()
    except BaseException:
        row.delete()
        raise
    row.status, row.answer = status, answer
    row.save(update_fields=["status", "answer"])
    return status, answer


def _earlier_answer(principal_id: int, key: str, body_sha256: str) -> Answer:
    row = IdempotencyKey.objects.get(principal_id=principal_id, key=key)
    if row.body_sha256 != body_sha256:
        raise InvalidInputError("This Idempotency-Key was used with another body. Send a new key for a new request.")
    if row.status is None or row.answer is None:
        raise ConflictError("A request with this Idempotency-Key is still being carried out. Try again shortly.")
    return row.status, row.answer
