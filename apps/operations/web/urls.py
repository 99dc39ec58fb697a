"""Addresses of the home page and the study overview."""

from django.urls import path

from apps.operations.web import home, study

urlpatterns = [
    path("", home.home, name="home"),
    path("studies/<str:code>/", study.study, name="study"),
    path("studies/<str:code>/replay/", study.study_replay, name="study-replay"),
]
