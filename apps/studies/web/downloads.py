"""What one takes away from an import: rejected rows as CSV, the receipt as JSON; both in the reader's projection."""

import csv
import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.studies.models import ImportRun
from apps.studies.selectors.import_lists import in_words, receipt_seen, rejected_of
from apps.studies.selectors.imports import reason_for_run, receipt_for
from apps.studies.web.import_account import account_of
from apps.studies.web.import_status import status_of
from apps.studies.web.imports import run_of
from apps.studies.web.scope import StudyScope, scope_of

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
HEAD = ("file", "row", "domain", "subject", "variable", "kind", "reason")


def guarded(value: object) -> str:
    """The text of a cell, with an apostrophe before what a spreadsheet would run as a formula."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


@login_required
@require_GET
def import_rejected(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Rejected and ambiguous rows of an import with their reasons, as CSV."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = _attachment(scope, run, "rejected-rows.csv")
    writer = csv.writer(response)
    writer.writerow(HEAD)
    for row in in_words(run, rejected_of(run, scope.principal, scope.audience), scope.audience):
        kind = "ambiguous" if row.is_ambiguous else "value left out" if row.is_cell else "rejected"
        cells = (row.file, row.row or "", row.domain, row.subject_id, row.variable, kind, row.reason)
        writer.writerow([guarded(cell) for cell in cells])
    return response


@login_required
@require_GET
def import_receipt(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """The receipt of an import as JSON."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    text = json.dumps(_receipt(scope, run), indent=2, ensure_ascii=False)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response.headers["Content-Disposition"] = _attachment(scope, run, "receipt.json")
    return response


def _receipt(scope: StudyScope, run: ImportRun) -> dict[str, Any]:
    return {
        "study": scope.study.code,
        "import": run.number,
        "state": status_of(run, scope.audience).state.value,
        "by": run.requested_by.display_name if run.requested_by else "operator",
        "confirmed_by": run.confirmed_by.display_name if run.confirmed_by else None,
        "reason": reason_for_run(run, scope.audience),
        "started_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "projection": scope.audience.value,
        "receipt": _with_held_back(run, scope),
    }


def _with_held_back(run: ImportRun, scope: StudyScope) -> dict[str, Any]:
    """Rows held back are summed over the files that the reader sees the counts of, as all other counts are."""
    receipt = receipt_seen(run, scope.principal, scope.audience)
    if not receipt or not scope.sees_whole_study:
        return receipt
    return {**receipt, "held_back": account_of(receipt_for(run, scope.audience).files).held_back}


def _attachment(scope: StudyScope, run: ImportRun, name: str) -> str:
    return f'attachment; filename="{scope.study.code}-import-{run.number}-{name}"'
