"""Studies: study, site, subject, readers, the ledger of records."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class StudiesConfig(AppConfig):
    """The room that holds the one ledger."""

    name = "apps.studies"
    verbose_name = _("studies")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say who runs the jobs of this room."""
        from apps.core.services.jobs import register_handler
        from apps.studies.services.blinding import run_class_records
        from apps.studies.services.importing import run_import
        from apps.studies.services.replaying import run_replay
        from apps.studies.services.words import CLASS_JOB

        register_handler("import", run_import)
        register_handler("replay", run_replay)
        register_handler(CLASS_JOB, run_class_records)
