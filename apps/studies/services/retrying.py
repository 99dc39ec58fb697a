"""Has work that was given up tried again, on behalf of a person who holds the right to it."""

import logging

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.models import Job
from apps.core.services.jobs import policy_of, retry_job
from apps.studies.domain.principal import Principal
from apps.studies.models import Study
from apps.studies.selectors.access import require

logger = logging.getLogger(__name__)


def retry_study_job(*, principal: Principal, user: User, study: Study, job: Job) -> Job:
    """Queue a dead letter again from the start.

    Raises NotAllowedError without the right that its kind asks for, ConflictError for a job that was not given up.
    """
    require(principal, Permission(policy_of(job.kind).right), study)
    retried = retry_job(job)
    logger.info("job_retried job=%s kind=%s user=%s", job.pk, job.kind, user.pk)
    return retried
