"""The address of a page's socket leads to the socket of that very subject, whatever its identifier holds."""

import re
from html import unescape
from urllib.parse import unquote, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roles import Role
from clinical_platform.routing import websocket
from tests.factories import SiteFactory, StudyFactory, SubjectFactory, person, write

pytestmark = pytest.mark.django_db
IDENTIFIERS = ["01-701-1015", "EU/701/0042", "S 1", "S?1", "S#1", "S%1", "S%2F1", "S&1", 'S"1', "Sä1", "S+1", "S;1"]


@pytest.mark.parametrize("identifier", IDENTIFIERS)
def test_the_socket_of_a_page_is_that_of_its_subject(identifier: str) -> None:
    study = StudyFactory(code="TRIAL 1%")
    subject = SubjectFactory(site=SiteFactory(study=study), subject_id=identifier)
    write(subject, ("VS", {"VSTESTCD": "PULSE", "VSORRES": "70"}))
    client = Client()
    client.force_login(person(Role.MEDICAL_MONITOR, study))
    page = client.get(reverse("subject", args=[study.code, identifier])).content.decode()
    (found,) = re.findall(r'data-live-url="([^"]*)"', page)
    address = urlsplit(unescape(found))
    assert (address.query, address.fragment) == ("", "")
    routes = websocket.inner.routes
    match = routes[0].pattern.match(unquote(address.path).removeprefix("/"))
    assert match[2] == {"code": study.code, "subject_id": identifier}
