"""What is kept of twins: snapshots that can be thrown away, and one line per subject for lists."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.studies.models import Subject


class TwinSnapshot(models.Model):
    """Records of a subject at one version for one audience, compressed; deleting it loses nothing."""

    subject = models.ForeignKey(Subject, on_delete=models.CASCADE, related_name="snapshots")
    audience = models.CharField(max_length=10)
    version = models.PositiveBigIntegerField()
    fold_version = models.PositiveIntegerField()
    payload = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["subject", "audience", "version", "fold_version"], name="snapshot_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"snapshot {self.version} for {self.audience} readers"


class TwinSummary(models.Model):
    """The line about a subject in lists, folded in the transaction of every change; from open data only."""

    subject = models.OneToOneField(Subject, on_delete=models.CASCADE, related_name="summary", primary_key=True)
    status = models.CharField(_("status"), max_length=20, db_index=True)
    age = models.FloatField(_("age"), null=True)
    age_unit = models.TextField(blank=True, default="")
    age_years = models.FloatField(null=True, help_text=_("For an order of ages in different units."))
    sex = models.CharField(_("sex"), max_length=20, blank=True)
    event_count = models.PositiveIntegerField(default=0)
    serious_terms = models.JSONField(default=list)
    serious_count = models.PositiveIntegerField(default=0)
    severe_count = models.PositiveIntegerField(default=0)
    serious_by_flag = models.BooleanField(default=False)
    is_dead = models.BooleanField(default=False)
    is_discontinued_for_ae = models.BooleanField(default=False)
    leaving_reason = models.TextField(blank=True)
    leaving_on = models.TextField(blank=True, default="")
    died_on = models.TextField(blank=True, default="")
    reference_on = models.DateField(null=True)
    last_visit = models.CharField(max_length=200, blank=True)
    last_visit_on = models.TextField(
        blank=True, default="", help_text=_("As recorded: ISO 8601 orders partial dates too.")
    )
    has_transaminase_over_3_uln = models.BooleanField(default=False)
    has_bilirubin_over_2_uln = models.BooleanField(default=False)
    meets_liver_criteria = models.BooleanField(default=False)
    peak_transaminase = models.FloatField(null=True)
    words = models.TextField(blank=True, help_text=_("Events and medications, one a line, to be searched."))
    definition_version = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.status
