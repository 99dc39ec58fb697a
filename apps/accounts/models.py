"""People and service accounts, what administrators ask for them, and who is kept waiting after wrong secrets."""

from django.conf import settings
from django.contrib.auth.models import AbstractUser
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class User(AbstractUser):
    """A person who signs in, or the service account that an OAuth application acts as; never deleted or reused."""

    printed_name = models.CharField(
        _("printed name"), max_length=150, blank=True, help_text=_("As it stands in signatures (21 CFR 11.50).")
    )
    is_service_account = models.BooleanField(
        _("service account"), default=False, help_text=_("Acts for an application; never signs.")
    )
    is_proven = models.BooleanField(
        _("proven"), default=True, help_text=_("Nobody else set the password since the person did; else no signature.")
    )
    last_seen_at = models.DateTimeField(_("last visit ended"), null=True, blank=True)
    previous_visit_at = models.DateTimeField(_("visit before"), null=True, blank=True)

    def __str__(self) -> str:
        return self.display_name

    @property
    def display_name(self) -> str:
        """Printed name, or the username where none was given."""
        return self.printed_name or self.get_full_name() or self.username


class ActKind(models.TextChoices):
    """What administrators may ask for; the list is closed."""

    MAKE_APPLICATION = "make_application", _("make an application")
    ROTATE_SECRET = "rotate_secret", _("give a new secret to an application")
    REVOKE_APPLICATION = "revoke_application", _("take an application away")
    GRANT_ROLE = "grant_role", _("grant a role")
    RESET_PASSWORD = "reset_password", _("reset a password")


class ActState(models.TextChoices):
    """Where an act stands; only what takes rights away is done at once."""

    PENDING = "pending", _("waits for a second administrator")
    APPROVED = "approved", _("approved and carried out")
    REFUSED = "refused", _("refused")
    DONE = "done", _("carried out at once")


class AdministrativeAct(models.Model):
    """One act of administration: who asked for what, on whom and why, and which other administrator decided."""

    kind = models.CharField(_("act"), max_length=20, choices=ActKind)
    concerns = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acts_concerning", verbose_name=_("concerns")
    )
    role = models.CharField(_("role"), max_length=30, blank=True)
    study_code = models.CharField(_("study"), max_length=60, blank=True)
    site_code = models.CharField(_("site"), max_length=60, blank=True)
    # By type and key and not by foreign key: studies and sites stand in a room to the right of this one.
    on_type = models.ForeignKey(ContentType, null=True, on_delete=models.PROTECT, related_name="+")
    on_pk = models.PositiveBigIntegerField(null=True)
    reason = models.TextField(_("reason"))
    state = models.CharField(_("state"), max_length=10, choices=ActState, default=ActState.PENDING)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="acts_asked", verbose_name=_("asked by")
    )
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.PROTECT,
        related_name="acts_decided",
        verbose_name=_("decided by"),
    )
    decided_at = models.DateTimeField(_("decided at"), null=True)

    class Meta:
        verbose_name = _("administrative act")
        verbose_name_plural = _("administrative acts")
        ordering = ["-asked_at", "-pk"]
        # In the database too, for whoever writes past the service.
        constraints = [
            models.CheckConstraint(
                name="act_decided_when_it_ended",
                condition=models.Q(state__in=["pending", "done"], decided_by=None)
                | models.Q(state__in=["approved", "refused"], decided_by__isnull=False),
            ),
            models.CheckConstraint(
                name="act_approved_by_another",
                condition=~models.Q(state="approved")
                | (~models.Q(decided_by=models.F("asked_by")) & ~models.Q(decided_by=models.F("concerns"))),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.concerns}"


class Lockout(models.Model):
    """Wrong passwords or secrets lately given for one account, one client or from one address; no name is kept."""

    key = models.CharField(max_length=100, unique=True)
    failures = models.PositiveIntegerField(default=0)
    last_failed_at = models.DateTimeField(db_index=True)
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.key
