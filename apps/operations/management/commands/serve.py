"""`serve`: pages, API and sockets in one process, on HOST and PORT, with the limits of the portal."""

import os
from typing import Any

from django.core.management.base import BaseCommand

from apps.core.server import serve
from apps.operations.services.embedded import prepare_static_files


class Command(BaseCommand):
    """One server process; start as many as there are cores, behind a proxy that ends TLS."""

    help = "Serve pages, API and sockets."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until stopped."""
        prepare_static_files()
        serve(os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))
