"""A study with a data manager, and somewhere to keep the files of its imports."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Study
from tests.factories import StudyFactory, person

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path


@pytest.fixture
def study(db: None) -> Study:
    """A blinded study without data."""
    found: Study = StudyFactory(code="TRIAL", protocol_id="TRIAL")
    return found


@pytest.fixture
def manager(study: Study) -> User:
    """Who may import."""
    return person(Role.DATA_MANAGER, study, printed_name="Priya Raman")


@pytest.fixture
def signed_in() -> SignIn:
    """A browser in which a person is signed in."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of
