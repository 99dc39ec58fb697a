"""Whatever a client sends over a socket, or puts before it, the socket answers the next honest message or closes."""

import json
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.conf import settings

from apps.accounts.domain.roles import Role
from apps.studies.models import Subject
from clinical_platform.asgi import application
from tests.factories import StudyFactory, person, treated_subject
from tests.hostile.boundaries import TEXTS
from tests.twins.consumers.communicator import WebsocketCommunicator
from tests.twins.consumers.test_sockets import WAIT, connected, received, session_of

pytestmark = pytest.mark.django_db(transaction=True)

VERSIONS: tuple[Any, ...] = (
    *(None, True, -1, 0, 1, 2, 10**15, 10**300, 1.0, 1e300, float("nan"), float("inf")),
    *("1", "²", "9" * 58, [], [1], {}, {"a": 1}),
)
MESSAGES = (
    "[" * 100_000,
    "{" * 900,
    '{"type":' * 200,
    '{"type": "resume", "version": ' + "9" * 900 + "}",
    '{"type": "resume", "version": 1e999}',
    '{"type": "resume", "version": "\\ud800"}',
    '{"type": "\\u0000"}',
    "null",
    "0",
    '"resume"',
    *TEXTS,
)


def a_subject() -> Subject:
    subject: Subject = treated_subject(StudyFactory())
    return subject


async def test_no_message_ends_a_socket(settings: Any) -> None:
    subject = await database_sync_to_async(a_subject)()
    monitor = await database_sync_to_async(person)(Role.MEDICAL_MONITOR, subject.study)
    communicator, _ = await connected(subject, monitor)
    assert await received(communicator) == {"type": "hello", "version": 1}
    for version in VERSIONS:
        await communicator.send_to(json.dumps({"type": "resume", "version": version}))
    for message in MESSAGES:
        await communicator.send_to(message)
    await communicator.send_input({"type": "websocket.receive", "bytes": b"\xff\x00"})
    await communicator.send_to(json.dumps({"type": "resume", "version": 4}))
    answers = [await received(communicator) for _ in range(answered() + 1)]
    assert all(answer["type"] in {"resync", "changed"} for answer in answers)
    assert answers[-1] == {"type": "resync", "version": 1}
    await communicator.disconnect()


def answered() -> int:
    """How many of the messages above ask for something; version 1 is the present one and gets no answer."""
    endless = sum(message.startswith('{"type": "resume"') for message in MESSAGES)
    return len(VERSIONS) - 1 + endless


PARTS = ("a\x00b", "\ud800", "²", "x" * 3000, "..", "%", "{{ 7 }}", "';--", "\u202e", "1/2/3")
HEADERS = (
    (b"origin", b"http://["),
    (b"origin", b"\xff\xfe"),
    (b"origin", b"null"),
    (b"cookie", b'sessionid="\\000"'),
    (b"cookie", b"sessionid=" + b"x" * 5000),
    (b"cookie", b"\xff=\xff; ="),
    (b"authorization", b"Bearer \x00"),
    (b"authorization", b"Bearer " + b"\xff" * 100),
    (b"authorization", b"Basic x"),
    (b"host", b"\x00"),
)


@pytest.mark.parametrize("part", PARTS)
async def test_no_path_of_a_socket_is_a_fault(part: str) -> None:
    subject = await database_sync_to_async(a_subject)()
    monitor = await database_sync_to_async(person)(Role.MEDICAL_MONITOR, subject.study)
    session = await database_sync_to_async(session_of)(monitor)
    cookie = f"{settings.SESSION_COOKIE_NAME}={session.session_key}".encode()
    for path in (f"/ws/studies/{part}/", f"/ws/studies/{subject.study.code}/subjects/{part}/"):
        headers = [(b"host", b"testserver"), (b"origin", b"http://testserver"), (b"cookie", cookie)]
        communicator = WebsocketCommunicator(application, path, headers=headers)
        accepted, code = await communicator.connect(timeout=WAIT)
        assert (accepted, code in {1008, 4404}) == (False, True)


@pytest.mark.parametrize("header", HEADERS)
async def test_no_header_of_a_handshake_is_a_fault(header: tuple[bytes, bytes]) -> None:
    subject = await database_sync_to_async(a_subject)()
    path = f"/ws/studies/{subject.study.code}/"
    communicator = WebsocketCommunicator(application, path, headers=[(b"origin", b"http://x"), header])
    accepted, code = await communicator.connect(timeout=WAIT)
    assert (accepted, code in {1008, 4401}) == (False, True)
