"""Reads import runs; the receipt of a blinded reader says nothing of files that tell the treatment."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.variables import record_is_hidden
from apps.studies.models import ImportRun, RejectedRow, Study

COUNTED = ("rows", "records", "qualifiers", "new", "changed", "unchanged", "ambiguous", "held_back", "rejected")
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


def progress_of(run: ImportRun) -> dict[str, object]:
    """How far the run's job is: subjects done, subjects in all, and words."""
    if run.job is None:
        return {"done": 0, "total": 0, "label": ""}
    return {"done": run.job.progress_done, "total": run.job.progress_total, "label": run.job.progress_label}


def receipt_for(run: ImportRun, audience: Audience) -> Account:
    """The receipt in the reader's projection; hidden files keep their name and lose hash, size and counts."""
    return _project(run.receipt or preview_account(run), audience)


def preview_for(run: ImportRun, audience: Audience) -> Account:
    """The preview in the reader's projection."""
    return _project(run.preview, audience)


def preview_account(run: ImportRun) -> Account:
    """The part of a preview that reads like a receipt."""
    return {**run.preview.get("totals", {}), "files": run.preview.get("files", [])} if run.preview else {}


def rejected_for(run: ImportRun, audience: Audience) -> list[RejectedRow]:
    """Rejected and ambiguous rows that the reader may see."""
    rows = RejectedRow.objects.filter(run=run)
    return [row for row in rows if audience is Audience.UNBLINDED or not _is_hidden(row.domain)]


def _project(account: Mapping[str, Any], audience: Audience) -> Account:
    if audience is Audience.UNBLINDED or not account:
        return dict(account)
    files = [_without_counts(entry) if _is_hidden(entry["domain"]) else entry for entry in account.get("files", [])]
    open_files = [entry for entry in files if "rows" in entry]
    sums = {name: sum(entry[name] for entry in open_files) for name in COUNTED}
    by_domain = account.get("withdrawn_by_domain", {})
    withdrawn = sum(number for domain, number in by_domain.items() if not _is_hidden(domain))
    kept = {name: value for name, value in account.items() if name not in {"sha256", "columns", "key_notes", "moved"}}
    notes = [note for note in account.get("key_notes", []) if not _is_hidden(note["domain"])]
    project: Account = {**kept, "files": files, "key_notes": notes, **sums, "withdrawn": withdrawn}
    project["withdrawn_by_domain"] = {domain: n for domain, n in by_domain.items() if not _is_hidden(domain)}
    if "totals" in account:
        subjects = account["subjects"]
        project["subjects"] = {**subjects, "moving": subjects["moving_open"]}
        project["totals"] = {**sums, "withdrawn": withdrawn}
    return project


def _without_counts(entry: Mapping[str, Any]) -> Account:
    return {"name": entry["name"], "domain": entry["domain"], "kind": entry["kind"], "is_hidden": True}


def _is_hidden(domain: str) -> bool:
    """Whether a file's domain tells the treatment; qualifiers tell what their parents tell."""
    parent = domain.removeprefix("SUPP")
    return bool(parent) and record_is_hidden(parent, {})
