"""A review of one version of something, whatever that is; the content comes from a registered adapter."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.compliance.domain.workflow import ReviewState, Step
from apps.core.append_only import AppendOnly
from apps.studies.domain.principal import Principal
from apps.studies.domain.variables import BlindingClass
from apps.studies.models import Site, Study

STATES = [
    (ReviewState.DRAFT.value, _("draft")),
    (ReviewState.VERIFIED.value, _("verified")),
    (ReviewState.BLOCKED.value, _("blocked")),
    (ReviewState.IN_REVIEW.value, _("in review")),
    (ReviewState.CHANGES_REQUESTED.value, _("changes requested")),
    (ReviewState.SIGNED.value, _("signed")),
    (ReviewState.SUPERSEDED.value, _("superseded")),
    (ReviewState.WITHDRAWN.value, _("withdrawn")),
]

STEPS = [
    (Step.PASS_CHECK.value, _("checked against the data: passed")),
    (Step.FAIL_CHECK.value, _("checked against the data: blocked")),
    (Step.SUBMIT.value, _("submitted for review")),
    (Step.REQUEST_CHANGES.value, _("asked for changes")),
    (Step.REJECT.value, _("rejected")),
    (Step.SIGN.value, _("approved and signed")),
    (Step.SUPERSEDE.value, _("superseded")),
]


class ReviewQuerySet(models.QuerySet["Review"]):
    """Reviews, scoped to a reader."""

    def visible_to(self, principal: Principal) -> "ReviewQuerySet":
        """Reviews at the reader's sites; one of unblinded content does not exist for a blinded reader."""
        scoped = self.filter(Q(study_id__in=principal.whole_study_ids) | Q(site_id__in=principal.site_ids))
        unblinded = [
            study.pk
            for study in Study.objects.visible_to(principal)
            if principal.audience(study.pk, is_blinded=study.is_blinded) == "unblinded"
        ]
        return scoped.filter(Q(blinding_class=BlindingClass.OPEN.value) | Q(study_id__in=unblinded))


class Review(models.Model):
    """Where one version of a document stands, who wrote it, and the hash of what is reviewed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="reviews")
    # Copied from the subject, so that rights are asked of the review alone; it moves when the subject moves.
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="reviews")
    content_kind = models.CharField(_("kind"), max_length=40)
    content_id = models.CharField(max_length=64)
    content_version = models.PositiveIntegerField(_("version"))
    # Kept and not made from the content: a list that names its reviews must not read all their sentences.
    title = models.CharField(_("document"), max_length=250)
    content_sha256 = models.CharField(max_length=64)
    blinding_class = models.CharField(max_length=10, default=BlindingClass.OPEN.value)
    state = models.CharField(_("state"), max_length=20, choices=STATES, default=ReviewState.DRAFT.value)
    authors = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", verbose_name=_("authors"))
    created_at = models.DateTimeField(_("created"), default=timezone.now)
    moved_at = models.DateTimeField(_("last moved"), default=timezone.now)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        ordering = ["-moved_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["content_kind", "content_id", "content_version"], name="review_once_per_version"
            )
        ]
        indexes = [models.Index(fields=["study", "state"], name="review_by_study_state")]

    def __str__(self) -> str:
        return f"{self.title}, version {self.content_version}"


class ReviewTransition(AppendOnly):
    """One step of a review: who moved it from where to where, when and why; never changed or deleted."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="transitions")
    step = models.CharField(max_length=20, choices=STEPS)
    from_state = models.CharField(max_length=20)
    to_state = models.CharField(max_length=20)
    # None is the portal, as when a signature puts an earlier version out of force.
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    actor_name = models.CharField(max_length=200)
    reason = models.TextField(blank=True)
    anchor = models.PositiveIntegerField(null=True, help_text=_("Sentence that the reason is about."))
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("review step")
        verbose_name_plural = _("review steps")
        ordering = ["at", "pk"]

    def __str__(self) -> str:
        return f"{self.from_state} to {self.to_state}"
