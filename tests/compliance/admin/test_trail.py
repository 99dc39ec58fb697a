"""Every row of the trail belongs to a study or to the platform, from when it is written; readers see their own."""

from importlib import import_module

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection
from django.test import Client
from oauth2_provider.models import get_application_model

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.grants import grant_role, revoke_role
from apps.compliance.models import TrailEntry
from apps.studies.models import Study
from tests.compliance.reviews import signed_review
from tests.factories import SiteFactory, StudyFactory, UserFactory, person, treated_subject
from tests.history import plain, rewritable

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]
TRAIL = "/admin/compliance/trailentry/"


@pytest.fixture
def study() -> Study:
    return StudyFactory(code="OWN-1")


@pytest.fixture
def other() -> Study:
    """Another study in which something of every kind happened."""
    other: Study = StudyFactory(code="OTHER-9")
    subject = treated_subject(other, subject_id="OTHER-SUBJECT")
    signed_review(subject)
    someone = person(Role.CRA, other, site=subject.site, username="cra.of.other")
    revoke_role(user=someone, role=Role.CRA, study_code=other.code, site_code=subject.site.code)
    return other


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User) -> str:
    """Every row of the trail that a person can have on their screen, details included."""
    client = browser(user)
    first = client.get(TRAIL)
    count = first.context["page"].paginator.num_pages
    pages = [client.get(TRAIL, {"page": number}).content.decode() for number in range(1, count + 1)]
    for pk in TrailEntry.objects.values_list("pk", flat=True):
        answer = client.get(f"{TRAIL}{pk}/change/")
        if answer.status_code == 200:
            pages.append(answer.content.decode())
    return "".join(pages)


@pytest.mark.requirement("H-a1")
def test_an_auditor_of_one_study_reads_nothing_of_another(study: Study, other: Study) -> None:
    told = shown(person(Role.AUDITOR, study))
    assert "auditor on study OWN-1" in told
    assert "OTHER-9" not in told
    assert "OTHER-SUBJECT" not in told
    assert "safety physician on study OTHER-9" in shown(person(Role.AUDITOR, other))


def test_a_grant_is_a_row_of_its_study_with_who_got_it(study: Study, other: Study) -> None:
    user = person(Role.AUDITOR, study, username="twice")
    site = SiteFactory(study=other)
    grant_role(user=user, role=Role.CRA, study_code=other.code, on=site, site_code=site.code)
    user.groups.set([])
    rows = TrailEntry.objects.get_for_object(user).exclude(study=None).order_by("pk")
    told = [(row.study_id, row.changes["groups"]["operation"], row.changes["groups"]["objects"]) for row in rows]
    auditor, cra = "OWN-1:auditor", f"OTHER-9:cra:{site.code}"
    assert told[:2] == [(study.pk, "add", [auditor]), (other.pk, "add", [cra])]
    assert sorted(told[2:]) == sorted([(study.pk, "delete", [auditor]), (other.pk, "delete", [cra])])


def test_rows_about_grants_sites_reviews_and_signatures_know_their_study(other: Study) -> None:
    kinds = set(TrailEntry.objects.filter(study=other).values_list("content_type__model", flat=True))
    assert kinds == {"study", "site", "group", "groupobjectpermission", "user", "review", "signature"}
    lost = TrailEntry.objects.filter(study=None).exclude(content_type__model="user")
    assert not lost.exists(), list(lost.values_list("content_type__model", "object_repr"))


def test_a_group_that_grants_nothing_and_an_application_are_the_platforms(study: Study) -> None:
    Group.objects.create(name="operators")
    get_application_model().objects.create(name="bridge", user=UserFactory(), client_type="confidential")
    rows = TrailEntry.objects.filter(content_type__model__in=["group", "application"], study=None)
    assert sorted(rows.values_list("content_type__model", flat=True)) == ["application", "group"]


def test_the_platforms_rows_are_for_who_administers_it_and_open_no_study(study: Study, other: Study) -> None:
    Group.objects.create(name="operators")
    platform_auditor = UserFactory(is_staff=True)
    platform_auditor.user_permissions.add(Permission.objects.get(codename="view_trailentry"))
    for reader in (UserFactory(is_superuser=True, is_staff=True), platform_auditor):
        told = shown(reader)
        assert "operators" in told
        assert "OTHER-9" not in told
        assert "OWN-1" not in told
    assert "operators" not in shown(person(Role.AUDITOR, study))
    assert browser(person(Role.SAFETY_PHYSICIAN, study)).get(TRAIL).status_code == 403


def test_a_study_that_was_let_go_is_not_kept_in_the_admins_own_list(study: Study, other: Study) -> None:
    """The admin remembers a person's last acts by name; the trail is the record, and it asks for the grant."""
    user = person(Role.AUDITOR, study)
    LogEntry.objects.log_actions(user.pk, [other], CHANGE, change_message="Kept", single_object=True)
    assert "OTHER-9" not in browser(user).get("/admin/").content.decode()


def test_what_was_written_before_rows_knew_their_study_is_kept_as_the_platforms(study: Study) -> None:
    moved = import_module("apps.compliance.migrations.0004_trail_of_a_study").moved
    kind = ContentType.objects.get_for_model(Study)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO auditlog_logentry (content_type_id, object_pk, object_repr, action, changes_text, timestamp) "
            "VALUES (%s, '7', 'OLD-STUDY', 1, '', '2025-02-03 10:00:00')",
            [kind.pk],
        )
        for statement in moved("auditlog_logentry", "compliance_trailentry"):
            cursor.execute(statement)
        cursor.execute("SELECT count(*) FROM auditlog_logentry")
        assert cursor.fetchone() == (0,)
    kept = TrailEntry.objects.get(object_repr="OLD-STUDY")
    assert (kept.study_id, kept.object_pk, kept.timestamp.year) == (None, "7", 2025)


@pytest.mark.parametrize(
    "forged",
    [
        {"object_pk": "no key"},
        {"object_pk": "9" * 40},
        {"object_pk": "\u0663"},
        {"changes": [1]},
        {"changes": {"state": "signed"}},
        {"changes": {"site": ["no key", "9"], "signer": ["x", "1"], "authors": {"objects": 1}}},
        {"changes": {"signed_at": ["None", "no moment"], "created_at": [1, 2]}},
        {"additional_data": [1]},
        {"additional_data": {"act": "none"}},
    ],
)
def test_a_forged_row_hides_no_other(study: Study, forged: dict[str, object]) -> None:
    signed_review(treated_subject(study))
    auditor = browser(person(Role.AUDITOR, study))
    rows = TrailEntry.objects.filter(study=study, content_type__app_label="compliance")
    with rewritable(TrailEntry._meta.db_table):
        for model in ("review", "signature"):
            entry = rows.filter(content_type__model=model).order_by("-pk")[0]
            plain(TrailEntry).filter(pk=entry.pk).update(**forged)
            assert auditor.get(f"{TRAIL}{entry.pk}/change/").status_code == 200
    assert auditor.get(TRAIL).status_code == 200
