"""ASGI door: pages, API and sockets in one process, or sockets only."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinical_platform.settings.local")

http = get_asgi_application()

from apps.core.doors import LimitedDoor  # noqa: E402  # needs the settings that the line above loads
from apps.twins.consumers.proof import is_signed_in  # noqa: E402  # needs the apps that the line above loads
from clinical_platform.routing import websocket  # noqa: E402  # routes need the apps that the line above loads

application = LimitedDoor(http=http, websocket=websocket, knows=is_signed_in)
