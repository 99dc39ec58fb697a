"""`demo`: everything in one process, on HOST and PORT, with its state in `var/`."""

import os
import threading
import warnings
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from apps.accounts.domain.roles import ROLE_LABELS
from apps.core.server import serve
from apps.core.services.jobs import is_worker_alive
from apps.operations.services.demo import PEOPLE, Secrets, prepare_demo
from apps.operations.services.embedded import prepare_database, prepare_static_files, start_worker
from apps.operations.services.readiness import is_loading

LOOK_EVERY_SECONDS = 0.5


class Command(BaseCommand):
    """Serves the pilot study as an ongoing double-blind trial; the second start takes seconds."""

    help = "Prepare and serve the demonstration."
    requires_system_checks = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Migrate, prepare, print the sign-ins, serve until stopped."""
        if "sqlite" not in settings.DATABASES["default"]["ENGINE"]:
            raise CommandError("The demonstration runs embedded; unset DATABASE_URL or give it a sqlite:/// address.")
        prepare_database()
        prepare_static_files()
        made = prepare_demo(
            password=os.environ.get("DEMO_PASSWORD", ""),
            client_id=os.environ.get("DEMO_CLIENT_ID", ""),
            client_secret=os.environ.get("DEMO_CLIENT_SECRET", ""),
        )
        start_worker()
        self._serve(made, os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000")))

    def _serve(self, made: Secrets, host: str, port: int) -> None:
        # WhiteNoise streams files from a thread; Django warns of it once per process, and nothing is wrong.
        warnings.filterwarnings("ignore", message="StreamingHttpResponse must consume synchronous iterators")
        # Beside the server, which answers while the pilot is still coming in.
        announcing = threading.Thread(target=self._announce, args=(made, host, port), name="announcing", daemon=True)
        announcing.start()
        serve(host, port)

    def _announce(self, made: Secrets, host: str, port: int) -> None:
        """Say where and how to sign in, once the pilot is in."""
        if is_loading():
            self._say("Loading the pilot study; the first start takes about a minute.")
        pause = threading.Event()
        while is_loading() or not is_worker_alive():
            pause.wait(LOOK_EVERY_SECONDS)
        kept = "as set before (DEMO_PASSWORD sets a new one)"
        people = [f"  {person.username:<20} {person.printed_name}, {ROLE_LABELS[person.role]}" for person in PEOPLE]
        self._say(
            f"\nThe portal is ready at http://{host}:{port}/",
            f"Password of all sign-ins: {made.password or kept}",
            *people,
            f"API client: {made.client_id}, secret {made.client_secret or 'as set before'}",
        )

    def _say(self, *lines: str) -> None:
        self.stdout.write("\n".join(lines))
        self.stdout.flush()
