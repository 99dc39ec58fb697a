"""Addresses of a study's imports, and of what it hides."""

from django.urls import path

from apps.studies.web import blinding, downloads, import_actions, imports

LIST = "studies/<str:code>/imports/"
ONE = f"{LIST}<int:number>/"

urlpatterns = [
    path(LIST, imports.imports, name="imports"),
    path(f"{LIST}new/", import_actions.import_new, name="import-new"),
    path(ONE, imports.import_detail, name="import"),
    path(f"{ONE}confirm/", import_actions.import_confirm, name="import-confirm"),
    path(f"{ONE}cancel/", import_actions.import_cancel, name="import-cancel"),
    path(f"{ONE}discard/", import_actions.import_discard, name="import-discard"),
    path(f"{ONE}progress/", imports.import_progress, name="import-progress"),
    path(f"{ONE}lists/<slug:name>/", imports.import_list, name="import-list"),
    path(f"{ONE}rejected.csv", downloads.import_rejected, name="import-rejected"),
    path(f"{ONE}receipt.json", downloads.import_receipt, name="import-receipt"),
    path("studies/<str:code>/blinding/", blinding.blinding, name="blinding"),
    path("studies/<str:code>/blinding/reach/", blinding.blinding_reach, name="blinding-reach"),
    path("studies/<str:code>/blinding/<int:rule>/remove/", blinding.blinding_remove, name="blinding-remove"),
]
