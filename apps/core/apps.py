"""Core: actor and reason of a write, one error shape, jobs. No clinical noun."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Leftmost room of the chain."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """See to it after every migration that the database refuses to change history."""
        from apps.core.guards import put_refusals

        post_migrate.connect(put_refusals, dispatch_uid="core.put_refusals")
