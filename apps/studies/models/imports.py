"""What came in: files, import runs, their receipts and the rows that were refused."""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import User
from apps.core.append_only import AppendOnly
from apps.core.models import Job
from apps.studies.models.study import Study


class ImportState(models.TextChoices):
    """Life of an import run."""

    CHECKING = "checking", _("being checked")
    CHECKED = "checked", _("checked, nothing written")
    IMPORTING = "importing", _("running")
    DONE = "done", _("done")
    CANCELLED = "cancelled", _("cancelled")
    REFUSED = "refused", _("refused")
    FAILED = "failed", _("failed")
    DISCARDED = "discarded", _("discarded")


class SourceFile(models.Model):
    """One file as it was given, known by its SHA-256.

    `is_from_blinded` says that a blinded person gave it, so that its name tells no treatment; `domain` is what it
    holds. `is_numbered_openly` says that the numbers of its rows tell none (`readers/numbering.py`).
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="source_files")
    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField()
    domain = models.CharField(max_length=20, default="", blank=True)
    is_from_blinded = models.BooleanField(default=False)
    is_numbered_openly = models.BooleanField(default=False)

    class Meta:
        # The same name with another content is another file: values point at the one they came from.
        constraints = [models.UniqueConstraint(fields=["study", "name", "sha256"], name="source_file_once")]

    def __str__(self) -> str:
        return self.name


class ReceivedDomain(AppendOnly):
    """A domain that a study has received, with rows or as an empty dataset; never changed or deleted.

    Without one, that a subject has no record of a domain says nothing about the subject. `is_open` says that blinded
    readers know of it; where that came later than the first record, there are two.
    """

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="received_domains")
    domain = models.CharField(max_length=20)
    is_open = models.BooleanField()
    received_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "domain", "is_open"], name="domain_received_once")]

    def __str__(self) -> str:
        return self.domain


class ImportRun(models.Model):
    """One attempt to bring files in: check, then import, then a receipt that adds up.

    `is_from_blinded` says that a blinded person asked for it: it was done in the open projection, and its words, names
    and hashes are open. Of any other run blinded readers see the `open_` account; `is_reason_open` is for its reason.
    Who confirmed it (nobody, where it was not checked first) gave the reason, and what was written bears their name.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="imports")
    number = models.PositiveIntegerField()
    # What a person says that text which is not UTF-8 is written in; empty where the portal is to find out.
    encoding = models.CharField(max_length=20, blank=True, default="")
    source = models.CharField(max_length=500)
    # Kept beside the source: of an upload that is what somebody called their files.
    is_packaged = models.BooleanField(default=False)
    reason = models.TextField(blank=True)
    is_from_blinded = models.BooleanField(default=False)
    is_reason_open = models.BooleanField(default=False)
    is_dry_run = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=ImportState, default=ImportState.CHECKING)
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    confirmed_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    preview = models.JSONField(default=dict)
    open_preview = models.JSONField(default=dict)
    receipt = models.JSONField(default=dict)
    open_receipt = models.JSONField(default=dict)
    error = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["study", "number"], name="import_number_once_per_study")]
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"import {self.number}"

    @property
    def decided_by(self) -> User | None:
        """In whose name it is written: who confirmed it, else who asked for it; None for the operator."""
        return self.confirmed_by or self.requested_by


class ImportedSubject(models.Model):
    """Which subjects of a run are in, with their counts; how a lost run knows where to go on."""

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="subjects")
    subject_id = models.CharField(max_length=200)
    counts = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "subject_id"], name="imported_subject_once_per_run")]

    def __str__(self) -> str:
        return self.subject_id


class CheckedLine(models.Model):
    """One line of what the check of a run found (`domain/findings.py`); the ledger holds what was then written.

    `is_whole` says that it is in the account of who knows treatment, `is_open` in that of blinded readers. Lines of a
    subject are shared where all of them are equal, and else kept twice: a line that is shared among others that are not
    would stand elsewhere than beside nothing hidden, and tell.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="lines")
    kind = models.CharField(max_length=30)
    weight = models.PositiveSmallIntegerField()
    subject_id = models.CharField(max_length=200)
    domain = models.CharField(max_length=20, blank=True)
    details = models.JSONField(default=dict)
    is_whole = models.BooleanField()
    is_open = models.BooleanField()

    class Meta:
        ordering = ["weight", "subject_id", "domain", "pk"]
        indexes = [models.Index(fields=["run", "kind", "weight", "subject_id"], name="checked_line_by_list")]

    def __str__(self) -> str:
        return f"{self.kind} of {self.subject_id}"


class RejectedRow(models.Model):
    """A row refused with a reason; the row itself stays in the source file.

    `is_open` says that blinded readers may know of the row, `is_reason_open` that they may read the reason,
    `is_numbered_openly` that they may know where in its file it stands. With `is_cell` the row came in, and only the
    value of the variable was refused.
    """

    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="rejected_rows")
    file = models.CharField(max_length=255)
    row = models.PositiveIntegerField()
    domain = models.CharField(max_length=20, blank=True)
    subject_id = models.CharField(max_length=200, blank=True)
    variable = models.CharField(max_length=40, blank=True)
    reason = models.TextField()
    is_ambiguous = models.BooleanField(default=False)
    is_cell = models.BooleanField(default=False)
    is_open = models.BooleanField(default=False)
    is_reason_open = models.BooleanField(default=False)
    is_numbered_openly = models.BooleanField(default=False)

    class Meta:
        ordering = ["file", "row", "pk"]

    def __str__(self) -> str:
        return f"{self.file}, row {self.row}"
