"""History is written once: no way through the ORM, and no SQL, changes or removes it (requirement P11-10e)."""

from collections.abc import Callable
from contextlib import suppress

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone

from apps.compliance.guards import FIXED
from apps.compliance.models import Review, ReviewTransition, Signature, TrailEntry
from apps.core.append_only import AppendOnly
from apps.core.domain.errors import NotAllowedError
from apps.core.guards import guarded_tables, history_tables, missing_refusals, put_refusals
from apps.narratives.models import CurrencyChange, NarrativeVersion
from apps.studies.models import ChangeSet, RecordRevision, Subject
from tests.compliance.reviews import signed_review
from tests.factories import StudyFactory, treated_subject, write
from tests.history import as_owner, plain

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]

HISTORY = (ChangeSet, RecordRevision, ReviewTransition, Signature, NarrativeVersion, CurrencyChange, TrailEntry)
Way = Callable[[type[AppendOnly], AppendOnly], object]


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def review(subject: Subject) -> Review:
    """A signed review whose narrative has since gone stale, so that every table of history has rows."""
    review = signed_review(subject)
    write(subject, ("AE", {"AESPID": "E01", "AEOUT": "FATAL"}))
    CurrencyChange.objects.create(
        version=NarrativeVersion.objects.get(review=review), from_value="current", to_value="stale_cited"
    )
    return review


def _again(model: type[AppendOnly], row: AppendOnly) -> AppendOnly:
    """A new instance with the key of a row that exists."""
    return model(**{field.attname: getattr(row, field.attname) for field in model._meta.concrete_fields})


WAYS: dict[str, Way] = {
    "save": lambda model, row: row.save(),
    "save some fields": lambda model, row: row.save(update_fields=[model._meta.pk.name]),
    "delete": lambda model, row: row.delete(),
    "update": lambda model, row: model.objects.all().update(pk=row.pk),
    "update of base manager": lambda model, row: model._base_manager.filter(pk=row.pk).update(pk=row.pk),
    "delete all": lambda model, row: model.objects.all().delete(),
    "raw delete": lambda model, row: model.objects.filter(pk=row.pk)._raw_delete("default"),
    "update or create": lambda model, row: model.objects.update_or_create(pk=row.pk, defaults={}),
    "bulk update": lambda model, row: model.objects.bulk_update([row], [model._meta.concrete_fields[-1].name]),
    "upsert": lambda model, row: model.objects.bulk_create([row], ignore_conflicts=True),
    "save of another instance": lambda model, row: _again(model, row).save(),
    "plain update": lambda model, row: plain(model).update(**{model._meta.pk.name: models.F("pk")}),
    "plain delete": lambda model, row: plain(model)._raw_delete("default"),
}


@pytest.mark.parametrize("way", WAYS)
def test_no_way_through_the_orm_rewrites_history(review: Review, way: str) -> None:
    for model in HISTORY:
        row = model.objects.order_by("pk")[0]
        before = list(model.objects.order_by("pk").values())
        with pytest.raises((NotAllowedError, DatabaseError)), transaction.atomic():
            WAYS[way](model, row)
        assert list(model.objects.order_by("pk").values()) == before, model


def test_every_table_of_history_is_known_by_its_base() -> None:
    assert {model._meta.db_table for model in HISTORY} | {"compliance_review_authors"} <= set(history_tables())


@pytest.mark.parametrize("table", ["compliance_review_authors", *(model._meta.db_table for model in HISTORY)])
def test_no_sql_rewrites_history_not_even_its_owners(review: Review, table: str) -> None:
    same = f"INSERT INTO {table} ({_columns(table)}) SELECT {_columns(table)} FROM {table} WHERE true"
    upsert = f"{same} ON CONFLICT (id) DO UPDATE SET id = 1"
    forgeries = [f"UPDATE {table} SET id = id", f"DELETE FROM {table}", upsert]
    if connection.vendor == "postgresql":
        forgeries += [f"TRUNCATE {table} CASCADE"]
    else:
        forgeries += [f"{verb} INTO {table} SELECT * FROM {table}" for verb in ("REPLACE", "INSERT OR IGNORE")]
    for forgery in forgeries:
        with as_owner(), pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(forgery)


