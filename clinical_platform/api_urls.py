"""Routes of the API; a subject id may hold slashes, so it is matched up to the last fixed word."""

from django.urls import path, re_path
from drf_spectacular.views import SpectacularAPIView

from apps.core.api import UnknownAddress
from apps.core.reference import ApiReference
from apps.narratives import api as narratives
from apps.studies.api.imports import ImportDetail, ImportStart
from apps.studies.api.jobs import JobList, JobRetry
from apps.studies.api.records import RecordWrite
from apps.studies.api.studies import StudyList
from apps.twins.api.subjects import SubjectList
from apps.twins.api.twins import TwinChanges, TwinDiff, TwinRead, TwinVersions

SUBJECT = r"^studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/"

urlpatterns = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", ApiReference.as_view(), name="api-docs"),
    path("studies/", StudyList.as_view()),
    path("studies/<str:code>/subjects/", SubjectList.as_view()),
    re_path(SUBJECT + r"twin/versions/$", TwinVersions.as_view()),
    re_path(SUBJECT + r"twin/diff/$", TwinDiff.as_view()),
    re_path(SUBJECT + r"twin/changes/$", TwinChanges.as_view()),
    re_path(SUBJECT + r"twin/$", TwinRead.as_view()),
    path("studies/<str:code>/records/", RecordWrite.as_view()),
    path("studies/<str:code>/imports/", ImportStart.as_view()),
    path("studies/<str:code>/imports/<uuid:run_id>/", ImportDetail.as_view()),
    path("studies/<str:code>/jobs/", JobList.as_view()),
    path("studies/<str:code>/jobs/<uuid:job_id>/retry/", JobRetry.as_view()),
    path("studies/<str:code>/narratives/", narratives.NarrativeList.as_view()),
    path("narratives/<uuid:narrative_id>/", narratives.NarrativeDetail.as_view()),
    path("narratives/<uuid:narrative_id>/refresh/", narratives.NarrativeRefresh.as_view()),
    path("narratives/<uuid:narrative_id>/submit/", narratives.NarrativeSubmit.as_view()),
    # Without it an unknown address would be answered before anyone was asked who they are.
    re_path(r"^.*$", UnknownAddress.as_view()),
]
