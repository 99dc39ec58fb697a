"""People and service accounts."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in, or the service account that an OAuth application acts as; never deleted or reused."""

    printed_name = models.CharField(
        _("printed name"), max_length=150, blank=True, help_text=_("As it stands in signatures (21 CFR 11.50).")
    )
    is_service_account = models.BooleanField(
        _("service account"), default=False, help_text=_("Acts for an application; never signs.")
    )
    last_seen_at = models.DateTimeField(_("last visit ended"), null=True, blank=True)
    previous_visit_at = models.DateTimeField(_("visit before"), null=True, blank=True)

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Printed name, or the username where none was given."""
        return self.printed_name or self.get_full_name() or self.username
