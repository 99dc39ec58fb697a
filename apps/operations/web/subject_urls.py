"""Address of the list of subjects; the page of one subject is apps.twins.web.urls."""

from django.urls import path

from apps.operations.web import subjects

urlpatterns = [
    path("studies/<str:code>/subjects/", subjects.SubjectsPage.as_view(), name="subjects"),
]
