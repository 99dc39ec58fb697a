"""Narratives: facts, plan, draft, verification, currency."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NarrativesConfig(AppConfig):
    """Safety narratives in which every sentence points at its facts."""

    name = "apps.narratives"
    verbose_name = _("narratives")
    default_auto_field = "django.db.models.BigAutoField"
