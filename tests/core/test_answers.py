"""Every answer is private, and every error has the one shape."""

import pytest
from django.test import Client
from rest_framework.test import APIClient

from tests.factories import StudyFactory, client_account, treated_subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> APIClient:
    found = APIClient()
    found.force_authenticate(client_account(treated_subject(StudyFactory(code="TRIAL")).study))
    return found


@pytest.mark.parametrize("path", ["/", "/sign-in/", "/api/v1/studies/", "/health/live", "/nowhere/"])
def test_no_cache_keeps_an_answer_and_it_varies_by_identity(path: str) -> None:
    answer = Client().get(path)
    assert answer["Cache-Control"] == "private, no-store"
    assert {"Authorization", "Cookie"} <= {name.strip() for name in answer["Vary"].split(",")}


@pytest.mark.parametrize(
    ("path", "body", "status", "kind"),
    [
        ("/api/v1/studies/NONE/subjects/", None, 404, "not-found"),
        ("/api/v1/studies/TRIAL/subjects/?page=99", None, 404, "not-found"),
        ("/api/v1/studies/TRIAL/records/", "{not json", 400, "bad-request"),
        ("/api/v1/studies/TRIAL/records/", "{}", 400, "invalid"),
        ("/api/v1/studies/TRIAL/records/", None, 405, "method-not-allowed"),
    ],
)
def test_an_error_is_a_problem_document(client: APIClient, path: str, body: str | None, status: int, kind: str) -> None:
    answer = client.get(path) if body is None else client.post(path, body, content_type="application/json")
    assert answer.status_code == status
    assert answer["Content-Type"].startswith("application/problem+json")
    problem = answer.json()
    assert {"type", "title", "status", "detail"} <= problem.keys()
    assert (problem["type"], problem["status"]) == (f"about:blank#{kind}", status)


def test_without_proof_of_identity_a_client_is_told_how_to_prove_it() -> None:
    answer = APIClient().get("/api/v1/studies/")
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"].startswith("Bearer")
    assert answer["Content-Type"].startswith("application/problem+json")


def test_an_expected_error_of_a_page_is_a_page_with_its_words() -> None:
    reader = Client()
    reader.force_login(client_account(StudyFactory()), backend="django.contrib.auth.backends.ModelBackend")
    answer = reader.get("/studies/NONE/")
    assert answer.status_code == 404
    assert "No study that you may see has this code." in answer.content.decode()
