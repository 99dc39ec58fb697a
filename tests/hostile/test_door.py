"""Bodies are refused by their size before they are taken in, and pieces that do not come are not waited for."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from asgiref.testing import ApplicationCommunicator
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from oauth2_provider.models import get_access_token_model

from apps.core import doors
from apps.core.doors import LimitedDoor
from clinical_platform.asgi import application
from tests.factories import UserFactory

MIB = 1024 * 1024
IMPORTS = "/api/v1/studies/TRIAL/imports/"
RECORDS = "/api/v1/studies/TRIAL/records/"


def scope(path: str, headers: dict[str, str] | None = None) -> dict[str, Any]:
    given = {"host": "testserver", **(headers or {})}
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in given.items()],
        "client": ("127.0.0.1", 5000),
        "server": ("testserver", 80),
        "http_version": "1.1",
        "scheme": "http",
    }


async def answer(
    path: str, pieces: Iterator[bytes], headers: dict[str, str] | None = None
) -> tuple[int, dict[str, str], bytes, int]:
    """Status, headers and body of the answer, and how many pieces were taken in."""
    taken = 0
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        piece = next(pieces, None)
        if piece is None:
            return {"type": "http.request", "body": b"", "more_body": False}
        taken += 1
        return {"type": "http.request", "body": piece, "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await application(scope(path, headers), receive, send)
    found = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], found, b"".join(message.get("body", b"") for message in sent[1:]), taken


def endless() -> Iterator[bytes]:
    while True:
        yield b"x" * 64 * 1024


@pytest.mark.parametrize("path", ["/nowhere/", "/sign-in/", "/api/v1/nowhere/", "/o/token/", RECORDS, IMPORTS])
async def test_a_declared_body_is_refused_before_a_byte_of_it_is_taken(path: str) -> None:
    status, headers, body, taken = await answer(path, endless(), {"content-length": str(600 * MIB)})
    assert (status, taken, headers["connection"]) == (413, 0, "close")
    if path.startswith(("/api/", "/o/")):
        assert headers["content-type"] == "application/problem+json"
        assert json.loads(body)["type"] == "about:blank#too-large"
        assert ("Without a valid sign-in" in json.loads(body)["detail"]) is (path in {RECORDS, IMPORTS})
    else:
        assert b"Too much was sent" in body


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/nowhere/", IMPORTS])
async def test_a_body_of_unknown_length_is_cut_at_the_limit(path: str) -> None:
    status, _, _, taken = await answer(path, endless())
    assert status == 413
    assert taken * 64 * 1024 <= settings.BODY_BYTES + 64 * 1024


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("path", "most"), [(RECORDS, settings.RECORDS_BYTES), ("/nowhere/", settings.BODY_BYTES)])
async def test_a_session_opens_the_larger_limit_only_where_data_come_in(path: str, most: int) -> None:
    def signed_in() -> str:
        client = Client()
        client.force_login(UserFactory(), backend="django.contrib.auth.backends.ModelBackend")
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    cookie = f"{settings.SESSION_COOKIE_NAME}={await database_sync_to_async(signed_in)()}"
    status, _, _, taken = await answer(path, endless(), {"cookie": cookie})
    assert status == 413
    assert most <= taken * 64 * 1024 <= most + 64 * 1024
    declared, _, _, none = await answer(path, endless(), {"cookie": cookie, "content-length": str(most + 1)})
    assert (declared, none) == (413, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": f"{settings.SESSION_COOKIE_NAME}=made-up"},
        {"cookie": f"{settings.SESSION_COOKIE_NAME}=a\x00b"},
        {"cookie": f'{settings.SESSION_COOKIE_NAME}="a\\000b"'},
        {"authorization": "Bearer made-up"},
        {"authorization": "Bearer \x00"},
    ],
)
async def test_a_made_up_sign_of_being_known_opens_nothing(headers: dict[str, str]) -> None:
    assert not await database_sync_to_async(get_access_token_model().objects.exists)()
    status, _, _, taken = await answer(IMPORTS, endless(), {**headers, "content-length": str(5 * MIB)})
    assert (status, taken) == (413, 0)


async def test_a_body_that_stops_arriving_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doors, "PAUSE_SECONDS", 0.01)
    communicator = ApplicationCommunicator(application, scope("/nowhere/", {"content-length": "100"}))
    start = await communicator.receive_output(5)
    assert (start["type"], start["status"]) == ("http.response.start", 408)


async def test_a_socket_with_a_control_character_in_front_is_closed_unread() -> None:
    async def never(*_: Any) -> None:
        raise AssertionError("the socket was opened")

    async def knows(_: Any) -> bool:
        return True

    door = LimitedDoor(http=never, websocket=never, knows=knows)
    for changed in ({"path": "/ws/studies/a\x00b/"}, {"headers": [(b"cookie", b'sessionid="a\\000"')]}):
        handshake = {"type": "websocket", "path": "/ws/studies/a/", "query_string": b"", "headers": [], **changed}
        sent: list[Any] = []

        async def send(message: Any, into: list[Any] = sent) -> None:
            into.append(message)

        await door(handshake, never, send)
        assert sent == [{"type": "websocket.close", "code": 1008}]
