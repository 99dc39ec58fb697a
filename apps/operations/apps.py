"""Operations: health, the pages that lay rooms over one another, the commands of an operator."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Rightmost room of the chain."""

    name = "apps.operations"
    verbose_name = _("operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who does the first load of a demonstration."""
        from datetime import timedelta

        from apps.core.services.jobs import Policy, register_handler
        from apps.operations.services.demo import fail_load, load_demo
        from apps.operations.services.readiness import LOADING

        register_handler(
            LOADING, load_demo, Policy(deadline=timedelta(hours=1), on_dead=fail_load, right="import_data")
        )
