"""What the trail keeps of changes to accounts and applications, and what it never does: secrets, and mere visits."""

from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import get_application_model

from apps.compliance.models import TrailEntry, TrailLeaf
from apps.compliance.selectors.trail import SEALED, entry_sha256, trail_breaks
from apps.compliance.services.sealing import seal_trail
from apps.studies.models import BlindingRule
from tests.factories import StudyFactory, UserFactory
from tests.history import everything_rewritable

pytestmark = pytest.mark.django_db


def entries() -> list[TrailEntry]:
    return list(TrailEntry.objects.order_by("pk"))


def test_a_visit_is_no_change_of_an_account_and_a_name_is() -> None:
    user = UserFactory()
    before = len(entries())
    for field in ("last_login", "last_seen_at", "previous_visit_at"):
        setattr(user, field, timezone.now())
        user.save(update_fields=[field])
    user.set_password("another-long-password")
    user.save(update_fields=["password"])
    assert len(entries()) == before
    user.printed_name = "Amara Okafor, MD"
    user.save(update_fields=["printed_name"])
    (entry,) = entries()[before:]
    assert entry.changes["printed_name"][1] == "Amara Okafor, MD"


def test_the_secret_of_an_application_is_in_no_entry() -> None:
    application = get_application_model().objects.create(
        name="EDC bridge",
        user=UserFactory(is_service_account=True),
        client_type="confidential",
        authorization_grant_type="client-credentials",
        client_secret="a-secret-nobody-may-read",
    )
    application.client_secret = "another-secret-nobody-may-read"
    application.name = "EDC bridge 2"
    application.save()
    of_it = [entry for entry in entries() if "EDC bridge" in str(entry.changes) or entry.object_repr == "EDC bridge"]
    assert len(of_it) >= 2
    assert not any("client_secret" in entry.changes for entry in of_it)
    assert "nobody-may-read" not in str([entry.changes for entry in entries()])


def test_neither_hidden_labels_nor_names_of_rules_nor_counters_reach_the_trail() -> None:
    study = StudyFactory(code="TRIAL")
    before = len(entries())
    study.variable_labels = {"EX": {"EXZZ": "Marker of the treatment"}}
    study.version, study.head_sha256 = 7, "f" * 64
    study.save()
    assert len(entries()) == before
    BlindingRule.objects.create(study=study, kind="word", name="zolpaxin", reason="It names the treatment")
    told = str([entry.changes for entry in entries()])
    assert "zolpaxin" not in told
    assert "names the treatment" not in told
    assert "Marker" not in told


def test_a_seal_covers_every_column_of_a_row() -> None:
    assert set(SEALED) == {field.attname for field in TrailEntry._meta.concrete_fields}


def test_what_was_sealed_stays_sealed_when_the_library_adds_a_column(monkeypatch: pytest.MonkeyPatch) -> None:
    UserFactory()
    seal_trail()
    rows, sealed = entries(), set(TrailLeaf.objects.values_list("sha256", flat=True))
    fields = (*TrailEntry._meta.concrete_fields, SimpleNamespace(attname="device"))
    monkeypatch.setattr(TrailEntry, "device", "new", raising=False)
    monkeypatch.setitem(TrailEntry._meta.__dict__, "concrete_fields", fields)
    assert {entry_sha256(entry) for entry in rows} == sealed


def test_a_row_of_the_trail_that_was_changed_is_named_by_its_number() -> None:
    UserFactory(username="first")
    UserFactory(username="second")
    seal_trail()
    changed = TrailEntry.objects.order_by("pk")[0]
    assert list(trail_breaks()) == []
    with everything_rewritable(), connection.cursor() as cursor:
        table = TrailEntry._meta.db_table
        cursor.execute(f"UPDATE {table} SET object_repr = 'somebody else' WHERE id = %s", [changed.pk])
    found = [(broken.words, broken.record) for broken in trail_breaks()]
    assert found == [("A row of the trail was changed.", f"row {changed.pk}")]
