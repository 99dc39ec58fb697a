"""Compliance: audit trail, review workflow, signatures."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """A workflow that knows nothing of what it approves, and the trail of everything people configure."""

    name = "apps.compliance"
    verbose_name = _("reviews and signatures")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Trail changes of configuration, workflow and access, and who came in; guard reviews in the database."""
        from apps.accounts.services.proofs import proof_noted
        from apps.compliance.guards import declare_guards
        from apps.compliance.services.noting import note_proof
        from apps.compliance.services.trail import register_trail

        register_trail()
        proof_noted.subscribe(note_proof)
        declare_guards()
