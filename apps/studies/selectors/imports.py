"""Reads import runs; of a run that nobody blinded asked for, blinded readers are told what they may know of it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import QuerySet

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.file_names import open_file_name
from apps.studies.domain.import_accounts import PREVIEWS, RECEIPTS, Preview, Receipt
from apps.studies.models import ImportRun, RejectedRow, SourceFile, Study


def imports_of(study: Study) -> QuerySet[ImportRun]:
    """Import runs of a study, the latest first."""
    people = ("requested_by", "confirmed_by")
    return ImportRun.objects.filter(study=study).select_related(*people, "job").order_by("-number")


def import_of(study: Study, run_id: UUID) -> ImportRun:
    """One run of a study; raises NotVisibleError for an id of another."""
    run = imports_of(study).filter(pk=run_id).first()
    if run is None:
        raise NotVisibleError("No import of this study has this id.")
    return run


def sees_all_of(run: ImportRun, audience: Audience) -> bool:
    """Whether every word, name and number of a run is for this reader."""
    return audience is Audience.UNBLINDED or run.is_from_blinded


def progress_of(run: ImportRun, audience: Audience) -> dict[str, object]:
    """How far the run's job is: subjects done, subjects in all, and words; else in per cent and without words."""
    if run.job is None:
        return {"done": 0, "total": 0, "label": ""}
    done, total = run.job.progress_done, run.job.progress_total
    if sees_all_of(run, audience):
        return {"done": done, "total": total, "label": run.job.progress_label}
    return {"done": 100 * done // total if total else 0, "total": 100, "label": ""}


def receipt_for(run: ImportRun, audience: Audience) -> Receipt:
    """The receipt in the reader's projection; before there is one, the sums of the check."""
    stored = run.receipt if audience is Audience.UNBLINDED else run.open_receipt
    if stored:
        return RECEIPTS.read(stored)
    found = preview_for(run, audience)
    return Receipt(files=found.files, left_out=found.left_out, key_notes=found.key_notes, **asdict(found.totals))


def is_accounted(run: ImportRun) -> bool:
    """Whether there is a receipt or a check to tell of."""
    return bool(run.receipt or run.preview)


def preview_for(run: ImportRun, audience: Audience) -> Preview:
    """What the check found, in the reader's projection."""
    return PREVIEWS.read(_stored_preview(run, audience))


def _stored_preview(run: ImportRun, audience: Audience) -> Mapping[str, Any]:
    preview: Mapping[str, Any] = run.preview if audience is Audience.UNBLINDED else run.open_preview
    return preview


def reason_for_run(run: ImportRun, audience: Audience) -> str | None:
    """Why a run was made; None where the reason may tell a blinded reader what they must not know."""
    # Not `sees_all_of`: who confirmed what a blinded person sent may have known more than they.
    return run.reason if audience is Audience.UNBLINDED or run.is_reason_open else None


def error_for(run: ImportRun, audience: Audience) -> str:
    """What went wrong with a run; a reason that may quote files is not for blinded readers."""
    return shown_error(run, run.error, audience)


def shown_error(run: ImportRun, error: str, audience: Audience) -> str:
    """An error of a run or of its job, as its reader may know it."""
    if sees_all_of(run, audience) or not error:
        return error
    return "The import did not end well; its reason is shown to those who may see treatment."


@dataclass(frozen=True, slots=True)
class ShownRejected:
    """A rejected or ambiguous row with as much of its file, place and reason as its reader may read."""

    file: str
    row: int | None
    domain: str
    subject_id: str
    variable: str
    reason: str
    is_ambiguous: bool
    is_cell: bool


def shown_rejected(run: ImportRun, row: RejectedRow, audience: Audience) -> ShownRejected:
    """A row as its reader may know it."""
    sees_all, is_unblinded = sees_all_of(run, audience), audience is Audience.UNBLINDED
    return ShownRejected(
        file=row.file if sees_all else open_file_name(row.file, row.domain),
        row=row.row if sees_all or row.is_numbered_openly else None,
        domain=row.domain,
        subject_id=row.subject_id,
        variable=row.variable,
        reason=row.reason if is_unblinded or row.is_reason_open else f"{row.variable or 'The row'} was not accepted.",
        is_ambiguous=row.is_ambiguous,
        is_cell=row.is_cell,
    )


class ShownSource(NamedTuple):
    """Name and SHA-256 of a source file, empty where there is none or it is withheld, and the row."""

    file: str
    sha256: str
    row: int | None


def shown_source(file: SourceFile | None, row: int | None, audience: Audience) -> ShownSource:
    """The row that a value came from.

    A blinded reader gets name and hash of files that a blinded person gave, and else a name that says no more than the
    domain; the number of the row only where it tells nothing of the other rows.
    """
    if file is None:
        return ShownSource("", "", None)
    if audience is Audience.UNBLINDED or file.is_from_blinded:
        return ShownSource(file.name, file.sha256, row)
    return ShownSource(open_file_name(file.name, file.domain), "", row if file.is_numbered_openly else None)
