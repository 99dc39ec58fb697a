"""The account of an import: what became of every row, once whole and once as blinded readers may know it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from django.db import transaction
from django.utils import timezone

from apps.core.domain.canonical import sha256_hex
from apps.studies.domain.blinding import WHOLE, BlindingRules
from apps.studies.domain.file_names import domain_of_file, open_file_name
from apps.studies.domain.import_accounts import (
    COUNTS,
    RECEIPTS,
    ColumnLeftOut,
    FileEntry,
    KeyNote,
    Outcomes,
    Receipt,
    SubjectCount,
    SubjectCounts,
    outcomes_of,
    records_of,
    sums_of,
)
from apps.studies.domain.planning import Doubt, SubjectPlan, Tally
from apps.studies.domain.readers.package import Package, Rejected
from apps.studies.domain.variables import domain_is_hidden, is_date, is_numeric
from apps.studies.domain.writability import NOT_WRITABLE
from apps.studies.models import ImportedSubject, ImportRun, ImportState, RejectedRow
from apps.studies.services.events import import_moved
from apps.studies.services.sources import forget_files

# A failed run keeps its files for a while, because it may be tried again.
NEED_NO_FILES = {ImportState.DONE, ImportState.CANCELLED, ImportState.REFUSED}


@dataclass(frozen=True, slots=True)
class Description:
    """Variables and keys of a package in one projection, and what of it the role of its giver may not write."""

    columns: Mapping[str, tuple[str, ...]]
    key_notes: tuple[KeyNote, ...]
    left_out: tuple[ColumnLeftOut, ...]


@dataclass(frozen=True, slots=True)
class Account:
    """The files of an import in one projection with what became of their rows, and what was withdrawn by domain."""

    files: tuple[FileEntry, ...]
    withdrawn_by_domain: Mapping[str, int]


def note_subject(run: ImportRun, subject_id: str, plan: SubjectPlan, numbered_openly: AbstractSet[str]) -> None:
    """Note that a subject is in, with what became of its rows in both projections."""
    counts = SubjectCount(whole=_counts(plan.whole), open=_counts(plan.open))
    ImportedSubject.objects.create(run=run, subject_id=subject_id, counts=COUNTS.write(counts))
    keep_doubts(run, subject_id, plan.doubts, numbered_openly)


def _counts(tally: Tally) -> SubjectCounts:
    files: dict[str, dict[str, int]] = {}
    for (file, outcome), number in tally.counts.items():
        files.setdefault(file, {})[outcome] = number
    return SubjectCounts(files, _positive(tally.withdrawn), tally.changes)


def _positive(counts: Mapping[str, int]) -> dict[str, int]:
    return {name: number for name, number in counts.items() if number}


def keep_doubts(run: ImportRun, subject_id: str, doubts: Iterable[Doubt], numbered_openly: AbstractSet[str]) -> None:
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
            is_open=doubt.is_open,
            # A doubt says how many records fit, and quotes no value.
            is_reason_open=True,
            is_numbered_openly=run.is_from_blinded or doubt.file in numbered_openly,
        )
        for doubt in doubts
    )


def keep_rejected(run: ImportRun, package: Package, rules: BlindingRules, numbered_openly: AbstractSet[str]) -> None:
    """Keep every refused row and value of a package with its reason; a repeated reading keeps them once.

    Doubts that a check kept go, too: they are found again with their subject, as those of subjects who are in were.
    """
    are_in = ImportedSubject.objects.filter(run=run).values("subject_id")
    RejectedRow.objects.filter(run=run).exclude(is_ambiguous=True, subject_id__in=are_in).delete()
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
                is_open=run.is_from_blinded or _may_be_known(refused, rules),
                is_reason_open=run.is_from_blinded or _tells_no_text(refused),
                is_numbered_openly=run.is_from_blinded or refused.file in numbered_openly,
                is_cell=refused.is_cell,
            )
            for refused in (*package.rejected, *package.refused_cells)
        ),
        batch_size=1000,
    )


def _may_be_known(refused: Rejected, rules: BlindingRules) -> bool:
    """Whether blinded readers may know that a row was refused; a qualifier is known where its variable is."""
    domain = domain_of_file(refused.domain)
    named = str(refused.values.get("QNAM", "")) if domain != refused.domain else refused.variable
    if named and rules.variable_is_hidden(domain, named):
        return False
    return rules.hidden_in(domain, refused.values) != WHOLE


def _tells_no_text(refused: Rejected) -> bool:
    """Whether a reason can only quote a date or a number."""
    # A reason quotes what it refuses, and any other text may hold the name of a treatment.
    return is_date(refused.variable) or is_numeric(refused.domain, refused.variable)


def file_entries(package: Package, rules: BlindingRules) -> tuple[FileEntry, ...]:
    """One entry per file: name, hash, size, domain, rows, and what of it is for blinded readers."""
    telling, open_qualifiers = package.telling_files, package.open_qualifiers(rules)
    return tuple(
        FileEntry(
            name=account.name,
            domain=account.domain,
            kind=account.kind,
            sha256=account.sha256,
            size=account.size,
            rows=account.rows,
            records=account.records,
            qualifiers=account.qualifiers,
            rejected=account.rejected,
            is_telling=account.name in telling,
            open_qualifiers=open_qualifiers.get(account.name, 0),
            notes=account.notes,
        )
        for account in package.accounts
    )


def account_of(run: ImportRun, files: Sequence[FileEntry], tally: Tally, *, is_open: bool) -> Account:
    """What became of the rows of every file: whole, or as blinded readers may know it."""
    if is_open:
        entries = _open_entries(run, files, tally.counts)
    else:
        entries = tuple(replace(entry, **outcomes_of(entry.name, tally.counts)) for entry in files)
    return Account(entries, _positive(tally.withdrawn))


def _open_entries(
    run: ImportRun, files: Sequence[FileEntry], outcomes: Counter[tuple[str, str]]
) -> tuple[FileEntry, ...]:
    known = RejectedRow.objects.filter(run=run, is_open=True, is_ambiguous=False, is_cell=False)
    refused = Counter(known.values_list("file", flat=True))
    shown = [e for e in files if run.is_from_blinded or (e.domain and not domain_is_hidden(domain_of_file(e.domain)))]
    return tuple(_open_entry(run, entry, outcomes_of(entry.name, outcomes), refused[entry.name]) for entry in shown)


def _open_entry(run: ImportRun, entry: FileEntry, found: Outcomes, refused: int) -> FileEntry:
    """Hash and size would tell of a change in what is hidden: they are of files that a blinded person gave only."""
    if run.is_from_blinded:
        # Who gave the file could try treatments in the part that was left out until the hash is this one.
        told = replace(entry, sha256="", size=None) if entry.is_telling else entry
        return replace(told, **found)
    told = FileEntry(open_file_name(entry.name, entry.domain), entry.domain, entry.kind, **found)
    # Added up from what is seen: the number of rows of the file would tell how many are hidden.
    records, qualifiers = records_of(told), entry.open_qualifiers
    rows = records + qualifiers + refused
    return replace(told, rows=rows, records=records, qualifiers=qualifiers, rejected=refused)


def open_receipt(run: ImportRun, package: Package, rules: BlindingRules, vanished: Sequence[str]) -> None:
    """Write what is known before the first subject: files, keys, and subjects that keep their records."""
    run.receipt = _begun(described(package), vanished, file_entries(package, rules))
    run.open_receipt = _begun(open_description(run, package, rules), vanished)
    run.save(update_fields=["receipt", "open_receipt"])


def _begun(description: Description, vanished: Sequence[str], files: tuple[FileEntry, ...] = ()) -> object:
    return RECEIPTS.write(
        Receipt(
            files=files,
            columns=description.columns,
            key_notes=description.key_notes,
            left_out=description.left_out,
            vanished=tuple(vanished),
        )
    )


def described(package: Package) -> Description:
    """A package as who knows treatment may know it."""
    return Description(
        columns={domain: tuple(names) for domain, names in package.columns.items()},
        key_notes=tuple(KeyNote(note.domain, note.text) for note in package.key_notes),
        left_out=tuple(ColumnLeftOut(left.file, left.domain, left.variable, NOT_WRITABLE) for left in package.left_out),
    )


def open_description(run: ImportRun, package: Package, rules: BlindingRules) -> Description:
    """The same as blinded readers may know it: open variables of open domains."""
    whole = described(package)
    if run.is_from_blinded:
        return whole
    columns = {
        domain: tuple(name for name in names if not rules.variable_is_hidden(domain, name))
        for domain, names in whole.columns.items()
        if not domain_is_hidden(domain)
    }
    return Description(columns, tuple(note for note in whole.key_notes if note.domain in columns), ())


def close_run(run: ImportRun, state: ImportState, error: str = "") -> None:
    """End a run with its receipts: counts that add up, and which subjects are in."""
    # From what was committed with each subject, so that a run that was broken off adds up as well.
    stored = ImportedSubject.objects.filter(run=run).order_by("pk").values_list("subject_id", "counts")
    counts = [(subject_id, COUNTS.read(found)) for subject_id, found in stored]
    whole, seen = RECEIPTS.read(run.receipt), RECEIPTS.read(run.open_receipt)
    run.receipt = _closed(run, whole, whole.files, [(subject, count.whole) for subject, count in counts], is_open=False)
    run.open_receipt = _closed(
        run, seen, whole.files, [(subject, count.open) for subject, count in counts], is_open=True
    )
    run.state, run.error, run.finished_at = state, error, timezone.now()
    run.save(update_fields=["receipt", "open_receipt", "state", "error", "finished_at"])
    if state in NEED_NO_FILES:
        # After the commit: a run that is rolled back to where it was needs its files again.
        transaction.on_commit(lambda: forget_files(run))
    tell_moved(run)


def tell_moved(run: ImportRun) -> None:
    """Once this is committed, tell that the run came to another state."""
    transaction.on_commit(lambda: import_moved.publish(run))


def _closed(
    run: ImportRun,
    begun: Receipt,
    files: Sequence[FileEntry],
    counts: Sequence[tuple[str, SubjectCounts]],
    *,
    is_open: bool,
) -> object:
    tally = Tally()
    for _, count in counts:
        tally.withdrawn.update(count.withdrawn)
        for file, outcomes in count.files.items():
            tally.counts.update({(file, outcome): number for outcome, number in outcomes.items()})
    account = account_of(run, files, tally, is_open=is_open)
    receipt = replace(
        begun,
        files=account.files,
        withdrawn_by_domain=account.withdrawn_by_domain,
        # Of one with only hidden rows in these files a blinded reader would learn that there are any.
        subjects=tuple(subject for subject, count in counts if subject and (count.files or count.changes)),
        moved=sum(1 for subject, count in counts if subject and count.changes),
        sha256="",
        **sums_of(account.files, account.withdrawn_by_domain),
    )
    # Each projection has a hash of its own: one of the whole would move with what is hidden.
    return RECEIPTS.write(replace(receipt, sha256=sha256_hex(RECEIPTS.write(receipt))))
