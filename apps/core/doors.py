"""The ASGI door: bodies are measured while they arrive, because Django takes in a whole body before it looks at it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from django.http import parse_cookie

from apps.core.domain.errors import PlatformError, TooSlowError
from apps.core.domain.numbers import whole_number
from apps.core.limits import ENCODED_NUL, body_limit, is_clean, too_large
from apps.core.problems import refused

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[Any]]
Knows = Callable[[Scope], Awaitable[bool]]

# The longest pause between two pieces of a body, and the time for one that anyone may send, in seconds.
PAUSE_SECONDS = 20.0
BODY_SECONDS = 30.0
UPLOAD_SECONDS = 1800.0
POLICY_VIOLATION = 1008


def header(scope: Mapping[str, Any], name: bytes) -> str:
    """One header of a request or handshake, empty when absent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def texts_of(scope: Mapping[str, Any]) -> list[str]:
    """Everything in front of a body that may hold a character which is never right there."""
    query = bytes(scope.get("query_string", b"")).decode("latin-1")
    headers = (value.decode("latin-1") for _, value in scope["headers"])
    # A quoted cookie can spell any character.
    cookies = parse_cookie(header(scope, b"cookie")).values()
    return [str(scope["path"]), query.replace(ENCODED_NUL, "\x00"), *headers, *cookies]


class LimitedDoor:
    """Lets requests and sockets through to `http` and `websocket`; a large body only of a caller whom `knows` knows."""

    def __init__(self, *, http: App, websocket: App, knows: Knows) -> None:
        self._http, self._websocket, self._knows = http, websocket, knows

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] == "websocket":
            await self._open_socket(scope, receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)
        else:
            raise ValueError(f"Got a scope of type {scope['type']!r}, expected http or websocket.")

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(scope, receive, self._knows)
        await body.measure_declared()
        if body.problem is None:
            await self._http(scope, body.receive, send)
        if body.problem is not None:
            await _send_refusal(scope["path"], body.problem, send)

    async def _open_socket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if is_clean(texts_of(scope)):
            await self._websocket(scope, receive, send)
        else:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})


class _Body:
    """The body of one request on its way in: counted, and timed until its last piece.

    Once there is a problem the application is told that the client has gone, so that it stops and answers nothing.
    """

    problem: PlatformError | None = None

    def __init__(self, scope: Scope, receive: Receive, knows: Knows) -> None:
        self._scope, self._receive, self._knows = scope, receive, knows
        self._limit = body_limit(scope["path"])
        self._most = self._limit.anyone
        self._size = 0
        self._is_whole = False
        self._until = asyncio.get_running_loop().time() + BODY_SECONDS

    async def measure_declared(self) -> None:
        """Find by its Content-Length alone a body that is too large."""
        # A length that is no number is refused in words by the middleware (`apps.core.limits`).
        await self._measure(whole_number(header(self._scope, b"content-length")) or 0)

    async def receive(self) -> Message:
        """The next piece; a problem where it is one too many, or does not come."""
        if self._is_whole:
            # After the last piece come the server's own messages, such as that the client has gone; they have no limit.
            return await self._receive()
        message = await self._next()
        self._size += len(message.get("body", b""))
        await self._measure(self._size)
        self._is_whole = not message.get("more_body", False)
        return message if self.problem is None else {"type": "http.disconnect"}

    async def _next(self) -> Message:
        left = self._until - asyncio.get_running_loop().time()
        try:
            return await asyncio.wait_for(self._receive(), max(min(PAUSE_SECONDS, left), 0))
        except TimeoutError:
            self.problem = TooSlowError("The body stopped arriving. Send the request again.")
            return {"type": "http.disconnect"}

    async def _measure(self, size: int) -> None:
        """Note a size above the limit; the larger limit counts once the caller is known."""
        # Who it is costs queries, so it is asked only where the answer lets more through.
        if size > self._most and self._most < self._limit.signed_in and await self._is_known():
            self._most = self._limit.signed_in
            self._until += UPLOAD_SECONDS
        if size > self._most:
            self.problem = too_large(self._most, self._limit)

    async def _is_known(self) -> bool:
        shows_sign = header(self._scope, b"cookie") or header(self._scope, b"authorization")
        # A stranger without cookie or token costs no query.
        return bool(shows_sign) and is_clean(texts_of(self._scope)) and await self._knows(self._scope)


async def _send_refusal(path: str, problem: PlatformError, send: Send) -> None:
    """The refusal; the connection ends with it, because the rest of the body is not read."""
    response = refused(path, problem)
    headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
    length = (b"content-length", str(len(response.content)).encode())
    await send(
        {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": [*headers, length, (b"connection", b"close")],
        }
    )
    await send({"type": "http.response.body", "body": response.content})
