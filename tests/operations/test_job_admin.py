"""Background work in the admin: read only, scoped, and retried through the service."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.models import Job, JobState
from tests.factories import StudyFactory, UserFactory, person

pytestmark = pytest.mark.django_db

LIST = "/admin/core/job/"


def job(scope: str, **values: Any) -> Job:
    given = {"kind": "check-currency", "scope": scope, "state": JobState.FAILED, "is_dead_letter": True}
    return Job.objects.create(**{**given, "error": f"Unexpected ValueError in {scope}.", **values})


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_a_reader_sees_the_work_of_their_studies_and_the_operator_all_of_it() -> None:
    study = StudyFactory(code="MINE")
    job("MINE")
    job("OTHER")
    job("")
    monitor = signed_in(person(Role.MEDICAL_MONITOR, study)).get(LIST).content.decode()
    assert "ValueError in MINE" in monitor
    assert "ValueError in OTHER" not in monitor
    operator = signed_in(UserFactory(is_superuser=True, is_staff=True)).get(LIST).content.decode()
    assert all(f"ValueError in {scope}." in operator for scope in ("MINE", "OTHER", ""))


@pytest.mark.requirement("E6-411")
def test_the_words_of_a_refusal_are_not_in_the_admin() -> None:
    job("MINE", is_dead_letter=False, error="MARKER dose 54")
    page = signed_in(UserFactory(is_superuser=True, is_staff=True)).get(LIST).content.decode()
    assert "MARKER" not in page
    assert "Refused" in page


def test_the_action_retries_what_was_given_up_and_says_why_not_for_the_rest() -> None:
    study = StudyFactory(code="MINE")
    dead, done = job("MINE"), job("MINE", state=JobState.DONE, is_dead_letter=False)
    client = signed_in(person(Role.MEDICAL_MONITOR, study))
    page = client.post(LIST, {"action": "try_again", "_selected_action": [dead.pk, done.pk]}, follow=True)
    text = page.content.decode()
    assert "is tried again" in text
    assert "Only a job that was given up" in text
    dead.refresh_from_db()
    done.refresh_from_db()
    assert (dead.state, done.state) == (JobState.QUEUED, JobState.DONE)


def test_who_lacks_the_right_to_the_work_is_told_so() -> None:
    study = StudyFactory(code="MINE")
    dead = job("MINE", kind="import")
    client = signed_in(person(Role.MEDICAL_MONITOR, study))
    page = client.post(LIST, {"action": "try_again", "_selected_action": [dead.pk]}, follow=True)
    assert "import data" in page.content.decode()
    dead.refresh_from_db()
    assert dead.state == JobState.FAILED


def test_the_operator_may_retry_what_belongs_to_no_study() -> None:
    dead = job("")
    client = signed_in(UserFactory(is_superuser=True, is_staff=True))
    client.post(LIST, {"action": "try_again", "_selected_action": [dead.pk]})
    dead.refresh_from_db()
    assert dead.state == JobState.QUEUED
