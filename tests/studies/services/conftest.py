"""A study, who may import into it, and a folder of the test's own for the files of its imports."""

from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Study
from tests.factories import StudyFactory, client_account, person


@pytest.fixture(autouse=True)
def _own_folder(settings: Settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path / "imports"


@pytest.fixture
def study(db: None) -> Study:
    """A blinded study that knows its STUDYID and holds nothing."""
    found: Study = StudyFactory(code="TRIAL", protocol_id="S1")
    return found


@pytest.fixture
def manager(study: Study) -> User:
    """Who may import; blinded."""
    return person(Role.DATA_MANAGER, study, printed_name="Priya Raman")


@pytest.fixture
def importer(study: Study) -> User:
    """A program that brings whole cuts in; unblinded."""
    return client_account(study)
