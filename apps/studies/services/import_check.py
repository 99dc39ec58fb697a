"""The check before an import: what would change, most serious first; nothing is written."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.db.models import Count

from apps.core.services.leases import JobRun
from apps.studies.domain.changes import Operation, RecordChange, open_change
from apps.studies.domain.highlights import WEIGHT, Highlight, highlights
from apps.studies.domain.planning import SubjectPlan
from apps.studies.domain.readers.package import Package
from apps.studies.domain.variables import open_values, record_is_hidden
from apps.studies.models import ImportRun, ImportState, Record, RejectedRow, Subject
from apps.studies.services.import_planning import STUDY_LEVEL, PackagePlan
from apps.studies.services.import_receipts import file_entries, keep_doubts, keep_rejected, totals

MOST_SHOWN = 500

# What else a change would set off: asked of the rooms to the right, for one subject.
Consequence = Callable[[Subject, Sequence[RecordChange]], list[str]]
_consequences: list[Consequence] = []


def register_consequence(consequence: Consequence) -> None:
    """Say who can tell what a planned change would set off, such as signed text going stale."""
    if consequence not in _consequences:
        _consequences.append(consequence)


@dataclass(slots=True)
class Preview:
    """What a check found; becomes the preview of the run."""

    matters: list[tuple[str, Highlight]] = field(default_factory=list)
    values: list[dict[str, object]] = field(default_factory=list)
    value_count: int = 0
    consequences: list[dict[str, str]] = field(default_factory=list)
    outcomes: Counter[tuple[str, str]] = field(default_factory=Counter)
    withdrawn: Counter[str] = field(default_factory=Counter)
    moving: int = 0
    moving_open: int = 0
    new_subjects: int = 0


def check_package(run: ImportRun, package: Package, job_run: JobRun) -> None:
    """Plan every subject, keep what was found as the run's preview, and leave the run waiting for a person."""
    RejectedRow.objects.filter(run=run).delete()
    keep_rejected(run, package)
    plan, preview = PackagePlan(run, package), Preview()
    known = {subject.subject_id: subject for subject in Subject.objects.filter(study=run.study)}
    _add(run, preview, STUDY_LEVEL, None, plan.of_study())
    for number, subject_id in enumerate(package.subject_ids, start=1):
        subject = known.get(subject_id)
        _add(run, preview, subject_id, subject, plan.of_subject(subject_id, plan.rows_of(subject_id), subject))
        if number % 10 == 0:
            total = len(package.subject_ids)
            job_run.progress(number, total, f"{number} of {total} subjects checked")
    run.preview = _as_json(run, package, preview, sorted(known.keys() - set(package.subject_ids)))
    run.state = ImportState.CHECKED
    run.save(update_fields=["preview", "state"])


def _add(run: ImportRun, preview: Preview, subject_id: str, subject: Subject | None, plan: SubjectPlan) -> None:
    preview.outcomes.update(plan.counts)
    preview.withdrawn.update(plan.withdrawn)
    keep_doubts(run, subject_id, plan.doubts)
    if not plan.changes or not subject_id:
        return
    preview.moving += 1
    preview.moving_open += any(open_change(change) is not None for change in plan.changes)
    preview.new_subjects += subject is None
    preview.matters += [(subject_id, item) for item in highlights(plan.changes)]
    if subject is not None:
        _add_values(preview, subject_id, plan.changes)
        for consequence in _consequences:
            preview.consequences += [
                {"subject": subject_id, "text": text} for text in consequence(subject, plan.changes)
            ]


def _add_values(preview: Preview, subject_id: str, changes: Sequence[RecordChange]) -> None:
    """Changed values that every reader may see; those of hidden variables are in no preview."""
    for change in changes:
        if change.operation is not Operation.UPDATE:
            continue
        before = open_values(change.domain, change.before or {}) or {}
        after = open_values(change.domain, change.values) or {}
        for name in sorted(before.keys() | after.keys()):
            if before.get(name) != after.get(name):
                preview.value_count += 1
                if len(preview.values) < MOST_SHOWN:
                    preview.values.append(
                        {
                            "subject": subject_id,
                            "domain": change.domain,
                            "variable": name,
                            "old": before.get(name),
                            "new": after.get(name),
                        }
                    )


def _as_json(run: ImportRun, package: Package, preview: Preview, vanished: Sequence[str]) -> dict[str, object]:
    files = file_entries(package, preview.outcomes)
    ranked = sorted(preview.matters, key=lambda found: WEIGHT[found[1].matter])
    return {
        "files": files,
        "totals": totals(files, preview.withdrawn),
        "withdrawn_by_domain": dict(preview.withdrawn),
        "matters": [{"subject": subject, **asdict(item)} for subject, item in ranked[:MOST_SHOWN]],
        "matter_counts": dict(Counter(item.matter.value for _, item in ranked)),
        "values": preview.values,
        "value_count": preview.value_count,
        "consequences": preview.consequences,
        "subjects": {
            "moving": preview.moving,
            "moving_open": preview.moving_open,
            "new": preview.new_subjects,
            "vanished": list(vanished),
        },
        "row_drops": _row_drops(run, package),
        "columns": _columns(run, package),
        "key_notes": [{"domain": note.domain, "text": note.text} for note in package.key_notes],
    }


def _row_drops(run: ImportRun, package: Package) -> list[dict[str, object]]:
    """Domains of which the files hold fewer rows than the portal has records."""
    now: Counter[str] = Counter()
    for account in package.accounts:
        now[account.domain] += account.records + account.rejected
    live = Record.objects.filter(study=run.study, is_withdrawn=False).values_list("domain").annotate(Count("pk"))
    return [
        {"domain": domain, "before": before, "now": now[domain]}
        for domain, before in live.order_by("domain")
        if domain in now and now[domain] < before and not record_is_hidden(domain, {})
    ]


def _columns(run: ImportRun, package: Package) -> list[dict[str, object]]:
    """Variables that a domain gained or lost against the last import that had it."""
    previous = ImportRun.objects.filter(study=run.study, state=ImportState.DONE).exclude(pk=run.pk).first()
    before: Mapping[str, list[str]] = previous.receipt.get("columns", {}) if previous else {}
    found: list[dict[str, object]] = []
    for domain, names in sorted(package.columns.items()):
        if domain in before and not record_is_hidden(domain, {}):
            gained, lost = sorted(set(names) - set(before[domain])), sorted(set(before[domain]) - set(names))
            if gained or lost:
                found.append({"domain": domain, "gained": gained, "lost": lost})
    return found
