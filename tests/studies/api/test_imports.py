"""Imports through the API: taken in, followed, and accounted for in the caller's own projection."""

from pathlib import Path
from typing import Any

import pytest
from pytest_django.fixtures import Settings
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Site, Study, Subject
from tests.architecture.portal import run_waiting
from tests.factories import StudyFactory, client_account, person
from tests.studies.services.packages import Package, dm, ex, files_of

pytestmark = pytest.mark.django_db
PACKAGE: Package = {"DM": [dm(1), dm(2, SITEID="702")], "EX": [ex(1, 54)]}
URL = "/api/v1/studies/TRIAL/imports/"


@pytest.fixture
def study(settings: Settings, tmp_path: Path) -> Study:
    settings.IMPORT_FILES_DIR = tmp_path
    found: Study = StudyFactory(code="TRIAL", protocol_id="S1")
    return found


def reader(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def sent(client: APIClient, **options: Any) -> str:
    answer = client.post(URL, {"files": files_of(PACKAGE), **options}, format="multipart")
    assert answer.status_code == 202, answer.content
    return f"{URL}{answer.json()['id']}/"


def test_an_import_is_followed_to_its_receipt(study: Study) -> None:
    client = reader(client_account(study))
    url = sent(client, reason="Cut of June")
    assert client.get(url).json()["state"] == "checking"
    run_waiting()
    body = client.get(url).json()
    assert (body["state"], body["progress"]["done"], body["receipt"]["new"]) == ("done", 2, 3)


def test_a_dry_run_writes_nothing(study: Study) -> None:
    client = reader(client_account(study))
    url = sent(client, dry_run="true")
    run_waiting()
    assert client.get(url).json()["state"] == "done"
    assert client.get(url).json()["receipt"]["new"] == 3
    assert not Subject.objects.exists()


@pytest.mark.requirement("E6-411")
def test_each_reader_is_given_the_receipt_of_what_they_may_see(study: Study) -> None:
    url = sent(reader(client_account(study)))
    run_waiting()
    monitor = reader(person(Role.MEDICAL_MONITOR, study)).get(url).json()["receipt"]
    assert monitor["new"] == 2
    cra = reader(person(Role.CRA, study, site=Site.objects.get(code="702"))).get(url).json()["receipt"]
    assert cra == {"subjects": ["01-701-2"], "vanished": []}
