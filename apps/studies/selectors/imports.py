"""Reads import runs; of a run that nobody blinded asked for, blinded readers are told what they may know of it."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.file_names import open_file_name
from apps.studies.models import ImportRun, RejectedRow, SourceFile, Study

Account = dict[str, Any]


def imports_of(study: Study) -> QuerySet[ImportRun]:
    """Import runs of a study, the latest first."""
    return ImportRun.objects.filter(study=study).select_related("requested_by", "job").order_by("-number")


def import_of(study: Study, run_id: UUID) -> ImportRun:
    """One run of a study; raises NotVisibleError for an id of another."""
    run = imports_of(study).filter(pk=run_id).first()
    if run is None:
        raise NotVisibleError("No import of this study has this id.")
    return run


def sees_all_of(run: ImportRun, audience: Audience) -> bool:
    """Whether every word, name and number of a run is for this reader."""
    return audience is Audience.UNBLINDED or run.is_open


def progress_of(run: ImportRun, audience: Audience) -> dict[str, object]:
    """How far the run's job is: subjects done, subjects in all, and words; else in per cent and without words."""
    if run.job is None:
        return {"done": 0, "total": 0, "label": ""}
    done, total = run.job.progress_done, run.job.progress_total
    if sees_all_of(run, audience):
        return {"done": done, "total": total, "label": run.job.progress_label}
    return {"done": 100 * done // total if total else 0, "total": 100, "label": ""}


def receipt_for(run: ImportRun, audience: Audience) -> Account:
    """The receipt in the reader's projection."""
    receipt = run.receipt if audience is Audience.UNBLINDED else run.open_receipt
    return dict(receipt or _like_a_receipt(preview_for(run, audience)))


def preview_for(run: ImportRun, audience: Audience) -> Account:
    """The preview in the reader's projection."""
    return dict(run.preview if audience is Audience.UNBLINDED else run.open_preview)


def _like_a_receipt(preview: Mapping[str, Any]) -> Account:
    if not preview:
        return {}
    return {**preview["totals"], "files": preview["files"], "left_out": preview["left_out"]}


def reason_for_run(run: ImportRun, audience: Audience) -> str | None:
    """Why a run was made; None where the reason may tell a blinded reader what they must not know."""
    return run.reason if sees_all_of(run, audience) or run.is_reason_open else None


def error_for(run: ImportRun, audience: Audience) -> str:
    """What went wrong with a run; a reason that may quote files is not for blinded readers."""
    if sees_all_of(run, audience) or not run.error:
        return run.error
    return "The import did not end well; its reason is shown to those who may see treatment."


def rejected_for(run: ImportRun, audience: Audience) -> list[RejectedRow]:
    """Rejected and ambiguous rows that the reader may know of, with as much of their reasons as they may read."""
    rows = RejectedRow.objects.filter(run=run)
    if audience is Audience.UNBLINDED:
        return list(rows)
    return [_shown(run, row) for row in rows.filter(is_open=True)]


def _shown(run: ImportRun, row: RejectedRow) -> RejectedRow:
    if not run.is_open:
        row.file = open_file_name(row.file, row.domain)
    if not row.is_reason_open:
        row.reason = f"{row.variable or 'The row'} was not accepted."
    return row


def shown_file(file: SourceFile | None, audience: Audience) -> tuple[str, str]:
    """Name and SHA-256 of a source file; a blinded reader gets those of files that a blinded person gave, and else a
    name that says no more than the domain.
    """
    if file is None:
        return "", ""
    if audience is Audience.UNBLINDED or file.is_open:
        return file.name, file.sha256
    return open_file_name(file.name, file.domain), ""
