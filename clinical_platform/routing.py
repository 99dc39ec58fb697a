"""Socket routes."""

from channels.routing import URLRouter
from channels.sessions import CookieMiddleware
from django.urls import re_path

from apps.twins.consumers.sockets import TwinSocket

websocket = CookieMiddleware(
    URLRouter(
        [
            re_path(r"^ws/studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/$", TwinSocket.as_asgi()),  # type: ignore[arg-type,list-item]  # the stubs know HTTP views only
            re_path(r"^ws/studies/(?P<code>[^/]+)/$", TwinSocket.as_asgi()),  # type: ignore[arg-type,list-item]  # the stubs know HTTP views only
        ]
    )
)
