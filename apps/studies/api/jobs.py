"""Background work of a study: how it stands, and the retry of what was given up."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import PageNumbers
from apps.core.domain.errors import ConflictError, NotAllowedError
from apps.core.models import Job
from apps.core.schema import PAGES, refusals
from apps.studies.api.scope import ScopedView
from apps.studies.selectors.jobs import job_of, jobs_of, may_retry, words_of
from apps.studies.services.retrying import retry_study_job


class JobSerializer(serializers.Serializer[Any]):
    """One piece of background work."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(["queued", "running", "done", "failed", "cancelled"])
    attempts = serializers.IntegerField()
    error = serializers.CharField()
    created_at = serializers.DateTimeField()
    next_try_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    can_retry = serializers.BooleanField()


class JobPage(serializers.Serializer[Any]):
    """One page of jobs."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = JobSerializer(many=True)


class JobList(ScopedView):
    """Background work of a study."""

    @extend_schema(operation_id="jobs_list", responses={200: JobPage, **refusals(NotAllowedError)}, parameters=PAGES)
    def get(self, request: Request, code: str) -> Response:
        """A page of jobs, latest first; for who sees the whole study."""
        pages = PageNumbers()
        page: list[Job] = pages.paginate_queryset(jobs_of(self.principal, self.study), request, view=self) or []
        return pages.get_paginated_response([_as_dict(self, job) for job in page])


class JobRetry(ScopedView):
    """The retry of one job."""

    @extend_schema(operation_id="jobs_retry", request=None, responses={202: JobSerializer, **refusals(ConflictError)})
    def post(self, request: Request, code: str, job_id: UUID) -> Response:
        """Queue a job that was given up again; 409 for any other."""
        job = job_of(self.principal, self.study, job_id)
        retried = retry_study_job(principal=self.principal, user=self.user, study=self.study, job=job)
        return Response(_as_dict(self, retried), status=202)


def _as_dict(view: ScopedView, job: Job) -> dict[str, object]:
    return {
        "id": str(job.pk),
        "kind": job.kind,
        "state": job.state,
        "attempts": job.attempts,
        "error": words_of(job, view.audience),
        "created_at": job.created_at,
        "next_try_at": job.not_before if job.state == "queued" else None,
        "finished_at": job.finished_at,
        "can_retry": job.is_dead_letter and may_retry(view.principal, view.study, job),
    }
