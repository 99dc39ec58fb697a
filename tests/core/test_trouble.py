"""Back-pressure: what the portal cannot do just now is answered at once, in words, with when to come again."""

import errno
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.services import trouble
from apps.core.services.jobs import beat
from apps.operations.web import home as home_page
from apps.studies.api import scope
from tests.factories import StudyFactory, person

pytestmark = pytest.mark.django_db


def failing(error: Exception) -> Callable[..., None]:
    def fail(*args: object, **kwargs: object) -> None:
        raise error

    return fail


@pytest.fixture
def user() -> User:
    return person(Role.MEDICAL_MONITOR, StudyFactory(code="TRIAL"))


@pytest.fixture
def client(user: User) -> Client:
    found = Client(raise_request_exception=False)
    found.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return found


@pytest.mark.parametrize("error", [OperationalError("MARKER"), InterfaceError("MARKER")])
def test_the_api_answers_with_a_problem_document_that_says_when_to_come_again(
    user: User, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    client = APIClient()
    client.force_authenticate(user)
    monkeypatch.setattr(scope, "visible_study", failing(error))
    answer = client.get("/api/v1/studies/TRIAL/subjects/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "about:blank#unavailable"
    assert "MARKER" not in answer.content.decode()


def test_a_page_says_so_without_asking_the_database_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_page, "note_presence", failing(OperationalError("MARKER")))
    answer = client.get("/")
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "not available just now" in answer.content.decode()
    assert "MARKER" not in answer.content.decode()


@pytest.mark.parametrize(
    ("path", "kind"), [("/api/v1/studies/", "application/problem+json"), ("/", "text/html; charset=utf-8")]
)
def test_a_database_lost_before_the_view_is_no_fault_of_the_server(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str, kind: str
) -> None:
    """Who is signed in is asked in middleware, where no view's handler sees the error."""
    monkeypatch.setattr("django.contrib.auth.middleware.get_user", failing(OperationalError("MARKER")))
    answer = client.get(path)
    assert (answer.status_code, answer["Content-Type"], answer["Retry-After"]) == (503, kind, "5")


def test_an_unexpected_fault_under_the_api_is_a_problem_document_too(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scope, "visible_study", failing(ValueError("MARKER")))
    answer = client.get("/api/v1/studies/TRIAL/subjects/")
    assert (answer.status_code, answer["Content-Type"]) == (500, "application/problem+json")
    assert "Retry-After" not in answer
    assert "MARKER" not in answer.content.decode()
    monkeypatch.setattr(home_page, "note_presence", failing(ValueError("MARKER")))
    assert "The portal failed" in client.get("/").content.decode()


def test_a_full_disk_is_named(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(home_page, "note_presence", failing(OSError(errno.ENOSPC, "MARKER")))
    answer = client.get("/")
    assert answer.status_code == 507
    assert "disk" in answer.content.decode()
    assert trouble.trouble_of(OSError(errno.EPERM, "MARKER")) is None
    assert trouble.trouble_of(None) is None


def test_a_page_says_that_background_work_waits_and_only_then(client: Client) -> None:
    assert "Background work is not running" in client.get("/").content.decode()
    beat("worker")
    assert "Background work is not running" not in client.get("/").content.decode()


def test_who_is_not_signed_in_is_not_told() -> None:
    assert "Background work" not in Client().get("/sign-in/").content.decode()
