"""Study, site and subject: the only things that access is granted on or inherited from."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal


class StudyState(models.TextChoices):
    """Whether a study takes changes."""

    ACTIVE = "active", _("active")
    LOCKED = "locked", _("locked")
    ARCHIVED = "archived", _("archived")


# Without `view`, a permission that Django makes for every model.
GRANTABLE = [
    ("view_unblinded", _("sees treatment of")),
    ("write_records", _("writes records of")),
    ("import_data", _("imports into")),
    ("draft_narrative", _("drafts narratives of")),
    ("review_narrative", _("reviews narratives of")),
    ("sign_narrative", _("signs narratives of")),
    ("view_audit", _("reads the trail of")),
    ("set_blinding", _("decides what is hidden in")),
]


class StudyQuerySet(models.QuerySet["Study"]):
    """Studies, scoped to a reader."""

    def visible_to(self, principal: Principal) -> "StudyQuerySet":
        """Studies of which the principal sees at least one site."""
        return self.filter(pk__in=principal.study_ids)


class SiteQuerySet(models.QuerySet["Site"]):
    """Sites, scoped to a reader."""

    def visible_to(self, principal: Principal) -> "SiteQuerySet":
        """Sites granted to the principal, one by one or with their study."""
        return self.filter(models.Q(study_id__in=principal.whole_study_ids) | models.Q(pk__in=principal.site_ids))


class SubjectQuerySet(models.QuerySet["Subject"]):
    """Subjects, scoped to a reader."""

    def visible_to(self, principal: Principal) -> "SubjectQuerySet":
        """Subjects at the sites that the principal may see."""
        return self.filter(models.Q(study_id__in=principal.whole_study_ids) | models.Q(site_id__in=principal.site_ids))


class Study(models.Model):
    """A trial; `code` is the portal's own name, `protocol_id` the STUDYID that the first import binds to it."""

    code = models.CharField(_("code"), max_length=60, unique=True)
    protocol_id = models.CharField(_("STUDYID of its files"), max_length=60, blank=True)
    state = models.CharField(_("state"), max_length=10, choices=StudyState, default=StudyState.ACTIVE)
    is_blinded = models.BooleanField(_("blinded"), default=True)
    version = models.PositiveBigIntegerField(default=0, help_text=_("Of the study-level records."))
    head_sha256 = models.CharField(max_length=64, blank=True)
    variable_labels = models.JSONField(default=dict, help_text=_("Of the files and Define-XML, by domain."))
    created_at = models.DateTimeField(default=timezone.now)

    objects = StudyQuerySet.as_manager()

    class Meta:
        verbose_name = _("study")
        verbose_name_plural = _("studies")
        permissions = [(f"{codename}_study", f"{label} a study") for codename, label in GRANTABLE]

    def __str__(self) -> str:
        return self.code


class Site(models.Model):
    """A place where subjects are treated."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="sites")
    code = models.CharField(_("site"), max_length=60)
    country = models.CharField(_("country"), max_length=60, blank=True)

    objects = SiteQuerySet.as_manager()

    class Meta:
        verbose_name = _("site")
        verbose_name_plural = _("sites")
        constraints = [models.UniqueConstraint(fields=["study", "code"], name="site_once_per_study")]
        permissions = [(f"{codename}_site", f"{label} a site") for codename, label in GRANTABLE]

    def __str__(self) -> str:
        return self.code


class Subject(models.Model):
    """An enrolled person, pseudonymous; the key is (study, subject id). Versions count per audience."""

    study = models.ForeignKey(Study, on_delete=models.PROTECT, related_name="subjects")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="subjects")
    subject_id = models.CharField(_("subject"), max_length=200)
    version = models.PositiveBigIntegerField(default=0)
    blinded_version = models.PositiveBigIntegerField(default=0)
    head_sha256 = models.CharField(max_length=64, blank=True)
    blinded_head_sha256 = models.CharField(max_length=64, blank=True)
    data_cut = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    objects = SubjectQuerySet.as_manager()

    class Meta:
        verbose_name = _("subject")
        verbose_name_plural = _("subjects")
        constraints = [models.UniqueConstraint(fields=["study", "subject_id"], name="subject_once_per_study")]

    def __str__(self) -> str:
        return self.subject_id

    def version_for(self, audience: Audience) -> int:
        """The version number in the sequence of this audience."""
        return self.version if audience is Audience.UNBLINDED else self.blinded_version
