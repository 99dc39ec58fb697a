"""Operations: health, the pages that lay rooms over one another, the commands of an operator."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Rightmost room of the chain."""

    name = "apps.operations"
    verbose_name = _("operations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who does the first load of a demonstration, and what is due at its time."""
        from datetime import timedelta

        from apps.compliance.services.sealing import SEAL_JOB, run_seal
        from apps.core.services.jobs import Policy, register_handler
        from apps.core.services.watch import register_sweep
        from apps.operations.services.demo import fail_load, load_demo
        from apps.operations.services.readiness import LOADING
        from apps.operations.services.schedule import keep_schedule
        from apps.operations.services.verifying import VERIFY_JOB, run_verify

        register_handler(
            LOADING, load_demo, Policy(deadline=timedelta(hours=1), on_dead=fail_load, right="import_data")
        )
        register_handler(SEAL_JOB, run_seal)
        # It reads all there is, at about a tenth of a second for each subject.
        register_handler(VERIFY_JOB, run_verify, Policy(deadline=timedelta(hours=12)))
        register_sweep(keep_schedule)