def _columns(table: str) -> str:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return ", ".join(f'"{column.name}"' for column in found)


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL has no REPLACE")
def test_a_row_is_not_replaced_under_another_key(review: Review) -> None:
    """`REPLACE` removes whatever row has the same unique value, and fires no trigger of deletion."""
    row = NarrativeVersion.objects.values().get()
    columns = ", ".join(f'"{name}"' for name in row if name != "id")
    forged = f"REPLACE INTO narratives_narrativeversion ({columns}) SELECT {columns} FROM narratives_narrativeversion"
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(forged)
    assert NarrativeVersion.objects.values().get() == row


def test_the_first_record_of_a_study_is_no_replacement_of_its_subjects_first(subject: Subject) -> None:
    """A number that is unique among the study's own change sets is taken by none of a subject's."""
    template = ChangeSet.objects.filter(subject=subject).values().get()
    del template["id"]
    ChangeSet.objects.create(**{**template, "subject_id": None})
    with pytest.raises(DatabaseError), transaction.atomic():
        ChangeSet.objects.create(**{**template, "subject_id": None})
    assert ChangeSet.objects.count() == 2


@pytest.mark.skipif(connection.vendor == "postgresql", reason="PostgreSQL keeps triggers when it alters a table")
def test_a_migration_that_rebuilds_a_table_does_not_leave_it_open(
    subject: Subject, caplog: pytest.LogCaptureFixture
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER studies_recordrevision_refuse_update")
    assert missing_refusals(connection) == ["studies_recordrevision"]
    put_refusals(apps.get_app_config("studies"), "default")
    assert missing_refusals(connection) == []
    assert "refusals_put_back table=studies_recordrevision names=studies_recordrevision_refuse_update" in caplog.text


def test_every_refusal_is_in_place() -> None:
    assert missing_refusals(connection) == []
    assert "compliance_review" in guarded_tables()


@pytest.mark.parametrize("state", ["draft", "in_review", "superseded", "withdrawn"])
def test_the_state_of_a_review_moves_only_with_a_step(review: Review, state: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(state=state)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        plain(Review).filter(pk=review.pk).update(state=models.Value(state))
    assert Review.objects.get(pk=review.pk).state == "signed"


@pytest.mark.parametrize("to_state", ["draft", "in_review", "withdrawn"])
def test_a_step_that_the_workflow_does_not_know_is_not_added(review: Review, to_state: str) -> None:
    for step, from_state in (("supersede", "signed"), ("sign", "in_review")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            ReviewTransition.objects.create(
                review=review, step=step, from_state=from_state, to_state=to_state, actor_name="Somebody"
            )


@pytest.mark.parametrize(
    "change",
    [
        {"content_sha256": "0" * 64},
        {"content_version": 7},
        {"title": "Another"},
        {"blinding_class": "treatment"},
        {"created_at": timezone.now()},
    ],
)
def test_what_a_review_is_about_never_changes(review: Review, change: dict[str, object]) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Review.objects.filter(pk=review.pk).update(**change)
    with pytest.raises((DatabaseError, models.ProtectedError)), transaction.atomic():
        review.delete()


def test_nothing_of_a_review_moves_but_its_state_and_its_site() -> None:
    columns = {field.column for field in Review._meta.concrete_fields}
    assert columns - set(FIXED) == {"state", "moved_at", "site_id"}


def test_a_review_begins_as_a_draft(review: Review) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        Review.objects.create(
            study=review.study,
            site=review.site,
            content_kind="safety narrative",
            content_id="another",
            content_version=1,
            content_sha256="0" * 64,
            state="signed",
        )


def test_an_author_is_never_taken_off_a_version(review: Review) -> None:
    with pytest.raises(DatabaseError, match=r"append-only|permission denied"), transaction.atomic():
        review.authors.clear()
    assert review.authors.exists()


def test_the_trail_is_not_flushed_by_its_librarys_command(review: Review) -> None:
    before = TrailEntry.objects.count()
    for arguments in (["--yes"], ["--yes", "--truncate"]):
        with suppress(NotAllowedError, DatabaseError), transaction.atomic():
            call_command("auditlogflush", *arguments)
        assert TrailEntry.objects.count() == before
