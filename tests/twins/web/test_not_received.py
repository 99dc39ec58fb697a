"""An empty panel says whether nothing was recorded of the subject, or the study never received such data."""

import re

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.studies.models import Subject
from apps.studies.services.receiving import note_domains
from tests.factories import DEMOGRAPHICS, SiteFactory, SubjectFactory, write
from tests.twins.web.subjects import panel_url, reader

pytestmark = pytest.mark.django_db

PANELS = [
    ("medications", "CM", "No medication.", "Medications are not in the data."),
    ("history", "MH", "No medical history.", "Medical history is not in the data."),
    ("problems", "AE", "No adverse event.", "Adverse events are not in the data."),
    ("laboratory", "LB", "No laboratory result with a date.", "Laboratory results are not in the data."),
]


@pytest.fixture
def subject() -> Subject:
    found: Subject = SubjectFactory(site=SiteFactory(code="701"))
    write(found, ("DM", DEMOGRAPHICS))
    return found


@pytest.fixture
def client(subject: Subject) -> Client:
    return reader(Role.MEDICAL_MONITOR, subject)[0]


def told(client: Client, subject: Subject, panel: str, query: str = "") -> str:
    markup = client.get(f"{panel_url(subject, panel)}{query}").content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.mark.parametrize(("panel", "domain", "none", "not_in_data"), PANELS)
def test_a_domain_that_never_came_is_not_in_the_data(
    client: Client, subject: Subject, panel: str, domain: str, none: str, not_in_data: str
) -> None:
    text = told(client, subject, panel)
    assert not_in_data in text
    assert f"This study has received no {domain} dataset" in text
    assert none not in text
    assert not re.search(r"\b0 (medication|record|event)", text)


@pytest.mark.parametrize(("panel", "domain", "none", "not_in_data"), PANELS)
def test_a_domain_that_came_without_the_subject_holds_nothing_of_them(
    client: Client, subject: Subject, panel: str, domain: str, none: str, not_in_data: str
) -> None:
    note_domains(subject.study, {(domain, True)})
    text = told(client, subject, panel)
    assert none in text
    assert "not in the data" not in text


def test_a_past_version_knows_no_domain_that_came_later(client: Client, subject: Subject) -> None:
    write(subject, ("MH", {"MHTERM": "GOUT"}))
    assert "Gout" in told(client, subject, "history")
    write(subject, ("CM", {"CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-01"}))
    assert "Medical history is not in the data." in told(client, subject, "history", "?version=1")
    assert "Medications are not in the data." in told(client, subject, "medications", "?version=2")


@pytest.mark.parametrize(
    ("panel", "row", "said"),
    [
        ("medications", ("CM", {"CMTRT": "INSULIN", "CMPRESP": "Y", "CMOCCUR": "N"}), "(CMOCCUR): Insulin."),
        ("history", ("MH", {"MHTERM": "DIABETES", "MHPRESP": "Y", "MHOCCUR": "N"}), "(MHOCCUR): Diabetes."),
    ],
)
def test_what_was_asked_for_and_denied_is_named_below_the_list_and_not_in_it(
    client: Client, subject: Subject, panel: str, row: tuple[str, dict[str, str]], said: str
) -> None:
    write(subject, row)
    text = told(client, subject, panel)
    assert f"Asked for and not recorded as having occurred {said}" in text
    assert "No medication." in text or "No medical history." in text
