"""Operations: health, the pages that lay rooms over one another, the commands of an operator."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    """Rightmost room of the chain."""

    name = "apps.operations"
    verbose_name = _("operations")
    default_auto_field = "django.db.models.BigAutoField"
