"""Core: actor and reason of a write, one error shape, jobs. No clinical noun."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class CoreConfig(AppConfig):
    """Leftmost room of the chain."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """See to it after every migration that history cannot be changed; say what the watch clears away."""
        from apps.core.guards import put_refusals
        from apps.core.services.idempotency import forget_old_answers
        from apps.core.services.watch import forget_old_heartbeats, register_sweep

        post_migrate.connect(put_refusals, dispatch_uid="core.put_refusals")
        register_sweep(forget_old_answers)
        register_sweep(forget_old_heartbeats)
