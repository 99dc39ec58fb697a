"""What of a change is hidden, decided at the one door; and what a blinded writer cannot know, laid back under it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from apps.core.domain.context import WriteContext
from apps.studies.domain.blinding import OPEN, WHOLE, BlindingRules, Hidden, hidden_by_target, parsed
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.treatments import words_said
from apps.studies.domain.variables import Value
from apps.studies.models import Record, Study
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.words import keep_words


@dataclass(frozen=True, slots=True)
class _Standing:
    """How a record stands before a change, earlier changes of the same request counted."""

    values: Mapping[str, Value]
    hidden: Hidden
    target: str | None


def classed(study: Study, changes: Sequence[RecordChange], context: WriteContext) -> list[RecordChange]:
    """The changes with what is hidden of each, without those that change nothing.

    A blinded writer sent the open side of a record only: hidden values stay as they are, and what they wrote is open,
    because they know no treatment. What anybody else wrote is classed by the rules of the study.
    """
    standing, found = _standing(study, changes), list[RecordChange]()
    complete = _completed if context.is_writer_blinded else _by_rules(study, changes)
    hidden_ids = _hidden_targets(study, changes)
    for change in changes:
        before = standing.get(change.record_id)
        after = complete(change, before)
        if hidden_by_target(change.target, hidden_ids):
            after = replace(after, hidden=WHOLE)
        # In the order of the request: a later relation may point at what only this change hides or shows.
        (hidden_ids.add if after.concealed == WHOLE else hidden_ids.discard)(change.record_id)
        now = _Standing(after.values, after.concealed, after.target)
        standing[change.record_id] = now
        # What a blinded writer sent may come to nothing once the hidden values are laid back under it.
        if after.operation is not Operation.UPDATE or now != before:
            found.append(after)
    return found


def _standing(study: Study, changes: Sequence[RecordChange]) -> dict[str, _Standing]:
    moved = [change.record_id for change in changes if change.operation is not Operation.INSERT]
    if not moved:
        return {}
    records = Record.objects.filter(study=study, record_id__in=moved)
    return {
        record_id: _Standing(values, parsed(hidden), target or None)
        for record_id, values, hidden, target in records.values_list("record_id", "values", "hidden", "target")
    }


def _completed(change: RecordChange, before: _Standing | None) -> RecordChange:
    """The whole record behind the open side that a blinded writer sent."""
    # Open, even where it names a treatment: to hide what they wrote would tell a blinded writer that it does.
    if before is None:
        return replace(change, hidden=OPEN, hidden_before=OPEN)
    was = before.hidden
    # The record goes whole, whoever withdraws it: hidden values without the rest would be a record of nothing.
    if change.operation is Operation.WITHDRAW:
        return replace(change, values=before.values, before=before.values, hidden=was, hidden_before=was)
    kept = {name: before.values[name] for name in was if name in before.values and name not in change.values}
    values = {**kept, **change.values}
    return replace(change, values=values, before=before.values, hidden=frozenset(kept), hidden_before=was)


def _by_rules(
    study: Study, changes: Sequence[RecordChange]
) -> Callable[[RecordChange, _Standing | None], RecordChange]:
    rules = BlindingRules()
    # Imports and the job that classes again have judged every value already; one more pass would only cost time.
    if any(change.hidden is None for change in changes):
        # Before the rules are read: a name that this very change brings hides text in it, too.
        keep_words(study, words_said(changes))
        rules = rules_of(study)

    def class_change(change: RecordChange, before: _Standing | None) -> RecordChange:
        hidden_before = before.hidden if before else OPEN
        if change.operation is Operation.WITHDRAW:
            return replace(change, hidden=hidden_before, hidden_before=hidden_before)
        hidden = rules.hidden_in(change.domain, change.values) if change.hidden is None else change.hidden
        return replace(change, hidden=hidden, hidden_before=hidden_before)

    return class_change


def _hidden_targets(study: Study, changes: Sequence[RecordChange]) -> set[str]:
    """Ids of records that relations among the changes point at and blinded readers must not know."""
    targets = {target for change in changes if change.target for target in change.target.split()}
    if not targets:
        return set()
    hidden = Record.objects.filter(study=study, record_id__in=targets, hidden="*")
    return set(hidden.values_list("record_id", flat=True))
