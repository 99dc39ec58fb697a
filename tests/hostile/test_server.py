"""The server itself, on a port of its own: what comes before a request is bounded too."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn

from apps.core import server as portal_server
from clinical_platform.asgi import application

WAIT = 15.0


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    """A server of the portal, without a worker and without a database."""
    given = portal_server.options("127.0.0.1", 0)
    running = uvicorn.Server(uvicorn.Config(application, **given))
    thread = threading.Thread(target=running.run, name="hostile-server", daemon=True)
    thread.start()
    until = time.monotonic() + WAIT
    while not running.started and time.monotonic() < until:
        time.sleep(0.01)
    yield running.servers[0].sockets[0].getsockname()[1]
    running.should_exit = True
    thread.join(WAIT)


def talk(port: int, *pieces: bytes, most: int = 65536) -> bytes:
    """Everything the server says to these pieces until it closes the connection."""
    with socket.create_connection(("127.0.0.1", port), WAIT) as connection:
        answer = b""
        try:
            for piece in pieces:
                connection.sendall(piece)
            while len(answer) < most and (received := connection.recv(65536)):
                answer += received
        except (ConnectionResetError, BrokenPipeError):
            return answer
        return answer


HEAD = b"POST /%s HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("path", [b"nowhere/", b"api/v1/studies/TRIAL/imports/", b"o/token/"])
def test_a_large_body_is_refused_at_once_and_the_connection_ends(port: int, path: bytes) -> None:
    start = time.monotonic()
    answer = talk(port, HEAD % path + b"Content-Length: 629145600\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"connection: close" in answer.lower()
    assert time.monotonic() - start < WAIT / 2


def test_endless_headers_are_refused(port: int) -> None:
    endless = b"".join(b"X-%d: %s\r\n" % (number, b"a" * 1000) for number in range(200))
    assert b" 400 " in talk(port, HEAD % b"nowhere/" + endless)[:20]


def test_a_trickle_of_headers_is_not_waited_for(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_server, "HEAD_SECONDS", 0.3)
    with socket.create_connection(("127.0.0.1", port), WAIT) as connection:
        connection.sendall(b"GET /health/live HTTP/1.1\r\n")
        start = time.monotonic()
        ended = False
        while not ended and time.monotonic() - start < WAIT:
            try:
                connection.sendall(b"X: y\r\n")
                connection.settimeout(0.05)
                ended = connection.recv(1) == b""
            except TimeoutError:
                continue
            except (ConnectionResetError, BrokenPipeError):
                ended = True
    assert ended


def test_a_request_under_way_is_not_ended_by_the_watch(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portal_server, "HEAD_SECONDS", 0.2)
    answer = talk(
        port,
        b"GET /health/live HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    )
    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_the_server_believes_no_forwarded_address_and_names_no_version(port: int) -> None:
    assert portal_server.options("", 0)["proxy_headers"] is False
    answer = talk(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert b"\r\nserver:" not in answer.lower()
