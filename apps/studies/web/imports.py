"""Imports of a study: the list, and one import in whatever state it is."""

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
    rejected_for,
    sees_all_of,
)
from apps.studies.web.account import Account, account_of
from apps.studies.web.forms import ConfirmForm
from apps.studies.web.preview import preview_page, subject_filter
from apps.studies.web.scope import StudyScope, scope_of
from apps.studies.web.standing import Standing, standing_of

PAGE_SIZE = 50
FIRST_REJECTED = 10


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import in the list; without an account where the reader does not see the whole study."""

    run: ImportRun
    standing: Standing
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
def import_progress(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """How far a running import is; once it is no longer running the whole page is loaded again."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    standing = standing_of(run, scope.audience)
    context = {**_run_context(scope, run, standing), "progress": progress_of(run, scope.audience)}
    response = render(request, "studies/import_progress.html", context)
    if not standing.is_running:
        response.headers["HX-Refresh"] = "true"
    return response


def run_of(scope: StudyScope, number: int) -> ImportRun:
    """The import of this number; raises NotVisibleError where the study has none."""
    run = imports_of(scope.study).filter(number=number).first()
    if run is None:
        raise NotVisibleError(f"Study {scope.study.code} has no import {number}.")
    return run


def import_page(
    request: HttpRequest, scope: StudyScope, run: ImportRun, form: ConfirmForm | None = None, status: int = 200
) -> HttpResponse:
    """The page of an import in its state; `form` carries what is to be put right before it can be confirmed."""
    standing = standing_of(run, scope.audience)
    context = _run_context(scope, run, standing)
    if standing.is_running:
        progress = progress_of(run, scope.audience)
        return render(request, "studies/import_running.html", {**context, "progress": progress})
    if standing.state == ImportState.CHECKED:
        context |= {
            **_check_context(scope, run),
            "form": form or ConfirmForm(initial={"reason": context["reason"] or ""}),
        }
        return render(request, "studies/import_check.html", context, status=status)
    return render(request, "studies/import_receipt.html", {**context, **_receipt_context(scope, run)})


def _run_context(scope: StudyScope, run: ImportRun, standing: Standing) -> dict[str, Any]:
    return {
        "scope": scope,
        "study": scope.study,
        "run": run,
        "standing": standing,
        "reason": reason_for_run(run, scope.audience),
        "sees_all": sees_all_of(run, scope.audience),
    }


def _list_line(scope: StudyScope, run: ImportRun) -> ImportLine:
    account = account_of(receipt_for(run, scope.audience).get("files", [])) if scope.sees_whole_study else None
    return ImportLine(run, standing_of(run, scope.audience), reason_for_run(run, scope.audience), account)


def _check_context(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    preview, seen = preview_for(run, scope.audience), subject_filter(scope)
    return {
        "account": account_of(preview.get("files", [])) if scope.sees_whole_study else None,
        "preview": preview_page(preview, seen),
        "left_out": preview.get("left_out", []),
        **_rejected_context(scope, run),
    }


def _receipt_context(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    receipt, seen = receipt_for(run, scope.audience), subject_filter(scope)
    subjects = [name for name in receipt.get("subjects", []) if seen.sees(name)] if run.receipt else []
    return {
        "receipt": receipt,
        "left_out": receipt.get("left_out", []),
        "account": account_of(receipt.get("files", [])) if scope.sees_whole_study else None,
        "subjects": subjects,
        "vanished": [name for name in receipt.get("vanished", []) if seen.sees(name)],
        "seconds": round((run.finished_at - run.created_at).total_seconds()) if run.finished_at else None,
        **_rejected_context(scope, run),
    }


def _rejected_context(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    rows = subject_filter(scope).rows(rejected_for(run, scope.audience))
    return {"rejected": rows, "first_rejected": rows[:FIRST_REJECTED], "more_rejected": rows[FIRST_REJECTED:]}
