"""What one takes away from an import: rejected rows as CSV, the receipt as JSON; both in the reader's projection."""

import csv
import json
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_GET

from apps.studies.models import ImportRun
from apps.studies.selectors.imports import reason_for_run, receipt_for, rejected_for
from apps.studies.web.account import account_of
from apps.studies.web.imports import run_of
from apps.studies.web.preview import SubjectFilter, subject_filter
from apps.studies.web.scope import StudyScope, scope_of
from apps.studies.web.standing import standing_of

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
    for row in subject_filter(scope).rows(rejected_for(run, scope.audience)):
        kind = "ambiguous" if row.is_ambiguous else "rejected"
        cells = (row.file, row.row, row.domain, row.subject_id, row.variable, kind, row.reason)
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
    receipt, seen = receipt_for(run, scope.audience), subject_filter(scope)
    return {
        "study": scope.study.code,
        "import": run.number,
        "state": standing_of(run, scope.audience).state.value,
        "by": run.requested_by.display_name if run.requested_by else "operator",
        "reason": reason_for_run(run, scope.audience),
        "started_at": run.created_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "projection": scope.audience.value,
        "receipt": _whole(receipt) if scope.sees_whole_study else _of_own_sites(receipt, seen),
    }


def _whole(receipt: dict[str, Any]) -> dict[str, Any]:
    """Rows held back are summed over the files that the reader sees the counts of, as all other counts are."""
    return {**receipt, "held_back": account_of(receipt.get("files", [])).held_back} if receipt else {}


def _of_own_sites(receipt: dict[str, Any], seen: SubjectFilter) -> dict[str, Any]:
    """Which of the reader's own subjects are in; counts of the whole study are not theirs."""
    return {name: [one for one in receipt.get(name, []) if seen.sees(one)] for name in ("subjects", "vanished")}


def _attachment(scope: StudyScope, run: ImportRun, name: str) -> str:
    return f'attachment; filename="{scope.study.code}-import-{run.number}-{name}"'
