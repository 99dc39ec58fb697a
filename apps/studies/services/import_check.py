"""The check before an import: what would change, most serious first; nothing is written."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field

from django.db.models import Count

from apps.core.services.leases import JobRun
from apps.studies.domain.changes import Operation, RecordChange, open_change
from apps.studies.domain.highlights import WEIGHT, Highlight, highlights
from apps.studies.domain.planning import SubjectPlan, Tally
from apps.studies.domain.readers.package import Package
from apps.studies.domain.treatments import with_words
from apps.studies.models import ImportRun, ImportState, Record, RejectedRow, Subject
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.import_planning import STUDY_LEVEL, PackagePlan
from apps.studies.services.import_receipts import (
    Entry,
    account_of,
    described,
    file_entries,
    keep_doubts,
    keep_rejected,
    open_description,
)

MOST_SHOWN = 500

# What else a change would set off: asked of the rooms to the right, for one subject.
Consequence = Callable[[Subject, Sequence[RecordChange]], list[str]]
_consequences: list[Consequence] = []


def register_consequence(consequence: Consequence) -> None:
    """Say who can tell what a planned change would set off, such as signed text going stale."""
    if consequence not in _consequences:
        _consequences.append(consequence)


@dataclass(slots=True)
class Found:
    """What a check found in one projection."""

    matters: list[tuple[str, Highlight]] = field(default_factory=list)
    values: list[dict[str, object]] = field(default_factory=list)
    value_count: int = 0
    tally: Tally = field(default_factory=Tally)
    moving: int = 0


@dataclass(slots=True)
class Check:
    """What a check found, whole and as blinded readers may know it; signed text is open to all."""

    whole: Found = field(default_factory=Found)
    open: Found = field(default_factory=Found)
    consequences: list[dict[str, str]] = field(default_factory=list)
    new_subjects: list[str] = field(default_factory=list)


def check_package(run: ImportRun, package: Package, job_run: JobRun) -> None:
    """Plan every subject, keep what was found as the run's previews, and leave the run waiting for a person."""
    RejectedRow.objects.filter(run=run).delete()
    rules = with_words(rules_of(run.study), package)
    keep_rejected(run, package, rules)
    plan, check = PackagePlan(run, package, rules), Check()
    known = {subject.subject_id: subject for subject in Subject.objects.filter(study=run.study)}
    _add(run, check, STUDY_LEVEL, None, plan.of_study())
    for number, subject_id in enumerate(package.subject_ids, start=1):
        subject = known.get(subject_id)
        _add(run, check, subject_id, subject, plan.of_subject(subject_id, plan.rows_of(subject_id), subject))
        if number % 10 == 0:
            total = len(package.subject_ids)
            job_run.progress(number, total, f"{number} of {total} subjects checked")
    vanished = sorted(known.keys() - set(package.subject_ids))
    entries = file_entries(package, rules)
    shown = open_description(run, package, rules)
    run.preview = _as_json(run, entries, check, described(run, package), vanished, is_open=False)
    run.open_preview = _as_json(run, entries, check, shown, vanished, is_open=True)
    run.state = ImportState.CHECKED
    run.save(update_fields=["preview", "open_preview", "state"])


def _add(run: ImportRun, check: Check, subject_id: str, subject: Subject | None, plan: SubjectPlan) -> None:
    keep_doubts(run, subject_id, plan.doubts)
    seen = [shown for change in plan.changes if (shown := open_change(change)) is not None]
    _add_found(check.whole, subject_id, subject, plan.changes, plan.whole)
    _add_found(check.open, subject_id, subject, seen, plan.open)
    if not plan.changes or not subject_id:
        return
    if subject is None:
        check.new_subjects.append(subject_id)
        return
    for consequence in _consequences:
        check.consequences += [{"subject": subject_id, "text": text} for text in consequence(subject, plan.changes)]


def _add_found(
    found: Found, subject_id: str, subject: Subject | None, changes: Sequence[RecordChange], tally: Tally
) -> None:
    found.tally.counts.update(tally.counts)
    found.tally.withdrawn.update(tally.withdrawn)
    if not changes or not subject_id:
        return
    found.moving += 1
    found.matters += [(subject_id, item) for item in highlights(changes)]
    if subject is not None:
        for change in changes:
            _add_values(found, subject_id, change)


def _add_values(found: Found, subject_id: str, change: RecordChange) -> None:
    """The values that a change moves, as far as there is room."""
    if change.operation is not Operation.UPDATE:
        return
    before = change.before or {}
    for name in sorted(before.keys() | change.values.keys()):
        if before.get(name) != change.values.get(name):
            found.value_count += 1
            if len(found.values) < MOST_SHOWN:
                place = {"subject": subject_id, "domain": change.domain, "variable": name}
                found.values.append({**place, "old": before.get(name), "new": change.values.get(name)})


def _as_json(
    run: ImportRun,
    entries: Sequence[Entry],
    check: Check,
    described: Entry,
    vanished: Sequence[str],
    *,
    is_open: bool,
) -> Entry:
    found = check.open if is_open else check.whole
    account = account_of(run, entries, found.tally, is_open=is_open)
    ranked = sorted(found.matters, key=lambda matter: WEIGHT[matter[1].matter])
    files, by_domain = account.pop("files"), account.pop("withdrawn_by_domain")
    return {
        **described,
        "files": files,
        "totals": account,
        "withdrawn_by_domain": by_domain,
        "matters": [{"subject": subject, **asdict(item)} for subject, item in ranked[:MOST_SHOWN]],
        "matter_counts": dict(Counter(item.matter.value for _, item in ranked)),
        "values": found.values,
        "value_count": found.value_count,
        "consequences": check.consequences,
        "subjects": {"moving": found.moving, "new": len(check.new_subjects), "vanished": list(vanished)},
        "row_drops": _row_drops(run, files),
        "columns": _columns(run, described["columns"], is_open=is_open),
    }


def _row_drops(run: ImportRun, files: Sequence[Entry]) -> list[dict[str, object]]:
    """Domains of which the files hold fewer rows than the portal has records, hidden domains left out."""
    now: Counter[str] = Counter()
    for entry in files:
        now[entry["domain"]] += entry["records"] + entry["rejected"]
    live = Record.objects.filter(study=run.study, is_withdrawn=False).exclude(hidden="*")
    counted = live.values_list("domain").annotate(Count("pk"))
    return [
        {"domain": domain, "before": before, "now": now[domain]}
        for domain, before in counted.order_by("domain")
        if domain in now and now[domain] < before
    ]


def _columns(run: ImportRun, columns: Mapping[str, list[str]], *, is_open: bool) -> list[dict[str, object]]:
    """Variables that a domain gained or lost against the last import that had it."""
    previous = ImportRun.objects.filter(study=run.study, state=ImportState.DONE).exclude(pk=run.pk).first()
    receipt = {} if previous is None else previous.open_receipt if is_open else previous.receipt
    before: Mapping[str, list[str]] = receipt.get("columns", {})
    found: list[dict[str, object]] = []
    for domain, names in sorted(columns.items()):
        if domain in before:
            gained, lost = sorted(set(names) - set(before[domain])), sorted(set(before[domain]) - set(names))
            if gained or lost:
                found.append({"domain": domain, "gained": gained, "lost": lost})
    return found
