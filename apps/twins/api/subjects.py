"""Subjects of a study with their state and version."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.api import PageNumbers
from apps.core.inputs import text
from apps.core.schema import PAGES, text_parameter
from apps.studies.api.scope import ScopedView
from apps.studies.models import Subject
from apps.twins.selectors.subjects import is_derived, line_of, subject_lines


class SubjectSerializer(serializers.Serializer[Any]):
    """One subject; `version` is in the caller's own sequence."""

    subject_id = serializers.CharField()
    site = serializers.CharField()
    status = serializers.CharField(
        help_text="Empty where nothing is known yet; `unknown` while derived data are absent (`rebuild_twins`)."
    )
    version = serializers.IntegerField()


class SubjectPage(serializers.Serializer[Any]):
    """One page of subjects."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = SubjectSerializer(many=True)


class SubjectList(ScopedView):
    """Subjects by identifier."""

    @extend_schema(
        operation_id="subjects_list",
        responses={200: SubjectPage},
        parameters=[
            text_parameter("search", "Part of the subject id, in any case."),
            text_parameter("site", "Code of a site."),
            *PAGES,
        ],
    )
    def get(self, request: Request, code: str) -> Response:
        """A page of subjects that the caller may see."""
        subjects = subject_lines(self.principal, self.study).order_by("subject_id")
        search, site = text(request, "search"), text(request, "site")
        if search:
            subjects = subjects.filter(subject_id__icontains=search)
        if site:
            subjects = subjects.filter(site__code=site)
        pages = PageNumbers()
        page = pages.paginate_queryset(subjects, request, view=self) or []
        return pages.get_paginated_response(
            [
                {
                    "subject_id": subject.subject_id,
                    "site": subject.site.code,
                    "status": status_of(subject),
                    "version": subject.version_for(self.audience),
                }
                for subject in page
            ]
        )


def status_of(subject: Subject) -> str:
    """Where a subject stands; its absence is never passed off as a state."""
    line = line_of(subject)
    if line is not None:
        return str(line.status)
    return "" if is_derived(subject) else "unknown"
