"""Background work in the admin: what waits, runs and was given up, and the retry of the latter."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.selectors.roles import signed_in
from apps.compliance.admin.read_only import ReadOnlyAdmin
from apps.core.domain.errors import PlatformError
from apps.core.models import Job
from apps.core.services.jobs import retry_job
from apps.studies.domain.audience import Audience
from apps.studies.models import Study
from apps.studies.selectors.jobs import words_of
from apps.studies.services.retrying import retry_study_job


class JobAdmin(ReadOnlyAdmin):
    """Jobs of the studies that a reader sees whole; all of them for superusers, who run the portal."""

    actions = ["try_again"]
    list_display = ["created_at", "kind", "scope", "state", "attempts", "not_before", "is_dead_letter", "words"]
    list_filter = ["state", "is_dead_letter", "kind"]
    ordering = ["-created_at"]
    fields = [
        "kind", "scope", "state", "attempts", "claim", "words", "is_dead_letter", "created_at", "started_at",
        "not_before", "lease_until", "finished_at",
    ]  # fmt: skip
    readonly_fields = ["words"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """Only what the reader may know of."""
        jobs: QuerySet[Job] = super().get_queryset(request)
        if self._runs_the_portal(request):
            return jobs
        # Jobs know no sites: who sees some sites of a study sees none of its jobs.
        return jobs.filter(scope__in=self._whole_studies(request).values("code"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Whoever runs the portal, and whoever sees a whole study."""
        return self._runs_the_portal(request) or bool(self.principal(request).whole_study_ids)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one job."""
        return self.has_view_permission(request)

    @admin.display(description=_("error"))
    def words(self, job: Job) -> str:
        """What went wrong, as far as it quotes no data."""
        # Whoever reads: a superuser, who runs the portal, knows no treatment either.
        return words_of(job, Audience.BLINDED)

    @admin.action(description=_("Try again what was given up"))
    def try_again(self, request: HttpRequest, queryset: QuerySet[Job]) -> None:
        """Each through the service; what may not be tried again is said with its reason."""
        for job in queryset:
            try:
                self._retry(request, job)
            except PlatformError as error:
                messages.error(request, f"{job}: {error.detail}")
            else:
                messages.success(request, gettext("%(job)s is tried again.") % {"job": job})

    def _retry(self, request: HttpRequest, job: Job) -> None:
        study = Study.objects.filter(code=job.scope).first()
        if study is None or self._runs_the_portal(request):
            retry_job(job)
        else:
            retry_study_job(principal=self.principal(request), user=signed_in(request.user), study=study, job=job)

    def _runs_the_portal(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def _whole_studies(self, request: HttpRequest) -> QuerySet[Study]:
        return Study.objects.filter(pk__in=self.principal(request).whole_study_ids)
