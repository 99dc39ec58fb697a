"""Twins: the graph of one subject, its evolution, versions, history and live stream."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TwinsConfig(AppConfig):
    """Folds what the ledger records and tells who watches."""

    name = "apps.twins"
    verbose_name = _("twins")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fold in the transaction of every change, announce after its commit; who loses the right loses the socket."""
        from apps.accounts.services.grants import access_changed
        from apps.core.services.watch import register_sweep
        from apps.studies.services.events import import_moved, subject_changed, subject_changing, subject_moved
        from apps.twins.handlers import connect_handlers
        from apps.twins.services.announcing import (
            announce_access,
            announce_change,
            announce_import,
            announce_move,
        )
        from apps.twins.services.evolving import evolve_twin
        from apps.twins.services.rebuilding import heal_lines

        subject_changing.subscribe(evolve_twin)
        subject_changed.subscribe(announce_change)
        subject_moved.subscribe(announce_move)
        import_moved.subscribe(announce_import)
        access_changed.subscribe(announce_access)
        connect_handlers()
        register_sweep(heal_lines)
