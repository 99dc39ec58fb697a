"""The account of an import: what became of every row, subject by subject and file by file."""

from collections import Counter
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from apps.core.domain.canonical import sha256_hex
from apps.studies.domain.planning import Doubt, SubjectPlan
from apps.studies.domain.readers.package import Package
from apps.studies.models import ImportedSubject, ImportRun, ImportState, RejectedRow
from apps.studies.services.sources import forget_files

# "held_back" rows are those of a replayed study that wait for their day.
OUTCOMES = ("new", "changed", "unchanged", "ambiguous", "held_back")
# A failed run keeps its files for a while, because it may be tried again.
NEED_NO_FILES = {ImportState.DONE, ImportState.CANCELLED, ImportState.REFUSED}


def note_subject(run: ImportRun, subject_id: str, plan: SubjectPlan) -> None:
    """Note that a subject is in, with what became of its rows."""
    counts: dict[str, dict[str, int]] = {}
    for (file, outcome), number in plan.counts.items():
        counts.setdefault(file, {})[outcome] = number
    entry = {"files": counts, "withdrawn": dict(plan.withdrawn), "changes": len(plan.changes)}
    ImportedSubject.objects.create(run=run, subject_id=subject_id, counts=entry)
    keep_doubts(run, subject_id, plan.doubts)


def keep_doubts(run: ImportRun, subject_id: str, doubts: Iterable[Doubt]) -> None:
    """Keep the rows that may be more than one record, for a person to decide."""
    RejectedRow.objects.bulk_create(
        RejectedRow(
            run=run,
            file=doubt.file,
            row=doubt.row,
            domain=doubt.domain,
            subject_id=subject_id,
            reason=doubt.reason,
            is_ambiguous=True,
        )
        for doubt in doubts
    )


def keep_rejected(run: ImportRun, package: Package) -> None:
    """Keep every refused row of a package with its reason; a repeated reading keeps them once."""
    RejectedRow.objects.filter(run=run, is_ambiguous=False).delete()
    RejectedRow.objects.bulk_create(
        (
            RejectedRow(
                run=run,
                file=refused.file,
                row=refused.number,
                domain=refused.domain,
                subject_id=refused.subject_id or "",
                variable=refused.variable,
                reason=refused.reason,
            )
            for refused in package.rejected
        ),
        batch_size=1000,
    )


def file_entries(package: Package, outcomes: Counter[tuple[str, str]]) -> list[dict[str, object]]:
    """One entry per file: name, hash, size, domain, rows, and what became of them."""
    return [
        {
            "name": account.name,
            "sha256": account.sha256,
            "size": account.size,
            "domain": account.domain,
            "kind": account.kind,
            "rows": account.rows,
            "records": account.records,
            "qualifiers": account.qualifiers,
            "rejected": account.rejected,
            **{outcome: outcomes[account.name, outcome] for outcome in OUTCOMES},
        }
        for account in package.accounts
    ]


def totals(files: Sequence[dict[str, object]], withdrawn: Counter[str]) -> dict[str, int]:
    """Sums over the files; new, changed, unchanged, ambiguous and held back rows are together the records."""
    names = (*OUTCOMES, "rejected", "records", "qualifiers", "rows")
    sums = {name: sum(int(str(entry[name])) for entry in files) for name in names}
    return {**sums, "withdrawn": sum(withdrawn.values())}


def open_receipt(run: ImportRun, package: Package, vanished: Sequence[str]) -> None:
    """Write what is known before the first subject: files, keys, and subjects that keep their records."""
    run.receipt = {
        "files": file_entries(package, Counter()),
        "vanished": list(vanished),
        "columns": {domain: list(names) for domain, names in package.columns.items()},
        "key_notes": [{"domain": note.domain, "text": note.text} for note in package.key_notes],
    }
    run.save(update_fields=["receipt"])


def close_run(run: ImportRun, state: ImportState, error: str = "") -> None:
    """End a run with its receipt: counts that add up, and which subjects are in."""
    outcomes: Counter[tuple[str, str]] = Counter()
    withdrawn: Counter[str] = Counter()
    subjects: list[str] = []
    moved = 0
    for entry in ImportedSubject.objects.filter(run=run).order_by("pk"):
        subjects += [entry.subject_id] if entry.subject_id else []
        moved += bool(entry.counts["changes"] and entry.subject_id)
        withdrawn.update(entry.counts["withdrawn"])
        for file, counts in entry.counts["files"].items():
            outcomes.update({(file, outcome): number for outcome, number in counts.items()})
    files = [{**entry, **_outcomes(entry, outcomes)} for entry in run.receipt.get("files", [])]
    receipt = {**run.receipt, "files": files, **totals(files, withdrawn), "subjects": subjects, "moved": moved}
    receipt["withdrawn_by_domain"] = dict(withdrawn)
    run.receipt = {**receipt, "sha256": sha256_hex(receipt)}
    run.state, run.error, run.finished_at = state, error, timezone.now()
    run.save(update_fields=["receipt", "state", "error", "finished_at"])
    if state in NEED_NO_FILES:
        transaction.on_commit(lambda: forget_files(run))


def _outcomes(entry: dict[str, object], outcomes: Counter[tuple[str, str]]) -> dict[str, int]:
    return {outcome: outcomes[str(entry["name"]), outcome] for outcome in OUTCOMES}
