"""The check before an import: what would change, most serious first; nothing is written."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

from django.db import transaction
from django.db.models import Count

from apps.core.services.leases import JobRun
from apps.studies.domain.changes import RecordChange
from apps.studies.domain.file_names import open_file_name
from apps.studies.domain.findings import Finding, Listed, ShownFile, findings_of, open_changes
from apps.studies.domain.import_accounts import (
    PREVIEWS,
    RECEIPTS,
    ColumnChange,
    FileEntry,
    Foretold,
    Preview,
    RowDrop,
    SubjectsFound,
    Sums,
    sums_of,
)
from apps.studies.domain.planning import SubjectPlan, Tally
from apps.studies.domain.readers.package import Package
from apps.studies.domain.treatments import with_words
from apps.studies.models import CheckedLine, ImportRun, ImportState, Record, Subject
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.checked_lines import keep_lines, keep_serious_refusals, keep_undescribed
from apps.studies.services.import_planning import STUDY_LEVEL, PackagePlan, missing_files
from apps.studies.services.import_receipts import (
    Description,
    account_of,
    described,
    file_entries,
    keep_doubts,
    keep_rejected,
    open_description,
    tell_moved,
)


@dataclass(frozen=True, slots=True)
class Consequence:
    """What planned changes of one subject would set off, in words, and the values (`AE/7f3k.AETERM`) that do."""

    text: str
    sources: frozenset[str]


# Asked of the rooms to the right, for one subject.
Foretell = Callable[[Subject, Sequence[RecordChange]], list[Consequence]]
_consequences: list[Foretell] = []


def register_consequence(consequence: Foretell) -> None:
    """Say who can tell what a planned change would set off, such as signed text going stale."""
    if consequence not in _consequences:
        _consequences.append(consequence)


@dataclass(slots=True)
class Found:
    """What a check found in one projection."""

    tally: Tally = field(default_factory=Tally)
    moving: int = 0


@dataclass(slots=True)
class Check:
    """What a check found, whole and as blinded readers may know it; signed text is open to all.

    `files` are the source files by number, for who knows treatment and for who does not.
    """

    files: tuple[Mapping[int, ShownFile], Mapping[int, ShownFile]]
    numbered_openly: AbstractSet[str]
    whole: Found = field(default_factory=Found)
    open: Found = field(default_factory=Found)
    consequences: list[Foretold] = field(default_factory=list)
    new_subjects: int = 0
    vanished: tuple[str, ...] = ()


def check_package(run: ImportRun, package: Package, job_run: JobRun) -> None:
    """Plan every subject, keep what was found as the run's previews, and leave the run waiting for a person."""
    # A check writes nothing, the names of treatments neither; they must hide text in it all the same.
    rules = with_words(rules_of(run.study), package)
    numbered_openly = package.numbered_openly(rules)
    with _fenced(job_run):
        # A check whose worker was lost is made again from the start, and must not keep its lines twice.
        CheckedLine.objects.filter(run=run).delete()
        keep_rejected(run, package, rules, numbered_openly)
        keep_serious_refusals(run, package, rules)
        keep_undescribed(run, package)
    plan = PackagePlan(run, package, rules, numbered_openly)
    check = Check(shown_files(run, package, numbered_openly), numbered_openly)
    known = {subject.subject_id: subject for subject in Subject.objects.filter(study=run.study)}
    with _fenced(job_run):
        _add(run, check, STUDY_LEVEL, None, plan.of_study())
    for number, subject_id in enumerate(package.subject_ids, start=1):
        subject = known.get(subject_id)
        found = plan.of_subject(subject_id, plan.rows_of(subject_id), subject)
        with _fenced(job_run):
            _add(run, check, subject_id, subject, found)
        if number % 10 == 0:
            total = len(package.subject_ids)
            job_run.progress(number, total, f"{number} of {total} subjects checked")
    check.vanished = tuple(sorted(known.keys() - set(package.subject_ids)))
    entries = file_entries(package, rules)
    whole = _preview(run, entries, check, described(package), is_open=False)
    seen = _preview(run, entries, check, open_description(run, package, rules), is_open=True)
    run.preview = PREVIEWS.write(replace(whole, missing_files=plan.missing_files))
    run.open_preview = PREVIEWS.write(replace(seen, missing_files=missing_files(run, package, is_open=True)))
    run.state = ImportState.CHECKED
    with _fenced(job_run):
        run.save(update_fields=["preview", "open_preview", "state"])
        tell_moved(run)


