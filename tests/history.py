"""For tests that need a past, or a forger: history that may be rewritten for a moment."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import TypeVar

from django.db import connection, models
from django.db.backends.utils import CursorWrapper
from django.db.models import QuerySet

from apps.core.guards import admit_changes, guarded_tables, refuse_changes
from apps.studies.models import ChangeSet, Subject

Row = TypeVar("Row", bound=models.Model)


@contextmanager
def as_owner() -> Iterator[CursorWrapper]:
    """A cursor with the rights of who owns the tables; on PostgreSQL the portal itself is another role."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            yield cursor
            return
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        cursor.execute("RESET ROLE")
        yield cursor
        cursor.execute(f"SET ROLE {role}")


@contextmanager
def rewritable(*tables: str) -> Iterator[CursorWrapper]:
    """Take the database's refusal away, as somebody with the keys to it could, and put it back."""
    with as_owner() as cursor:
        _settle(cursor)
        for table in tables:
            admit_changes(cursor, table)
        yield cursor
        _settle(cursor)
        for table in tables:
            refuse_changes(cursor, table)


def _settle(cursor: CursorWrapper) -> None:
    """PostgreSQL alters no table of which a deferred check of this transaction is still to come."""
    if connection.vendor == "postgresql":
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def everything_rewritable() -> AbstractContextManager[CursorWrapper]:
    """The same for every table that refuses, as emptying a test database needs."""
    return rewritable(*guarded_tables())


def plain(model: type[Row]) -> QuerySet[Row]:
    """Rows of a table through a queryset that refuses nothing, as a forger would write it."""
    return QuerySet(model)


def made_known_at(subject: Subject, moment: datetime) -> None:
    """As if everything known of a subject had been learned at a moment."""
    with rewritable("studies_changeset"):
        plain(ChangeSet).filter(subject=subject).update(known_at=moment)
