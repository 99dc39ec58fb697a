"""`make_app_role`: the database role that web, worker and beat sign in as; run by the owner after every migrate."""

import os
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.domain.errors import PlatformError
from apps.operations.services.app_role import make_app_role

PASSWORD = "APP_DATABASE_PASSWORD"  # noqa: S105  # the name of the variable


class Command(BaseCommand):
    """The password comes from the environment, so that it stands in no list of processes."""

    help = f"Create or update the role that adds to history and cannot rewrite it; its password is in {PASSWORD}."

    def add_arguments(self, parser: CommandParser) -> None:
        """Name of the role."""
        parser.add_argument("name", nargs="?", default="portal_app", help="name of the role (portal_app)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the role and say what to do with it."""
        try:
            make_app_role(name=options["name"], password=os.environ.get(PASSWORD))
        except PlatformError as error:
            raise CommandError(error.detail) from error
        self.stdout.write(f"Role {options['name']} is ready: let DATABASE_URL of web, worker and beat name it.")
