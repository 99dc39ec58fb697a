"""ASGI door: pages, API and sockets in one process, or sockets only."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinical_platform.settings.local")

http = get_asgi_application()

from clinical_platform.routing import websocket  # noqa: E402  # routes need the apps that the line above loads

application = ProtocolTypeRouter({"http": http, "websocket": websocket})
