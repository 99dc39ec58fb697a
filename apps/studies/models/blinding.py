"""What a study hides from blinded readers beyond what the product hides in every study."""

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.studies.domain.blinding import LONGEST_WORD
from apps.studies.models.study import Study


class RuleKind(models.TextChoices):
    """What a rule names."""

    VARIABLE = "variable", _("hidden variable")
    OPENED = "opened", _("variable that no word hides")
    TEST = "test", _("hidden test")
    WORD = "word", _("word that names a treatment")


class RuleOrigin(models.TextChoices):
    """Who found a rule: treatments are named by the study's own data, the rest is decided by people."""

    DATA = "data", _("the study's data")
    PERSON = "person", _("a person")


class BlindingRule(models.Model):
    """One rule of a study: a variable such as `FA.FAORRES`, a test such as `LB.DRUGX`, or a (folded) word."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="blinding_rules")
    kind = models.CharField(_("kind"), max_length=10, choices=RuleKind)
    name = models.CharField(_("name"), max_length=LONGEST_WORD)
    origin = models.CharField(_("found in"), max_length=10, choices=RuleOrigin)
    reason = models.TextField(_("reason"), blank=True)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(_("added"), default=timezone.now)

    class Meta:
        verbose_name = _("blinding rule")
        verbose_name_plural = _("blinding rules")
        ordering = ["kind", "name"]
        constraints = [models.UniqueConstraint(fields=["study", "kind", "name"], name="blinding_rule_once_per_study")]

    def __str__(self) -> str:
        # The name may tell a treatment; this text is written into the trail.
        return f"{self.get_kind_display()} {self.pk}"
