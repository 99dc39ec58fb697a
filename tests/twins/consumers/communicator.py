"""A WebSocket client of the ASGI application; Channels' own needs a server that the portal does not use."""

from typing import Any
from urllib.parse import unquote

from asgiref.testing import ApplicationCommunicator


class WebsocketCommunicator(ApplicationCommunicator):
    """Connects, sends and receives text frames."""

    def __init__(self, application: Any, path: str, headers: list[tuple[bytes, bytes]]) -> None:
        scope = {
            "type": "websocket",
            "path": unquote(path),
            "query_string": b"",
            "headers": headers,
            "subprotocols": [],
        }
        super().__init__(application, scope)

    async def connect(self, timeout: float) -> tuple[bool, int | None]:
        """Whether the server accepted, and its close code when it did not."""
        await self.send_input({"type": "websocket.connect"})
        answer = await self.receive_output(timeout)
        if answer["type"] == "websocket.accept":
            return True, None
        await self.wait()
        return False, answer.get("code")

    async def send_to(self, text: str) -> None:
        """Send a text frame."""
        await self.send_input({"type": "websocket.receive", "text": text})

    async def receive_from(self, timeout: float) -> str:
        """The next text frame."""
        message = await self.receive_output(timeout)
        assert message["type"] == "websocket.send", message
        text: str = message["text"]
        return text

    async def disconnect(self) -> None:
        """Leave, and wait until the server has noticed."""
        await self.send_input({"type": "websocket.disconnect", "code": 1000})
        await self.wait()
