"""The API guide is tested: every request it shows is sent, and must be answered with success."""

import re
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest
from django.test import Client
from oauth2_provider.models import get_application_model

from apps.accounts.models import User
from apps.studies.models import Subject
from tests.factories import StudyFactory, client_account, treated_subject

GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api" / "README.md"
BLOCK = re.compile(r"```http\n(.*?)```", re.DOTALL)
REQUEST = re.compile(r"^(GET|POST) (\S+)$")
SECRET = "a secret of the tests"


@dataclass(frozen=True, slots=True)
class Shown:
    """One request as the guide shows it."""

    method: str
    path: str
    body: str


def shown_requests() -> list[Shown]:
    """Every request of every block, in the order of the guide."""
    return [request for block in BLOCK.findall(GUIDE.read_text(encoding="utf-8")) for request in _requests(block)]


def _requests(block: str) -> Iterator[Shown]:
    lines = block.splitlines()
    starts = [number for number, line in enumerate(lines) if REQUEST.match(line)]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        method, path = lines[start].split(" ")
        yield Shown(method, path, "\n".join(lines[start + 1 : end]).strip())


@pytest.fixture
def subject(db: None) -> Subject:
    return treated_subject(StudyFactory(), subject_id="01-718-1371")


@pytest.fixture
def account(subject: Subject) -> User:
    return client_account(subject.study)


def sent(client: Client, request: Shown, subject: Subject, token: str) -> int:
    """Status of a request with its placeholders filled."""
    path = request.path.replace("{code}", subject.study.code).replace(
        "{subject_id}", quote(subject.subject_id, safe="")
    )
    headers = {"Authorization": f"Bearer {token}"}
    if request.method == "GET":
        return client.get(path, headers=headers).status_code
    body = request.body.replace("{subject_id}", subject.subject_id)
    return client.post(path, body, content_type="application/json", headers=headers).status_code


def test_the_guide_shows_requests() -> None:
    methods = [(request.method, bool(request.body)) for request in shown_requests()]
    assert methods.count(("GET", False)) >= 5
    assert methods.count(("POST", True)) >= 3


def test_every_request_of_the_guide_succeeds(subject: Subject, account: User) -> None:
    token_request, *requests = shown_requests()
    token = token_of(account, token_request)
    statuses = {f"{r.method} {r.path}": sent(Client(), r, subject, token) for r in requests}
    assert {where: status for where, status in statuses.items() if not 200 <= status < 300} == {}


def token_of(account: User, request: Shown) -> str:
    """A token got as the guide says: client credentials with basic authentication."""
    model = get_application_model()
    application = model.objects.create(
        name="Integrator",
        user=account,
        client_type=model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
        client_secret=SECRET,
    )
    client = Client()
    basic = client_credentials(application.client_id)
    answer = client.post(
        request.path, request.body, content_type="application/x-www-form-urlencoded", headers={"Authorization": basic}
    )
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def client_credentials(client_id: str) -> str:
    """The value of a basic Authorization header."""
    return "Basic " + b64encode(f"{client_id}:{SECRET}".encode()).decode()
