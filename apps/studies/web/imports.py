"""Imports of a study: the list, and one import in whatever state it is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.core.domain.errors import NotVisibleError
from apps.studies.models import ImportRun, ImportState
from apps.studies.selectors.imports import (
    imports_of,
    preview_for,
    progress_of,
    reason_for_run,
    receipt_for,
    sees_all_of,
)
from apps.studies.web.forms import ConfirmForm
from apps.studies.web.import_account import Account, account_of
from apps.studies.web.import_status import ImportStatus, status_of
from apps.studies.web.lists import OF_CHECK, OF_EVERY_RECEIPT, OF_RECEIPT, SHAPES, ImportLists, title_of
from apps.studies.web.preview import preview_page, subject_filter
from apps.studies.web.scope import StudyScope, scope_of

PAGE_SIZE = 50
FIRST_NAMED = 12


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the list; without an account where the reader does not see the whole study."""

    run: ImportRun
    status: ImportStatus
    reason: str | None
    account: Account | None


@login_required
@require_GET
def imports(request: HttpRequest, code: str) -> HttpResponse:
    """The imports of a study, the latest first."""
    scope = scope_of(request, code)
    page = Paginator(imports_of(scope.study), PAGE_SIZE).get_page(request.GET.get("page"))
    lines = [_list_line(scope, run) for run in page.object_list]
    context = {"scope": scope, "study": scope.study, "page": page, "lines": lines}
    return render(request, "studies/imports.html", context)


@login_required
@require_GET
def import_detail(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """One import: being checked, waiting to be confirmed, running, or ended with its receipt."""
    scope = scope_of(request, code)
    return import_page(request, scope, run_of(scope, number))


@login_required
@require_GET
def import_list(request: HttpRequest, code: str, number: int, name: str) -> HttpResponse:
    """One list behind a figure of an import, page by page, what matters most first."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    lists = ImportLists(scope, run)
    page = Paginator(lists.rows(name), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        **_run_context(scope, run, status_of(run, scope.audience)),
        "name": name,
        "title": title_of(name),
        "shape": SHAPES.get(name, "subject"),
        "page": page,
        "lines": lists.words(name, list(page.object_list)),
        # Before an import is done, whom it would bring has no page yet.
        "is_enrolled": run.state == ImportState.DONE or name not in {"new-subjects", "not-in-dm"},
    }
    return render(request, "studies/import_list.html", context)


@login_required
@require_GET
def import_progress(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """How far a running import is; once it is no longer running the whole page is loaded again."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    status = status_of(run, scope.audience)
    context = {**_run_context(scope, run, status), "progress": progress_of(run, scope.audience)}
    response = render(request, "studies/import_progress.html", context)
    if not status.is_running:
        response.headers["HX-Refresh"] = "true"
    return response


def run_of(scope: StudyScope, number: int) -> ImportRun:
    """The import of this number; raises NotVisibleError where the study has none."""
    run = imports_of(scope.study).filter(number=number).first()
    if run is None:
        raise NotVisibleError(f"Study {scope.study.code} has no import {number}.")
    return run


def import_page(
    request: HttpRequest, scope: StudyScope, run: ImportRun, form: ConfirmForm | None = None, http_status: int = 200
) -> HttpResponse:
    """The page of an import in its state; `form` carries what is to be put right before it can be confirmed."""
    status = status_of(run, scope.audience)
    context = _run_context(scope, run, status)
    if status.is_running:
        progress = progress_of(run, scope.audience)
        return render(request, "studies/import_running.html", {**context, "progress": progress})
    if status.state == ImportState.CHECKED:
        context |= {
            **_check_context(scope, run),
            "form": form or ConfirmForm(initial={"reason": context["reason"] or ""}),
        }
        return render(request, "studies/import_check.html", context, status=http_status)
    return render(request, "studies/import_receipt.html", {**context, **_receipt_context(scope, run)})


def _run_context(scope: StudyScope, run: ImportRun, status: ImportStatus) -> dict[str, Any]:
    return {
        "scope": scope,
        "study": scope.study,
        "run": run,
        "status": status,
        "reason": reason_for_run(run, scope.audience),
        "sees_all": sees_all_of(run, scope.audience),
    }


def _list_line(scope: StudyScope, run: ImportRun) -> ImportLine:
    # Counts of a whole study are for who sees every site of it.
    account = account_of(receipt_for(run, scope.audience).files) if scope.sees_whole_study else None
    return ImportLine(run, status_of(run, scope.audience), reason_for_run(run, scope.audience), account)


def _check_context(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    preview, lists = preview_for(run, scope.audience), ImportLists(scope, run)
    return {
        "account": account_of(preview.files) if scope.sees_whole_study else None,
        "preview": preview_page(preview, subject_filter(scope)),
        "left_out": preview.left_out,
        "groups": lists.groups(),
        "values": lists.first("values", FIRST_NAMED),
        **_figures(lists, OF_CHECK),
    }


def _receipt_context(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    receipt, lists = receipt_for(run, scope.audience), ImportLists(scope, run)
    return {
        "receipt": receipt,
        "left_out": receipt.left_out,
        "account": account_of(receipt.files) if scope.sees_whole_study else None,
        "first_subjects": lists.first("subjects-in", FIRST_NAMED),
        "seconds": round((run.finished_at - run.created_at).total_seconds()) if run.finished_at else None,
        **_figures(lists, _names(scope, run)),
    }


def _names(scope: StudyScope, run: ImportRun) -> Sequence[str]:
    """Figures of a receipt; those of the check where its lines were kept and its changes were made."""
    has_come_in = run.state in {ImportState.DONE, ImportState.CANCELLED}
    is_listed = has_come_in and preview_for(run, scope.audience).is_listed
    return OF_RECEIPT if is_listed else OF_EVERY_RECEIPT


def _figures(lists: ImportLists, names: Sequence[str]) -> dict[str, Any]:
    """The numbers that lead the page; those that are nought are named together."""
    figures = lists.figures(names)
    return {
        "figures": [figure for figure in figures if figure.number],
        "none_of": [figure for figure in figures if not figure.number],
        "number_of": {figure.name.replace("-", "_"): figure.number for figure in figures},
        "first_rejected": lists.first("rejected"),
    }
