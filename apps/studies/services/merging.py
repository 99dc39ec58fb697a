"""Turns submitted records into changes: which record each is about, what it changes, what is wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from django.conf import settings

from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.ladders import TARGET_IDS
from apps.studies.domain.matching import MatchKind, match_rows, new_record_id
from apps.studies.domain.upserts import FieldError, Submitted, check_names, fill_identity, merge, split_values
from apps.studies.domain.values import InvalidValueError
from apps.studies.domain.variables import Value
from apps.studies.domain.writability import not_writable
from apps.studies.models import Subject
from apps.studies.selectors.blinding import rules_of
from apps.studies.selectors.records import CurrentRecords, RecordReader, RecordValues
from apps.studies.services.sequences import Sequences

_POINTING: Final = ("RDOMAIN", "IDVAR", "IDVARVAL")


@dataclass(slots=True)
class Merged:
    """Outcome for one subject: its changes, how many records changed nothing, and refusals by index."""

    changes: list[RecordChange] = field(default_factory=list)
    unchanged: int = 0
    refused: dict[int, tuple[str, str]] = field(default_factory=dict)


def merge_submitted(subject: Subject, group: Sequence[Submitted], reader: RecordReader) -> Merged:
    """Work out what the submitted records change in a locked subject, as far as the reader knows it; writes nothing."""
    current = reader.current(subject=subject, study=subject.study)
    rules = rules_of(subject.study)
    sequences = Sequences(None if reader.is_blinded else rules, current)
    merged = Merged()
    for submitted in group:
        try:
            if reader.is_blinded:
                # Before anything is looked up: an answer that hangs on what is stored would confirm a guess.
                _require_writable(submitted, rules)
            change = _change_of(subject, submitted, current, sequences)
        except FieldError as error:
            merged.refused[submitted.index] = (error.field, error.message)
        except InvalidValueError as error:
            merged.refused[submitted.index] = (error.variable, error.reason)
        else:
            _take(merged, current, change)
    return merged


def _take(merged: Merged, current: CurrentRecords, change: RecordChange | None) -> None:
    """Note a change and move the working copy, so that later records of the request see it."""
    if change is None:
        merged.unchanged += 1
        return
    merged.changes.append(change)
    if change.operation is Operation.WITHDRAW:
        current.withdrawn[change.record_id] = current.live[change.domain].pop(change.record_id)
        current.ids.discard(change.record_id)
    else:
        current.withdrawn.pop(change.record_id, None)
        current.live.setdefault(change.domain, {})[change.record_id] = dict(change.values)
        current.ids.add(change.record_id)
        if change.target:
            current.targets[change.record_id] = change.target


def _change_of(
    subject: Subject, submitted: Submitted, current: CurrentRecords, sequences: Sequences
) -> RecordChange | None:
    existing = current.of(submitted.domain)
    record_id = _named_record(submitted, existing)
    # Qualifiers of a sponsor are in no dictionary; those that the record has may be corrected.
    check_names(submitted, existing.get(record_id or "", {}))
    given, cleared = split_values(submitted)
    given = fill_identity(
        given, domain=submitted.domain, study_id=subject.study.protocol_id, subject_id=subject.subject_id
    )
    if submitted.is_withdrawal and record_id is not None:
        # Before its target is looked up: what a relation points at may be withdrawn itself.
        return _withdrawal(submitted, record_id, existing)
    target = None
    if submitted.domain == "RELREC":
        target = _target_after(record_id, merge(existing.get(record_id or "", {}), given, cleared), current)
    record_id = record_id or _matched_record(submitted, given, target, current)
    if submitted.is_withdrawal:
        return _withdrawal(submitted, record_id, existing)
    if record_id is None:
        return _new_record(subject, submitted, sequences.numbered(submitted.domain, given), target, current)
    before = existing[record_id]
    after = merge(before, given, cleared)
    _require_kept_sequence(submitted.domain, before, after)
    if after == before:
        return None
    return RecordChange(Operation.UPDATE, record_id, submitted.domain, after, before, target)


def _require_writable(submitted: Submitted, rules: BlindingRules) -> None:
    """Raise FieldError for what a blinded writer may not send; nothing that is stored is asked (ICH E6(R3) 4.1)."""
    wrong = not_writable(rules, submitted.domain, submitted.values)
    if wrong is not None:
        raise FieldError(wrong.variable, wrong.reason)


def _named_record(submitted: Submitted, existing: dict[str, RecordValues]) -> str | None:
    if submitted.key is None:
        return None
    if submitted.key not in existing:
        raise FieldError("key", f"This subject has no {submitted.domain} record with this id.")
    return submitted.key


def _matched_record(
    submitted: Submitted, given: RecordValues, target: str | None, current: CurrentRecords
) -> str | None:
    row = {**given, TARGET_IDS: target} if target else given
    match = match_rows(submitted.domain, current.matchable(submitted.domain), [row], complete=False).matches[0]
    if match.kind is MatchKind.AMBIGUOUS:
        choice = ", ".join(match.candidates[:5])
        raise FieldError("key", f"{match.reason} Name the record with `key`; candidates: {choice}.")
    return match.record_id


def _withdrawal(submitted: Submitted, record_id: str | None, existing: dict[str, RecordValues]) -> RecordChange:
    if record_id is None:
        raise FieldError("key", "No record of this subject matches; name the record to withdraw with `key`.")
    before = existing[record_id]
    return RecordChange(Operation.WITHDRAW, record_id, submitted.domain, before, before)


def _new_record(
    subject: Subject, submitted: Submitted, values: RecordValues, target: str | None, current: CurrentRecords
) -> RecordChange:
    # A relation is told by the record it points at; in the next cut its IDVARVAL may be that of another.
    keyed = {**values, TARGET_IDS: target} if target else values
    identity = (submitted.domain, subject.study.code, subject.subject_id)
    record_id = new_record_id(*identity, keyed, current.ids, secret=settings.RECORD_ID_KEY)
    # A withdrawn record leaves its id free, so the same natural key leads back to it.
    before = current.withdrawn.get(record_id)
    operation = Operation.INSERT if before is None else Operation.REINSTATE
    return RecordChange(operation, record_id, submitted.domain, values, before, target)


def _require_kept_sequence(domain: str, before: RecordValues, after: RecordValues) -> None:
    name = f"{domain}SEQ"
    # Comments, relations and qualifiers point at rows by this number (IDVAR, IDVARVAL).
    if before.get(name) != after.get(name):
        raise FieldError(name, f"Got {after.get(name)!r}, expected {before.get(name)!r}: the number of a record stays.")


def _target_after(record_id: str | None, after: RecordValues, current: CurrentRecords) -> str | None:
    """The record that a relation points at after a change; what its key names may by now be another, or gone."""
    before = current.of("RELREC").get(record_id or "", {})
    is_kept = record_id is not None and all(before.get(name) == after.get(name) for name in _POINTING)
    return current.targets.get(record_id or "") if is_kept else _target_of(after, current)


def _target_of(values: RecordValues, current: CurrentRecords) -> str:
    """The record that RDOMAIN, IDVAR and IDVARVAL of a RELREC row name."""
    domain, variable = str(values.get("RDOMAIN", "")), str(values.get("IDVAR", ""))
    wanted = str(values.get("IDVARVAL", ""))
    found = [key for key, row in current.of(domain).items() if _spelled(row.get(variable)) == wanted and wanted]
    if len(found) != 1:
        raise FieldError(
            "IDVARVAL", f"Expected one {domain or 'RDOMAIN'} record with {variable or 'IDVAR'} {wanted!r}."
        )
    return found[0]


def _spelled(value: Value | None) -> str:
    return "" if value is None else str(value)
