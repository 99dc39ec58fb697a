"""The one ledger: change sets, their revisions, and the record as it stands now."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from apps.core.append_only import AppendOnly
from apps.studies.domain.changes import FIRST_CHAIN_RULE
from apps.studies.models.imports import SourceFile
from apps.studies.models.study import Site, Study, Subject


class ChangeSet(AppendOnly):
    """The version of a subject (or, without one, of a study's own records); append-only and hash-chained.

    `blinded_number` is the number of the last change set that blinded readers may know of;
    `is_open` says whether this one is itself such a change set, `chain_rule` by which rule its hashes were made.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="change_sets")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="change_sets")
    number = models.PositiveBigIntegerField()
    blinded_number = models.PositiveBigIntegerField()
    is_open = models.BooleanField()
    is_reason_open = models.BooleanField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # As it was when they wrote: a person may take another name, and history is not rewritten for it.
    actor_name = models.CharField(max_length=200)
    reason = models.TextField()
    source = models.CharField(max_length=200)
    correlation_id = models.CharField(max_length=64)
    known_at = models.DateTimeField(default=timezone.now)
    data_cut = models.DateField(null=True)
    change_count = models.PositiveIntegerField()
    blinded_change_count = models.PositiveIntegerField()
    # What is stored without one was made by the first.
    chain_rule = models.PositiveSmallIntegerField(default=FIRST_CHAIN_RULE)
    previous_sha256 = models.CharField(max_length=64, blank=True)
    sha256 = models.CharField(max_length=64)
    blinded_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["subject", "number"], name="change_set_number_gap_free"),
            # To SQL no two NULLs are equal: the rule above does not reach the study's own change sets.
            models.UniqueConstraint(
                fields=["study", "number"], condition=models.Q(subject=None), name="study_change_set_number_gap_free"
            ),
        ]
        indexes = [
            models.Index(fields=["study", "known_at"], name="change_set_by_study_time"),
            models.Index(fields=["subject", "blinded_number"], name="change_set_by_blinded"),
        ]

    def __str__(self) -> str:
        return f"change set {self.number}"


class SiteTransfer(AppendOnly):
    """A subject's move from one site to another, made by the change of its demographics; never changed or deleted."""

    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="transfers")
    from_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    to_site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="+")
    change_set = models.OneToOneField(ChangeSet, on_delete=models.PROTECT, related_name="transfer")

    def __str__(self) -> str:
        return f"from {self.from_site} to {self.to_site}"


class RecordRevision(AppendOnly):
    """One entry of a record's history: the operation and the values after it; never changed or deleted.

    `hidden` names what blinded readers do not see of the values (`*` for all of it), `open_operation` what happened
    for them; empty where, for them, nothing did. Both were decided when the entry was written.
    """

    change_set = models.ForeignKey(ChangeSet, on_delete=models.PROTECT, related_name="revisions")
    record_id = models.CharField(max_length=40, db_index=True)
    domain = models.CharField(max_length=20)
    operation = models.CharField(max_length=10)
    values = models.JSONField()
    hidden = models.TextField(default="", blank=True)
    open_operation = models.CharField(max_length=10, default="", blank=True)
    target = models.TextField(blank=True)
    source_file = models.ForeignKey(SourceFile, null=True, on_delete=models.PROTECT, related_name="+")
    source_row = models.PositiveIntegerField(null=True)

    def __str__(self) -> str:
        return f"{self.operation} {self.record_id}"


class Record(models.Model):
    """The current row of one domain for one subject; its opaque id never changes and holds no clinical value.

    `hidden` names what blinded readers do not see of it; it is part of the record, not a guess from its values.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="records")
    subject = models.ForeignKey(Subject, null=True, on_delete=models.PROTECT, related_name="records")
    record_id = models.CharField(max_length=40)
    domain = models.CharField(max_length=20)
    values = models.JSONField()
    hidden = models.TextField(default="", blank=True)
    target = models.TextField(blank=True)
    is_withdrawn = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "record_id"], name="record_once_per_study")]
        indexes = [models.Index(fields=["subject", "domain"], name="record_by_subject_domain")]

    def __str__(self) -> str:
        return self.record_id
