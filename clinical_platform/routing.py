"""Socket routes."""

from typing import Any

from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.urls import re_path

from apps.twins.consumers.sockets import NOT_VISIBLE, TwinSocket


async def unknown_socket(scope: Any, receive: Any, send: Any) -> None:
    """A path that no socket has is closed as one that the reader may not see."""
    await send({"type": "websocket.close", "code": NOT_VISIBLE})


websocket = CookieMiddleware(
    URLRouter(
        [
            re_path(r"^ws/studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/$", TwinSocket.as_asgi()),  # type: ignore[arg-type,list-item]  # the stubs know HTTP views only
            re_path(r"^ws/studies/(?P<code>[^/]+)/$", TwinSocket.as_asgi()),  # type: ignore[arg-type,list-item]  # the stubs know HTTP views only
            re_path(r"^", unknown_socket),  # type: ignore[arg-type,list-item]  # the stubs know HTTP views only
        ]
    )
)
