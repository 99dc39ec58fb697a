"""Narratives, their immutable versions, and whether the data still say what a version says."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.compliance.models import Review
from apps.core.append_only import AppendOnly
from apps.core.models import Job
from apps.narratives.domain.currency.compare import REASONS, Reason, told_of
from apps.studies.domain.principal import Principal
from apps.studies.models import ChangeSet, Study, Subject


class NarrativeQuerySet(models.QuerySet["Narrative"]):
    """Narratives, scoped to a reader; drafted from the blinded projection, they are open to every role."""

    def visible_to(self, principal: Principal) -> "NarrativeQuerySet":
        """Narratives of the subjects that the reader may see."""
        return self.filter(Q(study_id__in=principal.whole_study_ids) | Q(subject__site_id__in=principal.site_ids))


class Narrative(models.Model):
    """The safety narrative of one subject, whatever its versions say."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="narratives")
    subject = models.ForeignKey(Subject, on_delete=models.PROTECT, related_name="narratives")
    kind = models.CharField(_("kind"), max_length=20, default="safety")
    job = models.ForeignKey(Job, null=True, on_delete=models.PROTECT, related_name="+")
    reason = models.TextField(_("reason"), blank=True, help_text=_("Why it is written although no rule asks for it."))
    is_reason_open = models.BooleanField(default=True, help_text=_("Whether blinded readers may read the reason."))
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)

    objects = NarrativeQuerySet.as_manager()

    class Meta:
        verbose_name = _("narrative")
        verbose_name_plural = _("narratives")
        constraints = [models.UniqueConstraint(fields=["subject", "kind"], name="narrative_once_per_subject")]

    def __str__(self) -> str:
        return f"{self.kind} narrative of {self.subject}"


class NarrativeVersion(AppendOnly):
    """Text, facts and verification of one version; never changed after it is written."""

    narrative = models.ForeignKey(Narrative, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    review = models.OneToOneField(Review, on_delete=models.PROTECT, related_name="+")
    twin_version = models.PositiveBigIntegerField(help_text=_("In the sequence of blinded readers."))
    known_at = models.DateTimeField()
    data_cut = models.DateField(null=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sentences = models.JSONField()
    facts = models.JSONField()
    verification = models.JSONField()
    provenance = models.JSONField()
    text_sha256 = models.CharField(max_length=64)
    facts_sha256 = models.CharField(max_length=64)
    verification_sha256 = models.CharField(max_length=64)
    content_sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)

    # Read with `with_currency_now`: the currency against the data of now, which no column can hold.
    currency_now: str

    class Meta:
        verbose_name = _("narrative version")
        verbose_name_plural = _("narrative versions")
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["narrative", "number"], name="narrative_version_gap_free")]

    def __str__(self) -> str:
        return f"version {self.number}"


class Currency(models.Model):
    """Whether a version still says what the data say: the second axis, beside the state of its review."""

    # A row beside the version and not a column of it: versions are never changed, this is with every check.
    version = models.OneToOneField(NarrativeVersion, on_delete=models.PROTECT, related_name="currency")
    value = models.CharField(max_length=16, default="current")
    reasons = models.JSONField(default=list)
    twin_version = models.PositiveBigIntegerField()
    # Of those that narratives ask: a study that receives another changes what the absence of records says.
    domains_received = models.PositiveSmallIntegerField(default=0)
    checked_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.value

    @property
    def all_reasons(self) -> tuple[Reason, ...]:
        """Every reason, those that follow from others too."""
        return REASONS.read_all(self.reasons)

    @property
    def told(self) -> list[Reason]:
        """The reasons that a person is told, what weighs most first."""
        return told_of(self.all_reasons)


class CurrencyChange(AppendOnly):
    """One turn of currency, kept: from what to what, for which reasons, set off by which change set."""

    version = models.ForeignKey(NarrativeVersion, on_delete=models.PROTECT, related_name="currency_changes")
    from_value = models.CharField(max_length=16)
    to_value = models.CharField(max_length=16)
    reasons = models.JSONField(default=list)
    # None where no change set it off: the answer was asked for by an act, such as a submission.
    change_set = models.ForeignKey(ChangeSet, null=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("currency change")
        verbose_name_plural = _("currency changes")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.from_value} to {self.to_value}"
