"""The trail of configuration, workflow and access: each row knows its study, or that it is the platform's."""

from collections.abc import Callable, Iterable
from typing import Any

from auditlog.models import AbstractLogEntry, LogEntryManager
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermission

from apps.accounts.domain.roles import Permission, study_of_group
from apps.accounts.models import User
from apps.compliance.models.review import Review
from apps.compliance.models.signature import Signature
from apps.core.append_only import AppendOnly, AppendOnlyQuerySet
from apps.studies.domain.principal import Principal
from apps.studies.models import BlindingRule, Site, Study


def _study_of_grant(grant: GroupObjectPermission) -> int | None:
    model = grant.content_type.model_class()
    if model is Study:
        return int(grant.object_pk)
    return Site.objects.filter(pk=grant.object_pk).values_list("study_id", flat=True).first() if model is Site else None


def _study_of_group(group: Group) -> int | None:
    code = study_of_group(group.name)
    return Study.objects.filter(code=code).values_list("pk", flat=True).first() if code else None


# What is not here belongs to no study: people and applications are the platform's.
_STUDY_OF: dict[type[models.Model], Callable[[Any], int | None]] = {
    Study: lambda study: study.pk,
    Site: lambda site: site.study_id,
    BlindingRule: lambda rule: rule.study_id,
    Review: lambda review: review.study_id,
    Signature: lambda signature: signature.review.study_id,
    Group: _study_of_group,
    GroupObjectPermission: _study_of_grant,
}


def study_of(instance: models.Model) -> int | None:
    """Study (database id) that a row of configuration, workflow or access belongs to; None for the platform's."""
    find = _STUDY_OF.get(type(instance))
    return find(instance) if find else None


class TrailQuerySet(AppendOnlyQuerySet["TrailEntry"]):
    """Rows of the trail, scoped to a reader."""

    def visible_to(self, principal: Principal, *, reads_platform: bool) -> "TrailQuerySet":
        """Rows of the studies of which the principal reads the trail, and the platform's for who administers it."""
        # Whole studies only: a row of the trail knows its study and no site, so that a grant on a site opens none.
        granted = [study for study, held in principal.on_studies.items() if Permission.VIEW_AUDIT in held]
        scope = models.Q(study_id__in=granted)
        return self.filter(scope | models.Q(study=None) if reads_platform else scope)


class TrailManager(LogEntryManager.from_queryset(TrailQuerySet)):  # type: ignore[misc]
    """Sets the study of a row when it is written; it is never guessed when it is read."""

    def log_create(self, instance: models.Model, force_log: bool = False, **kwargs: Any) -> "TrailEntry | None":
        """One row about an instance that was added, changed or deleted."""
        return super().log_create(instance, force_log, **{"study_id": study_of(instance), **kwargs})  # type: ignore[no-any-return]

    def log_m2m_changes(
        self,
        changed_queryset: Iterable[models.Model],
        instance: models.Model,
        operation: str,
        field_name: str,
        **kwargs: Any,
    ) -> None:
        """One row for each study that a many-to-many change touches: a person's groups are grants of their studies."""
        # Auditors of a study read its rows: one row with the groups of two studies would show each the other's.
        by_study: dict[int | None, list[models.Model]] = {}
        for changed in changed_queryset:
            of = study_of(changed) if isinstance(instance, User) else study_of(instance)
            by_study.setdefault(of, []).append(changed)
        for study_id, changes in by_study.items():
            super().log_m2m_changes(changes, instance, operation, field_name, **{**kwargs, "study_id": study_id})


class TrailEntry(AbstractLogEntry, AppendOnly):  # type: ignore[misc]
    """One change of configuration, workflow or access: who, when, what; without a study it is the platform's."""

    study = models.ForeignKey(
        Study, null=True, on_delete=models.PROTECT, related_name="+", verbose_name=_("study"), editable=False
    )
    # The library's own would let rows go with what they point at (CASCADE, SET NULL); history keeps them.
    content_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("content type")
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("actor"),
    )

    objects = TrailManager()  # type: ignore[misc]

    class Meta(AbstractLogEntry.Meta):  # type: ignore[misc]
        # The library's Meta takes the place of the one of `AppendOnly`, so that its guarded manager is named again.
        base_manager_name = "objects"
        verbose_name = _("trail entry")
        verbose_name_plural = _("trail entries")
        indexes = [models.Index(fields=["study", "timestamp"], name="trail_by_study")]
