"""Addresses of the narrative pages."""

from django.urls import path, re_path

from apps.narratives.web import actions, pages, panels

urlpatterns = [
    path("studies/<str:code>/narratives/", pages.narratives, name="narratives"),
    path("studies/<str:code>/narratives/draft/", actions.draft_due, name="narratives-draft-due"),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/", pages.narrative, name="narrative"),
    path(
        "studies/<str:code>/narratives/<uuid:narrative_id>/evidence/<int:number>/<int:sentence>/",
        panels.evidence,
        name="narrative-evidence",
    ),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/document/", panels.document, name="narrative-document"),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/notes/", pages.notes, name="narrative-notes"),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/compare/", pages.compare, name="narrative-compare"),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/refresh/", actions.refresh, name="narrative-refresh"),
    path("studies/<str:code>/narratives/<uuid:narrative_id>/submit/", actions.submit, name="narrative-submit"),
    # An id of a subject may hold slashes, so that it is matched up to the last words.
    re_path(
        r"^studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/narrative/draft/$", actions.draft, name="narrative-draft"
    ),
    re_path(
        r"^studies/(?P<code>[^/]+)/subjects/(?P<subject_id>.+)/narrative/$",
        panels.of_subject,
        name="narrative-of-subject",
    ),
]
