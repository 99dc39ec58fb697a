"""The database refuses to change history, whoever asks it (requirement P11-10e)."""

import pytest
from django.db import DatabaseError, connection, transaction

from apps.studies.models import RecordRevision
from tests.factories import StudyFactory, treated_subject

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]


@pytest.mark.parametrize(
    "forgery",
    ["UPDATE studies_changeset SET reason = 'rewritten'", "UPDATE studies_recordrevision SET domain = 'rewritten'"],
)
def test_history_cannot_be_rewritten_in_sql(forgery: str) -> None:
    treated_subject(StudyFactory())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forgery)
    assert not RecordRevision.objects.filter(domain="rewritten").exists()


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite refuses deletion in the ORM only")
def test_history_cannot_be_deleted_in_sql() -> None:
    treated_subject(StudyFactory())
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM studies_recordrevision")
