"""Nothing a blinded reader can fetch holds a hidden value, or a number that moves when only hidden values move.

Marker values stand in every hidden domain and variable, in their reasons and in rejected files. Every address of the
URL configuration that answers GET is read before and after a change that blinded readers must not notice.
"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.test import Client
from pytest_django.fixtures import Settings

from apps.accounts.models import User
from apps.studies.domain.variables import blinding_class, domain_is_hidden
from apps.studies.models import Record
from tests.architecture.portal import Portal, run_waiting, small_portal
from tests.architecture.test_access_matrix import MATRIX
from tests.factories import write
from tests.studies.services.packages import ex, imported

pytestmark = pytest.mark.django_db

MARKER = "MARKER"
HIDDEN_DOMAINS = ("EX", "EC", "DA", "PC", "PP", "IS", "SE")
ARMS = ("ARM", "ARMCD", "ACTARM", "ACTARMCD")
NEVER_THE_SAME = re.compile(
    r'csrfmiddlewaretoken"\s+value="[^"]+"|"X-CSRFToken": "[^"]+"|nonce="[^"]+"|^(?:Expires|Last-Modified): .*$',
    re.MULTILINE,
)
# These answer by the state of the machines, or hold a token of the form beside nothing of a study.
NOT_OF_A_STUDY = {"health/ready", "api/v1/docs/"}


def hidden_rows(mark: str) -> list[tuple[str, dict[str, object]]]:
    """One record of every hidden domain and every hidden variable, all with the mark."""
    rows: list[tuple[str, dict[str, object]]] = [
        ("EX", {"EXTRT": f"{mark}EXTRT", "EXDOSE": 54, "EXSTDTC": "2013-04-26", "EXADJ": f"{mark}EXADJ"}),
        ("EC", {"ECTRT": f"{mark}ECTRT", "ECSTDTC": "2013-04-26"}),
        ("SE", {"ETCD": f"{mark}ETCD", "ELEMENT": f"{mark}ELEMENT", "SESTDTC": "2013-04-26", "SEUPDES": f"{mark}UP"}),
        ("DM", {name: f"{mark}{name}" for name in ARMS}),
    ]
    for domain in ("DA", "PC", "PP", "IS"):
        rows.append((domain, {f"{domain}TESTCD": f"{mark}T", f"{domain}ORRES": f"{mark}{domain}"}))
    return rows


@pytest.fixture
def portal(db: None, settings: Settings, tmp_path: Path) -> Portal:
    """A portal with a marker in every hidden place, rejected rows and reasons included."""
    settings.IMPORT_FILES_DIR = tmp_path
    found = small_portal()
    write(found.subject, *hidden_rows(f"{MARKER}1"), user=found.people["client"], reason=f"{MARKER} dose known")
    broken = {**ex(1, 54), "EXSTDTC": f"{MARKER}-2013"}
    imported(found.people["client"], found.study, {"EX": [broken]}, check_only=True)
    run_waiting()
    return found


def signed_in(user: User) -> Client:
    """A reader signed in; the trail tells of each sign-in, so the same one reads before and after."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def seen_by(portal: Portal, client: Client) -> dict[str, str]:
    """Body and headers of every address that a reader gets something from."""
    found = {}
    for row in MATRIX:
        if row.method != "GET" or row.route in NOT_OF_A_STUDY:
            continue
        path = portal.fill(row.path)
        answer = client.get(path)
        if answer.status_code == 200:
            headers = "".join(f"{name}: {value}\n" for name, value in sorted(answer.headers.items()))
            found[path] = headers + answer.content.decode()
    return found


def test_the_markers_stand_in_every_hidden_domain_and_variable(portal: Portal) -> None:
    domains = set(Record.objects.filter(subject=portal.subject).values_list("domain", flat=True))
    assert {domain for domain in domains if domain_is_hidden(domain)} == set(HIDDEN_DOMAINS)
    values = Record.objects.get(subject=portal.subject, domain="DM").values
    assert {name for name in values if blinding_class("DM", name).value != "open"} == set(ARMS)


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize("role", ["cra", "monitor", "author", "physician", "manager", "auditor"])
def test_no_blinded_reader_meets_a_marker_anywhere(portal: Portal, role: str) -> None:
    pages = seen_by(portal, signed_in(portal.people[role]))
    assert len(pages) > 30
    assert [path for path, text in pages.items() if MARKER in text] == []


def test_an_unblinded_reader_does_meet_them(portal: Portal) -> None:
    pages = seen_by(portal, signed_in(portal.people["client"]))
    twin = f"/api/v1/studies/{portal.study.code}/subjects/{portal.subject.subject_id}/twin/"
    assert f"{MARKER}1ETCD" in pages[twin]
    assert sum(MARKER in text for text in pages.values()) > 4


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize("role", ["cra", "monitor", "auditor"])
def test_nothing_moves_for_a_blinded_reader_when_only_treatment_moves(portal: Portal, role: str) -> None:
    reader = signed_in(portal.people[role])
    with time_machine.travel(datetime.now(UTC), tick=False):
        before = seen_by(portal, reader)
        write(portal.subject, *hidden_rows(f"{MARKER}2"), user=portal.people["client"], reason=f"{MARKER} second")
        run_waiting()
        after = seen_by(portal, reader)
    assert before.keys() == after.keys()
    moved = {path: _new_lines(before[path], after[path]) for path in before}
    assert {path: lines for path, lines in moved.items() if lines} == {}


def _new_lines(before: str, after: str) -> list[str]:
    """Lines of the later text that the earlier one does not have, without what is made anew for each answer."""
    known = set(NEVER_THE_SAME.sub("", before).splitlines())
    return [line for line in NEVER_THE_SAME.sub("", after).splitlines() if line not in known]
