"""Jobs that survive a lost queue, the heartbeat of their workers, and answers kept for repeated requests."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class JobState(models.TextChoices):
    """Life of a job."""

    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


class Job(models.Model):
    """One piece of work that runs after a commit; the row is the truth, the queue only a hint."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=60)
    key = models.CharField(max_length=200, blank=True, help_text=_("Work with the same key waits or runs once."))
    payload = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=JobState, default=JobState.QUEUED)
    progress_done = models.PositiveBigIntegerField(default=0)
    progress_total = models.PositiveBigIntegerField(default=0)
    progress_label = models.CharField(max_length=200, blank=True)
    is_cancel_requested = models.BooleanField(default=False)
    scope = models.CharField(max_length=60, blank=True, help_text=_("Code of the study it belongs to, if any."))
    lane = models.CharField(max_length=80, blank=True, help_text=_("Of jobs in the same lane one runs at a time."))
    attempts = models.PositiveIntegerField(default=0, help_text=_("Since it last got anywhere."))
    claim = models.PositiveIntegerField(
        default=0, help_text=_("How often it was given to a worker; what an earlier claim writes is refused.")
    )
    error = models.TextField(blank=True)
    is_dead_letter = models.BooleanField(
        default=False, help_text=_("Given up after several tries; a person may have it tried again.")
    )
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    not_before = models.DateTimeField(null=True, blank=True)
    hinted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")
        indexes = [models.Index(fields=["state", "created_at"], name="job_by_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "key"],
                condition=models.Q(state__in=["queued", "running"]) & ~models.Q(key=""),
                name="job_alive_once_per_key",
            ),
            # In the database, because two workers may look at the same moment and both see an empty lane.
            models.UniqueConstraint(
                fields=["lane"],
                condition=models.Q(state="running") & ~models.Q(lane=""),
                name="job_one_at_a_time_in_its_lane",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


class Heartbeat(models.Model):
    """Last sign of life of a process that runs jobs."""

    name = models.CharField(max_length=100, primary_key=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} at {self.at:%Y-%m-%d %H:%M:%S} UTC"


class IdempotencyKey(models.Model):
    """The answer once given to a request, kept 24 hours so that repeating it changes nothing."""

    principal = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.CharField(max_length=200)
    body_sha256 = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    answer = models.JSONField(null=True, help_text=_("Empty only inside the transaction that makes it."))
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="idempotency_once_per_principal")]

    def __str__(self) -> str:
        return self.key
