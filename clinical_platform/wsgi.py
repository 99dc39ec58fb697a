"""WSGI door: pages and API where sockets are served by another process."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clinical_platform.settings.local")

application = get_wsgi_application()
