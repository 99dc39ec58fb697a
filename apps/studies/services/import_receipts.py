"""The account of an import: what became of every row, once whole and once as blinded readers may know it."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict
from typing import Any

from django.db import transaction
from django.utils import timezone

from apps.core.domain.canonical import sha256_hex
from apps.studies.domain.blinding import WHOLE, BlindingRules
from apps.studies.domain.file_names import domain_of_file, open_file_name
from apps.studies.domain.planning import Doubt, SubjectPlan, Tally
from apps.studies.domain.readers.package import Package, Rejected
from apps.studies.domain.variables import domain_is_hidden, is_date, is_numeric
from apps.studies.domain.writability import NOT_WRITABLE
from apps.studies.models import ImportedSubject, ImportRun, ImportState, RejectedRow
from apps.studies.services.events import import_moved
from apps.studies.services.sources import forget_files

# "held_back" rows are those of a replayed study that wait for their day.
OUTCOMES = ("new", "changed", "unchanged", "ambiguous", "held_back")
# A failed run keeps its files for a while, because it may be tried again.
NEED_NO_FILES = {ImportState.DONE, ImportState.CANCELLED, ImportState.REFUSED}
Entry = dict[str, Any]


def note_subject(run: ImportRun, subject_id: str, plan: SubjectPlan, numbered_openly: AbstractSet[str]) -> None:
    """Note that a subject is in, with what became of its rows in both projections."""
    counts = {"whole": _tally_as_json(plan.whole), "open": _tally_as_json(plan.open)}
    ImportedSubject.objects.create(run=run, subject_id=subject_id, counts=counts)
    keep_doubts(run, subject_id, plan.doubts, numbered_openly)


def _tally_as_json(tally: Tally) -> Entry:
    files: dict[str, dict[str, int]] = {}
    for (file, outcome), number in tally.counts.items():
        files.setdefault(file, {})[outcome] = number
    return {"files": files, "withdrawn": {k: n for k, n in tally.withdrawn.items() if n}, "changes": tally.changes}


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
            is_numbered_openly=run.is_open or doubt.file in numbered_openly,
        )
        for doubt in doubts
    )


def keep_rejected(run: ImportRun, package: Package, rules: BlindingRules, numbered_openly: AbstractSet[str]) -> None:
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
                is_open=run.is_open or _may_be_known(refused, rules),
                is_reason_open=run.is_open or _tells_no_text(refused),
                is_numbered_openly=run.is_open or refused.file in numbered_openly,
            )
            for refused in package.rejected
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


def file_entries(package: Package, rules: BlindingRules) -> list[Entry]:
    """One entry per file: name, hash, size, domain, rows, and what of it is for blinded readers."""
    telling, open_qualifiers = package.telling_files, package.open_qualifiers(rules)
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
            "is_telling": account.name in telling,
            "open_qualifiers": open_qualifiers.get(account.name, 0),
        }
        for account in package.accounts
    ]


def account_of(run: ImportRun, files: Sequence[Entry], tally: Tally, *, is_open: bool) -> Entry:
    """Files, what became of their rows, and sums that add up: whole, or as blinded readers may know them."""
    entries = (
        _open_entries(run, files, tally.counts)
        if is_open
        else [{**e, **_outcomes(e["name"], tally.counts)} for e in files]
    )
    by_domain = {domain: number for domain, number in tally.withdrawn.items() if number}
    return {"files": entries, "withdrawn_by_domain": by_domain, **totals(entries, sum(by_domain.values()))}


def _open_entries(run: ImportRun, files: Sequence[Entry], outcomes: Counter[tuple[str, str]]) -> list[Entry]:
    """Hash and size would tell of a change in what is hidden: they are of files that a blinded person gave only."""
    known = RejectedRow.objects.filter(run=run, is_open=True, is_ambiguous=False)
    refused = Counter(known.values_list("file", flat=True))
    shown = [e for e in files if run.is_open or (e["domain"] and not domain_is_hidden(domain_of_file(e["domain"])))]
    return [_open_entry(run, entry, _outcomes(entry["name"], outcomes), refused[entry["name"]]) for entry in shown]


def _open_entry(run: ImportRun, entry: Entry, found: Mapping[str, int], refused: int) -> Entry:
    if run.is_open:
        # Who gave the file could try treatments in the part that was left out until the hash is this one.
        without = {"sha256", "size"} if entry["is_telling"] else set()
        return {**{name: value for name, value in entry.items() if name not in without}, **found}
    records, qualifiers = sum(found.values()), entry["open_qualifiers"]
    # Added up from what is seen: the number of rows of the file would tell how many are hidden.
    rows = {"rows": records + qualifiers + refused, "records": records, "qualifiers": qualifiers, "rejected": refused}
    name = open_file_name(entry["name"], entry["domain"])
    return {"name": name, "domain": entry["domain"], "kind": entry["kind"], **rows, **found}


def _outcomes(file: str, outcomes: Counter[tuple[str, str]]) -> dict[str, int]:
    return {outcome: outcomes[file, outcome] for outcome in OUTCOMES}


def totals(files: Sequence[Entry], withdrawn: int) -> dict[str, int]:
    """Sums over the files; new, changed, unchanged, ambiguous and held back rows are together the records."""
    names = (*OUTCOMES, "rejected", "records", "qualifiers", "rows")
    return {**{name: sum(int(entry[name]) for entry in files) for name in names}, "withdrawn": withdrawn}


def open_receipt(run: ImportRun, package: Package, rules: BlindingRules, vanished: Sequence[str]) -> None:
    """Write what is known before the first subject: files, keys, and subjects that keep their records."""
    run.receipt = {**described(run, package), "files": file_entries(package, rules), "vanished": list(vanished)}
    run.open_receipt = {**open_description(run, package, rules), "vanished": list(vanished)}
    run.save(update_fields=["receipt", "open_receipt"])


def described(run: ImportRun, package: Package) -> Entry:
    """Variables and keys of a package, and what of it the role of its giver may not write."""
    return {
        "columns": {domain: list(names) for domain, names in package.columns.items()},
        "key_notes": [{"domain": note.domain, "text": note.text} for note in package.key_notes],
        "left_out": [{**asdict(left_out), "reason": NOT_WRITABLE} for left_out in package.left_out],
    }


def open_description(run: ImportRun, package: Package, rules: BlindingRules) -> Entry:
    """The same as blinded readers may know it: open variables of open domains."""
    if run.is_open:
        return described(run, package)
    columns = {
        domain: [name for name in names if not rules.variable_is_hidden(domain, name)]
        for domain, names in package.columns.items()
        if not domain_is_hidden(domain)
    }
    notes = [note for note in package.key_notes if note.domain in columns]
    return {
        "columns": columns,
        "key_notes": [{"domain": note.domain, "text": note.text} for note in notes],
        "left_out": [],
    }


def close_run(run: ImportRun, state: ImportState, error: str = "") -> None:
    """End a run with its receipts: counts that add up, and which subjects are in."""
    # From what was committed with each subject, so that a run that was broken off adds up as well.
    entries = list(ImportedSubject.objects.filter(run=run).order_by("pk"))
    files = run.receipt.get("files", [])
    run.receipt = _closed(run, run.receipt, files, entries, is_open=False)
    run.open_receipt = _closed(run, run.open_receipt, files, entries, is_open=True)
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
    run: ImportRun, begun: Entry, files: Sequence[Entry], entries: Sequence[ImportedSubject], *, is_open: bool
) -> Entry:
    side = "open" if is_open else "whole"
    counts = [(entry.subject_id, entry.counts[side]) for entry in entries]
    tally = Tally()
    for _, count in counts:
        tally.withdrawn.update(count["withdrawn"])
        for file, outcomes in count["files"].items():
            tally.counts.update({(file, outcome): number for outcome, number in outcomes.items()})
    # Of one with only hidden rows in these files a blinded reader would learn that there are any.
    subjects = [subject for subject, count in counts if subject and (count["files"] or count["changes"])]
    moved = sum(1 for subject, count in counts if subject and count["changes"])
    receipt = {**begun, **account_of(run, files, tally, is_open=is_open), "subjects": subjects, "moved": moved}
    # Each projection has a hash of its own: one of the whole would move with what is hidden.
    return {**receipt, "sha256": sha256_hex(receipt)}
