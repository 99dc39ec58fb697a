"""Core: actor and reason of a write, one error shape, jobs. No clinical noun."""

from django.apps import AppConfig


class CoreConfig(AppConfig):
    """Leftmost room of the chain."""

    name = "apps.core"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what the watch clears away."""
        from apps.core.services.idempotency import forget_old_answers
        from apps.core.services.watch import forget_old_heartbeats, register_sweep

        register_sweep(forget_old_answers)
        register_sweep(forget_old_heartbeats)
