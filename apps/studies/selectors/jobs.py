"""Background work of a study, for who sees the whole study: what waits, runs, failed, and may be tried again."""

from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import NotVisibleError
from apps.core.models import Job, JobState
from apps.core.services.jobs import policy_of
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Study
from apps.studies.selectors.access import require


def jobs_of(principal: Principal, study: Study) -> QuerySet[Job]:
    """Jobs of a study, latest first; raises NotAllowedError for who sees only sites of it: jobs know no sites."""
    require(principal, Permission.VIEW, study)
    return Job.objects.filter(scope=study.code).order_by("-created_at")


def job_of(principal: Principal, study: Study, job_id: UUID) -> Job:
    """One job of a study; raises NotVisibleError when there is none."""
    job = jobs_of(principal, study).filter(pk=job_id).first()
    if job is None:
        raise NotVisibleError("This study has no job of this id.")
    return job


def may_retry(principal: Principal, study: Study, job: Job) -> bool:
    """Whether a reader holds the right that the kind of work asks for."""
    return principal.may(Permission(policy_of(job.kind).right), study.pk)


def words_of(job: Job, audience: Audience) -> str:
    """What went wrong. The portal's own words are open; those of a refusal may quote files that hold treatment."""
    if audience is Audience.BLINDED and job.state == JobState.FAILED and not job.is_dead_letter:
        return _("Refused; what the work belongs to says why.")
    return job.error