@contextmanager
def _fenced(job_run: JobRun) -> Iterator[None]:
    """A transaction of the work: a worker that was thought dead must not write what another has made anew."""
    with transaction.atomic():
        job_run.fence()
        yield


def shown_files(
    run: ImportRun, package: Package, numbered_openly: AbstractSet[str]
) -> tuple[Mapping[int, ShownFile], Mapping[int, ShownFile]]:
    """The files by their number in the package: as given, and as blinded readers may know them."""
    accounts = dict(enumerate(package.accounts))
    given = {number: ShownFile(account.name) for number, account in accounts.items()}
    if run.is_from_blinded:
        return given, given
    return given, {
        number: ShownFile(open_file_name(account.name, account.domain), account.name in numbered_openly)
        for number, account in accounts.items()
    }


def _add(run: ImportRun, check: Check, subject_id: str, subject: Subject | None, plan: SubjectPlan) -> None:
    keep_doubts(run, subject_id, plan.doubts, check.numbered_openly)
    seen = open_changes(plan.changes)
    _count(check.whole, subject_id, plan.changes, plan.whole)
    _count(check.open, subject_id, seen, plan.open)
    if not plan.changes or not subject_id:
        return
    stale: dict[str, list[str]] = defaultdict(list)
    # Narratives are drafted of open values alone, so what makes them stale is for every reader, blinded or not.
    for consequence in _foretold(subject, plan.changes):
        check.consequences.append(Foretold(subject_id, consequence.text))
        for source in consequence.sources:
            stale[source].append(consequence.text)
    check.new_subjects += subject is None
    found = [
        findings_of(changes, stale=stale, files=files, is_known=subject is not None)
        for changes, files in zip((plan.changes, seen), check.files, strict=True)
    ]
    if subject is None:
        found = [[Finding(Listed.NEW_SUBJECT.value, 0, "", {}), *lines] for lines in found]
    keep_lines(run, subject_id, *found)


def _foretold(subject: Subject | None, changes: Sequence[RecordChange]) -> list[Consequence]:
    if subject is None:
        return []
    return [consequence for foretell in _consequences for consequence in foretell(subject, changes)]


def _count(found: Found, subject_id: str, changes: Sequence[RecordChange], tally: Tally) -> None:
    found.tally.counts.update(tally.counts)
    found.tally.withdrawn.update(tally.withdrawn)
    found.moving += bool(changes and subject_id)


def _preview(
    run: ImportRun, entries: Sequence[FileEntry], check: Check, description: Description, *, is_open: bool
) -> Preview:
    found = check.open if is_open else check.whole
    account = account_of(run, entries, found.tally, is_open=is_open)
    return Preview(
        files=account.files,
        totals=Sums(**sums_of(account.files, account.withdrawn_by_domain)),
        left_out=description.left_out,
        subjects=SubjectsFound(found.moving, check.new_subjects, check.vanished),
        consequences=tuple(check.consequences),
        withdrawn_by_domain=account.withdrawn_by_domain,
        row_drops=tuple(_row_drops(run, account.files)),
        columns=tuple(_column_changes(run, description.columns, is_open=is_open)),
        key_notes=description.key_notes,
        is_listed=True,
    )


def _row_drops(run: ImportRun, files: Sequence[FileEntry]) -> Iterator[RowDrop]:
    """Domains of which the files hold fewer rows than the portal has records, hidden domains left out."""
    now: Counter[str] = Counter()
    for entry in files:
        now[entry.domain] += entry.records + entry.rejected
    # The portal's count stands in both accounts, so it can only be of what both may know.
    live = Record.objects.filter(study=run.study, is_withdrawn=False).exclude(hidden="*")
    counted = live.values_list("domain").annotate(Count("pk"))
    for domain, before in counted.order_by("domain"):
        if domain in now and now[domain] < before:
            yield RowDrop(domain, before, now[domain])


def _column_changes(run: ImportRun, columns: Mapping[str, Sequence[str]], *, is_open: bool) -> Iterator[ColumnChange]:
    """Variables that a domain gained or lost against the last import that had it."""
    previous = ImportRun.objects.filter(study=run.study, state=ImportState.DONE).exclude(pk=run.pk).first()
    stored = {} if previous is None else previous.open_receipt if is_open else previous.receipt
    before = RECEIPTS.read(stored).columns
    for domain in sorted(columns.keys() & before.keys()):
        now, then = set(columns[domain]), set(before[domain])
        if now != then:
            yield ColumnChange(domain, tuple(sorted(now - then)), tuple(sorted(then - now)))
