"""Studies: study, site, subject, readers, the ledger of records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudiesConfig(AppConfig):
    """The room that holds the one ledger."""

    name = "apps.studies"
    verbose_name = _("studies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who runs the jobs of this room, and what heals what a lost process left behind."""
        from datetime import timedelta

        from apps.core.services.jobs import Policy, register_handler
        from apps.core.services.watch import register_sweep
        from apps.studies.services.blinding import run_class_records
        from apps.studies.services.importing import close_abandoned_runs, fail_import, run_import
        from apps.studies.services.replaying import run_replay
        from apps.studies.services.sources import forget_unneeded_files
        from apps.studies.services.words import CLASS_JOB

        register_handler(
            "import", run_import, Policy(deadline=timedelta(hours=4), on_dead=fail_import, right="import_data")
        )
        register_handler("replay", run_replay, Policy(deadline=timedelta(hours=1)))
        register_handler(CLASS_JOB, run_class_records, Policy(attempts=8, deadline=timedelta(hours=4)))
        register_sweep(close_abandoned_runs)
        register_sweep(forget_unneeded_files)
