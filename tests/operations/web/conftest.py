"""A study with two subjects at one site, and a browser in which a person is signed in."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.studies.models import Site, Study, Subject
from tests.factories import DEMOGRAPHICS, SiteFactory, StudyFactory, SubjectFactory, client_account, write

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path


@pytest.fixture
def study(db: None) -> Study:
    """A blinded study."""
    found: Study = StudyFactory(code="TRIAL", protocol_id="TRIAL")
    return found


@pytest.fixture
def site(study: Study) -> Site:
    """Site 701."""
    found: Site = SiteFactory(study=study, code="701")
    return found


@pytest.fixture
def integrator(study: Study) -> User:
    """Who writes records."""
    return client_account(study)


@pytest.fixture
def subject(site: Site, integrator: User) -> Subject:
    """A subject with demographics only."""
    found: Subject = SubjectFactory(site=site, subject_id="01-701-1001")
    write(found, ("DM", DEMOGRAPHICS), user=integrator)
    return found


@pytest.fixture
def signed_in() -> SignIn:
    """A browser in which a person is signed in."""

    def client_of(user: User) -> Client:
        client = Client()
        client.force_login(user)
        return client

    return client_of
