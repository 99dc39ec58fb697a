"""For tests that need a past, or a forger: history that may be rewritten for a moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from django.db import connection

from apps.core.append_only import admit_changes, refuse_changes
from apps.studies.models import ChangeSet, Subject


@contextmanager
def rewritable(table: str) -> Iterator[None]:
    """Take the database's refusal away, as somebody with the keys to it could, and put it back."""
    with connection.cursor() as cursor:
        cursor.execute(admit_changes(connection.vendor, table), ())
        yield
        for statement in refuse_changes(connection.vendor, table):
            cursor.execute(statement, ())


def made_known_at(subject: Subject, moment: datetime) -> None:
    """As if everything known of a subject had been learned at a moment."""
    with rewritable("studies_changeset"):
        ChangeSet.objects.filter(subject=subject).update(known_at=moment)
