"""Addresses of one subject's page and panels; a subject id may hold slashes, so it is matched up to the last word."""

from django.urls import re_path

from apps.twins.web.changes import ChangesPanel
from apps.twins.web.laboratory import LaboratoryPanel
from apps.twins.web.listings import HistoryPanel, MedicationsPanel
from apps.twins.web.page import SummaryPanel, TwinPage
from apps.twins.web.problems import ProblemsPanel
from apps.twins.web.timeline import TimelinePanel
from apps.twins.web.value import ValuePanel

SUBJECT = r"^studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/"

urlpatterns = [
    re_path(SUBJECT + r"panels/summary/$", SummaryPanel.as_view(), name="twin-summary"),
    re_path(SUBJECT + r"panels/timeline/$", TimelinePanel.as_view(), name="twin-timeline"),
    re_path(SUBJECT + r"panels/laboratory/$", LaboratoryPanel.as_view(), name="twin-laboratory"),
    re_path(SUBJECT + r"panels/problems/$", ProblemsPanel.as_view(), name="twin-problems"),
    re_path(SUBJECT + r"panels/changes/$", ChangesPanel.as_view(), name="twin-changes"),
    re_path(SUBJECT + r"panels/history/$", HistoryPanel.as_view(), name="twin-history"),
    re_path(SUBJECT + r"panels/medications/$", MedicationsPanel.as_view(), name="twin-medications"),
    re_path(SUBJECT + r"panels/value/$", ValuePanel.as_view(), name="twin-value"),
    re_path(SUBJECT + r"$", TwinPage.as_view(), name="subject"),
]
