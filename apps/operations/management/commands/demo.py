"""`demo`: everything in one process, on HOST and PORT, with its state in `var/`."""

import os
import warnings
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from apps.operations.services.demo import PEOPLE, Secrets, prepare_demo
from apps.operations.services.embedded import start_worker


class Command(BaseCommand):
    """Serves the pilot study as an ongoing double-blind trial; the second start takes seconds."""

    help = "Prepare and serve the demonstration."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, prepare, print the sign-ins, serve until stopped."""
        if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
            raise CommandError("The demonstration runs embedded; unset DATABASE_URL or give it a sqlite:/// address.")
        call_command("migrate", verbosity=0)
        made = prepare_demo(
            password=os.environ.get("DEMO_PASSWORD", ""),
            client_id=os.environ.get("DEMO_CLIENT_ID", ""),
            client_secret=os.environ.get("DEMO_CLIENT_SECRET", ""),
        )
        start_worker()
        self._serve(made, os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))

    def _serve(self, made: Secrets, host: str, port: int) -> None:
        # Imported here: no other command needs a server.
        import uvicorn  # noqa: PLC0415

        # WhiteNoise streams files from a thread; Django warns of it once per process, and nothing is wrong.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        self._announce(made, host, port)
        uvicorn.run(
            "clinical_platform.asgi:application",
            host=host,
            port=port,
            log_level="warning",
            lifespan="off",
            access_log=False,
            ws="websockets-sansio",
        )

    def _announce(self, made: Secrets, host: str, port: int) -> None:
        kept = "as set before (DEMO_PASSWORD sets a new one)"
        self.stdout.write(f"\nThe portal is at http://{host}:{port}/ (ready when /health/ready says so)\n")
        self.stdout.write(f"Password of all sign-ins: {made.password or kept}")
        for person in PEOPLE:
            self.stdout.write(f"  {person.username:<20} {person.printed_name}, {person.role.replace('_', ' ')}")
        self.stdout.write(f"API client: {made.client_id}, secret {made.client_secret or 'as set before'}\n")
        self.stdout.flush()
