"""Narratives: facts, plan, draft, verification, currency."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NarrativesConfig(AppConfig):
    """Safety narratives in which every sentence points at its facts."""

    name = "apps.narratives"
    verbose_name = _("narratives")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Draft and check in jobs, show versions to reviewers, tell importers what would go stale."""
        from datetime import timedelta

        from apps.compliance.selectors.signatures import register_hashes
        from apps.compliance.services.content import register_content
        from apps.compliance.services.reviewing import review_moved
        from apps.core.services.jobs import Policy, job_moved, register_handler
        from apps.core.services.watch import register_sweep
        from apps.narratives.selectors.content import signed_twin_versions
        from apps.narratives.selectors.integrity import contents_found
        from apps.narratives.services.checking import CHECK_JOB, consequence, heal_currency, queue_check, run_check
        from apps.narratives.services.drafting import DRAFT_JOB, KIND, announce_draft, run_draft
        from apps.narratives.services.reviewed import NarrativeContent, announce_review, follow_subject
        from apps.studies.services.events import subject_changing, subject_moving
        from apps.studies.services.import_check import register_consequence
        from apps.twins.selectors.marks import register_signed_versions

        register_handler(DRAFT_JOB, run_draft, Policy(attempts=3, pause=timedelta(seconds=10), right="draft_narrative"))
        register_handler(CHECK_JOB, run_check, Policy(attempts=8, deadline=timedelta(minutes=10)))
        register_sweep(heal_currency)
        register_content(KIND, NarrativeContent())
        register_hashes(KIND, contents_found)
        register_consequence(consequence)
        register_signed_versions(signed_twin_versions)
        job_moved.subscribe(announce_draft)
        review_moved.subscribe(announce_review)
        subject_changing.subscribe(queue_check)
        subject_moving.subscribe(follow_subject)
