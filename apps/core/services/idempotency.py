"""A repeated request with the same key gets the first answer and changes nothing."""

from collections.abc import Callable
from datetime import timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.core.domain.canonical import sha256_hex
from apps.core.domain.errors import InvalidInputError
from apps.core.models import IdempotencyKey

KEPT_FOR = timedelta(hours=24)
Answer = tuple[int, dict[str, object]]


def digest_of(body: object) -> str:
    """One digest for bodies that say the same, in whatever order; raises InvalidInputError for what cannot be kept."""
    try:
        return sha256_hex(body)
    except TypeError as error:
        raise InvalidInputError("The body holds a number or a text that the portal cannot keep.") from error


def answer_once(*, principal_id: int, key: str, body_sha256: str, act: Callable[[], Answer]) -> Answer:
    """Run `act` once per principal and key; raises InvalidInputError for the same key with another body.

    What `act` writes and its answer are one transaction: a process killed after the commit has answered for good,
    one killed before it has left no trace. A repetition that comes while the first is under way waits for it.
    """
    with transaction.atomic():
        row = _claimed(principal_id, key, body_sha256)
        if row.answer is None:
            row.status, row.answer = act()
            row.save(update_fields=["status", "answer"])
        elif row.body_sha256 != body_sha256:
            raise InvalidInputError(
                "This Idempotency-Key was used with another body. Send a new key for a new request."
            )
    return row.status, row.answer


def _claimed(principal_id: int, key: str, body_sha256: str) -> IdempotencyKey:
    """The row of the key: new, without an answer, or the one of an earlier request with its answer."""
    own = IdempotencyKey.objects.filter(principal_id=principal_id, key=key)
    # The sweep may be late: a key whose day is over is free again now.
    own.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
    try:
        # A savepoint: on PostgreSQL the refused insertion would end the whole transaction.
        with transaction.atomic():
            return IdempotencyKey.objects.create(principal_id=principal_id, key=key, body_sha256=body_sha256)
    except IntegrityError:
        # The insertion waited until the first request had committed, so its answer is there.
        return own.get()


def forget_old_answers() -> None:
    """Sweep: answers are kept for a day."""
    IdempotencyKey.objects.filter(created_at__lt=timezone.now() - KEPT_FOR).delete()
