"""What makes an edit of the trail visible, and what the verifications of everything found."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.compliance.models.trail import TrailEntry
from apps.core.append_only import AppendOnly
from apps.studies.models import Study


class TrailSeal(AppendOnly):
    """Closes over all rows of the trail that no earlier seal covers; its hash goes on from the seal before it."""

    number = models.PositiveIntegerField(unique=True)
    entry_count = models.PositiveIntegerField()
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    sealed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")

    def __str__(self) -> str:
        return f"seal {self.number}"


class TrailLeaf(AppendOnly):
    """One row of the trail as a seal found it. Rows that commit late are sealed later: nothing hangs on their order."""

    seal = models.ForeignKey(TrailSeal, on_delete=models.PROTECT, related_name="leaves")
    # One to one: of two sealings at once only one can cover a row.
    entry = models.OneToOneField(TrailEntry, on_delete=models.PROTECT, related_name="leaf")
    study = models.ForeignKey(Study, null=True, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("sealed row")
        verbose_name_plural = _("sealed rows")

    def __str__(self) -> str:
        return f"row {self.entry_id}"


class Verification(AppendOnly):
    """One verification of everything that is stored: when, how much was checked, how much of it did not hold.

    `by_study` holds subjects, signatures and broken links by code. `head_sha256` is the last seal: whoever keeps it
    elsewhere can tell that the end of the trail was cut off.
    """

    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(default=timezone.now)
    subject_count = models.PositiveIntegerField()
    signature_count = models.PositiveIntegerField()
    trail_count = models.PositiveIntegerField()
    broken_count = models.PositiveIntegerField()
    by_study = models.JSONField(default=dict)
    head_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        verbose_name = _("verification")
        verbose_name_plural = _("verifications")
        get_latest_by = ("finished_at", "pk")

    def __str__(self) -> str:
        return f"{self.finished_at:%d %b %Y %H:%M} UTC, {self.broken_count} broken"


class BrokenLink(AppendOnly):
    """One thing that did not hold; without a study it concerns the platform. No number that blinded readers lack."""

    verification = models.ForeignKey(Verification, on_delete=models.PROTECT, related_name="broken_links")
    study = models.ForeignKey(Study, null=True, on_delete=models.PROTECT, related_name="+")
    part = models.CharField(max_length=30)
    subject = models.CharField(max_length=250, blank=True)
    words = models.CharField(max_length=250)

    class Meta:
        verbose_name = _("broken link")
        verbose_name_plural = _("broken links")

    def __str__(self) -> str:
        return f"{self.part}: {self.words}"
