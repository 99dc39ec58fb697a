"""Serves the portal with limits on everything that comes before a request is one: connections, heads, silence, frames.

The demonstration and `manage.py serve` use it. uvicorn by hand takes the same values as options; the time for a head
is only here, or in a proxy (docs/operate/README.md).
"""

import asyncio
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

APPLICATION: Final = "clinical_platform.asgi:application"
# Requests and open sockets of one process; above it the answer is 503 at once.
MOST_CONNECTIONS: Final = 1_000
# Bytes of a request line with its headers, and of one message of a socket.
MOST_HEAD_BYTES: Final = 32 * 1024
MOST_MESSAGE_BYTES: Final = 16 * 1024
# Seconds in which a connection has to begin a request, however slowly it talks.
HEAD_SECONDS: Final = 10.0


class WatchedProtocol(H11Protocol):
    """Ends a connection on which no request is under way for ten seconds; a trickle of header bytes does not count."""

    _silence: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the library has it
        """A connection begins in silence."""
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        """A request may have begun."""
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        """Silence begins again."""
        super().on_response_complete()
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is left to watch."""
        super().connection_lost(exc)
        self._stop_watching()

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:  # type: ignore[redundant-expr]  # None at first
            self._stop_watching()
        # Bytes that are no whole head yet do not start the clock anew.
        elif self._silence is None:
            self._silence = self.loop.call_later(HEAD_SECONDS, self._end)

    def _stop_watching(self) -> None:
        if self._silence is not None:
            self._silence.cancel()
            self._silence = None

    def _end(self) -> None:
        """Close, unless the connection has become a socket, which proves itself on its own."""
        if self.transport.get_protocol() is self:
            self.transport.close()


def options(host: str, port: int) -> dict[str, Any]:
    """Everything the server is told; addresses that a client claims are left to the portal to judge."""
    return {
        "host": host,
        "port": port,
        "http": WatchedProtocol,
        "ws": "websockets-sansio",
        "log_level": "warning",
        "access_log": False,
        # The portal's door takes requests and sockets, and raises for anything else.
        "lifespan": "off",
        "proxy_headers": False,
        "server_header": False,
        "limit_concurrency": MOST_CONNECTIONS,
        "timeout_keep_alive": int(HEAD_SECONDS),
        "h11_max_incomplete_event_size": MOST_HEAD_BYTES,
        "ws_max_size": MOST_MESSAGE_BYTES,
    }


def serve(host: str, port: int) -> None:
    """Serve until stopped."""
    uvicorn.run(APPLICATION, **options(host, port))
