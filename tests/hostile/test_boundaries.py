"""Whatever comes in at any address, the portal answers in words: never with a fault of its own, never slowly."""

import json
import os
import time
from typing import Any
from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings

from tests.architecture.portal import Portal, small_portal
from tests.hostile.boundaries import Attack, Boundary, attacks, boundaries

pytestmark = pytest.mark.django_db
EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "6"))
# Of this process alone, so that a busy machine does not count.
MOST_SECONDS = 1.0
# Readiness says with 503 that no worker is alive, whatever is asked.
NOT_A_FAULT = {"health/ready": {503}}
ACTORS = ("anonymous", "client", "superuser", "physician")


@pytest.fixture
def portal(settings: Any, tmp_path: Any) -> Portal:
    settings.IMPORT_FILES_DIR = tmp_path
    return small_portal()


def real_parts(portal: Portal) -> dict[str, str]:
    """Parts of addresses that lead somewhere."""
    filled = portal.fill("{code}|{subject}|{narrative}|{review}|{run}|{number}|{record}|{entry}|{act}|{job}").split("|")
    code, subject, narrative, review, run, number, _record, entry, act, job = filled
    return {
        "code": code, "subject_id": subject, "narrative_id": narrative, "review_id": review, "run_id": run,
        "number": number, "act_id": act, "rule": "1", "job_id": job, "object_id": entry, "sentence": "1",
        "app_label": "compliance", "content_type_id": "1", "url": "nowhere", "name": "values",
    }  # fmt: skip


def clients(portal: Portal) -> dict[str, Client]:
    found = {actor: Client(raise_request_exception=False) for actor in ACTORS}
    for actor, client in found.items():
        if actor != "anonymous":
            client.force_login(portal.people[actor], backend="django.contrib.auth.backends.ModelBackend")
    return found


def sent(client: Client, path: str, attack: Attack) -> Any:
    """Send it as it is; what it changes is undone."""
    headers = {name: value for name, value in attack.headers.items() if name != "Content-Type"}
    if "Cookie" in headers:
        client.cookies["sessionid2"] = headers.pop("Cookie").encode("ascii", "replace").decode()
    kind, body = body_of(attack)
    kind = attack.headers.get("Content-Type", kind)
    with transaction.atomic():
        answer = client.generic(attack.method, path, body, content_type=kind, headers=headers)
        transaction.set_rollback(True)
    return answer


def body_of(attack: Attack) -> tuple[str, bytes]:
    """Content type and bytes of a body."""
    if attack.kind == "json":
        return "application/json", json.dumps(attack.body).encode("utf-8", "replace")
    if attack.kind == "form":
        fields = attack.body if isinstance(attack.body, dict) else {"reason": attack.body}
        pairs = [(name, str(value)) for name, value in fields.items()]
        return "application/x-www-form-urlencoded", urlencode(pairs, errors="surrogatepass").encode()
    return "application/octet-stream", str(attack.body).encode("utf-8", "replace")


def contradiction(boundary: Boundary, path: str, answer: Any, seconds: float) -> str:
    """What is wrong with an answer, in words; empty where nothing is."""
    status = answer.status_code
    if status >= 500 and status not in NOT_A_FAULT.get(boundary.route, set()):
        return f"got {status}"
    if seconds > MOST_SECONDS:
        return f"took {seconds:.1f} s"
    is_body = status >= 400 and answer.content and path.startswith("/api/")
    if is_body and answer["Content-Type"] != "application/problem+json":
        return f"got {answer['Content-Type']}, expected a problem document"
    return ""


def test_no_address_fails_whatever_it_is_asked(portal: Portal) -> None:
    readers, real = clients(portal), real_parts(portal)
    wrong = {boundary.route: weakness(boundary, readers, real) for boundary in boundaries()}
    found = [f"{route}: {words}" for route, words in wrong.items() if words]
    assert not found, "\n\n".join(found)


def weakness(boundary: Boundary, readers: dict[str, Client], real: dict[str, str]) -> str:
    """The first attack that an address does not stand, in words; empty where it stands all."""
    cookies = {actor: client.cookies.output().replace("Set-Cookie: ", "") for actor, client in readers.items()}

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(attack=attacks(boundary))
    def attacked(attack: Attack) -> None:
        path = boundary.path({**real, **attack.parts})
        query = urlencode(attack.query, errors="surrogatepass")
        address = f"{path}?{query}" if query else path
        for actor, client in readers.items():
            client.cookies.clear()
            client.cookies.load(cookies[actor])
            start = time.process_time()
            answer = sent(client, address, attack)
            problem = contradiction(boundary, path, answer, time.process_time() - start)
            assert not problem, f"{problem} for {attack.method} {address[:200]} as {actor}, {attack}"

    try:
        attacked()
    except AssertionError as error:
        return str(error)[:2000]
    return ""


NAMES = (
    "dm.csv",
    "x" * 300 + ".csv",
    "é" * 250 + ".csv",
    "../dm.csv",
    "dm\x00.csv",
    "",
    ".",
    "..",
    "a/b.csv",
    "\u202edm.csv",
    "dm.xpt",
    "dm.parquet",
    "dm.zip",
    "define.xml",
)
CONTENTS = (b"", b"\x00" * 100, b"STUDYID\n", b"PK\x05\x06" + b"\x00" * 18, b"PAR1" * 100, b"<x>" * 1000)


@pytest.mark.parametrize("reason", ["", "\x00", "x" * 3000, "\u202e"])
@pytest.mark.parametrize("address", ["/api/v1/studies/TRIAL/imports/", "/studies/TRIAL/imports/new/"])
def test_no_upload_fails_whatever_it_is_called_or_holds(portal: Portal, address: str, reason: str) -> None:
    client = clients(portal)["client"]
    wrong = []
    for number, name in enumerate(NAMES):
        with transaction.atomic():
            body = multipart(name, CONTENTS[number % len(CONTENTS)], reason)
            answer = client.generic("POST", address, body, content_type="multipart/form-data; boundary=b")
            transaction.set_rollback(True)
        if answer.status_code >= 500:
            wrong.append(f"{answer.status_code} for {name!r}")
    assert not wrong


def multipart(name: str, content: bytes, reason: str) -> bytes:
    """A form as a client may send it, not as a library would tidy it."""
    parts = []
    for field in ("files", "data_files"):
        head = f'--b\r\nContent-Disposition: form-data; name="{field}"; filename="{name}"\r\n\r\n'
        parts.append(head.encode() + content)
    for field in ("reason", "dry_run"):
        parts.append(f'--b\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{reason}'.encode())
    return b"\r\n".join([*parts, b"--b--\r\n"])


def test_every_address_is_attacked() -> None:
    found = boundaries()
    assert len(found) > 60
    assert all("<" not in boundary.template and "(" not in boundary.template for boundary in found)
