"""Changes what a study hides by rules that people decide, and classes again what is there already.

A new rule holds for what is written from then on at once; what is there already is classed again by a job, subject by
subject through the ledger, so that for blinded readers a restricted record is withdrawn like any other.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.domain.context import WriteContext
from apps.core.domain.errors import InvalidInputError
from apps.core.services.leases import JobRun
from apps.studies.domain.blinding import OPEN, WHOLE, BlindingRules, Hidden, hidden_by_target, kept_word, parsed
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.findings import Finding, is_withheld
from apps.studies.domain.principal import Principal
from apps.studies.domain.rule_names import checked_name
from apps.studies.models import (
    BlindingRule,
    CheckedLine,
    Record,
    RejectedRow,
    RuleKind,
    RuleOrigin,
    SourceFile,
    Study,
    Subject,
)
from apps.studies.selectors.access import require
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.ledger import lock_subject, record_changes
from apps.studies.services.receiving import note_change_sets
from apps.studies.services.words import queue_classing

AT_ONCE: Final = 500


def add_rule(*, principal: Principal, user: User, study: Study, kind: RuleKind, name: str, reason: str) -> BlindingRule:
    """Hide, or open, one more thing. Raises NotAllowedError without the right, InvalidInputError for a name that is
    not one of the kind, or without a reason.
    """
    require(principal, Permission.SET_BLINDING, study)
    if not reason.strip():
        raise InvalidInputError("Say why; the reason is kept beside the rule.")
    with transaction.atomic():
        rule, _ = BlindingRule.objects.get_or_create(
            study=study,
            kind=kind,
            name=named(kind, name),
            defaults={"origin": RuleOrigin.PERSON, "reason": reason.strip(), "added_by": user},
        )
        # In the transaction of the rule: a rule without its job would leave what is there already as it was.
        queue_classing(study, user)
    return rule


def named(kind: RuleKind, name: str) -> str:
    """The name of a rule as it is kept; raises InvalidInputError for one that is not of its kind."""
    if kind is not RuleKind.WORD:
        return checked_name(name)
    # Shorter words stand in nearly every text, and each of these would be hidden.
    word = kept_word(name)
    if len(word) < 3:
        raise InvalidInputError(f"Got {name!r}, expected a word of three characters or more.")
    return word


def remove_rule(*, principal: Principal, user: User, rule: BlindingRule) -> None:
    """Take a rule away that a person made; raises NotAllowedError without the right, InvalidInputError for one that
    the study's own data made.
    """
    require(principal, Permission.SET_BLINDING, rule.study)
    # The data would go on naming the treatment, in text that blinded readers see from then on.
    if rule.origin == RuleOrigin.DATA:
        raise InvalidInputError("The study's data name this treatment; open the variable that is hidden without need.")
    with transaction.atomic():
        study = rule.study
        rule.delete()
        queue_classing(study, user)


def run_class_records(job_run: JobRun) -> None:
    """The job: class every record again by the rules of now; a subject that nothing changes keeps its version."""
    study = Study.objects.get(pk=job_run.job.payload["study"])
    _withhold_lines_of_study(study, job_run)
    subjects = list(Subject.objects.filter(study=study).order_by("pk"))
    for number, subject in enumerate(subjects, start=1):
        class_subject(subject, job_run)
        job_run.progress(number, len(subjects), f"{number} of {len(subjects)} subjects")


def class_subject(subject: Subject, job_run: JobRun) -> None:
    """Class the records of one subject again, in one change set of the portal's own."""
    with transaction.atomic():
        job_run.fence()
        locked = lock_subject(subject)
        changes = _changes(locked, rules_of(locked.study))
        context = WriteContext(
            actor_id=None,
            actor="the portal",
            reason="What the study hides was changed",
            source="blinding rules",
            # The words are the product's own and the same for every subject, whatever was hidden in it.
            is_reason_open=True,
        )
        made = record_changes(subject=locked, changes=changes, context=context)
        note_change_sets(locked.study, [made] if made is not None else [])
        _withhold_lines_of(locked, changes)
        _withhold_numbers(locked.study, {change.domain for change in changes if change.hidden == WHOLE})


def _withhold_lines_of_study(study: Study, job_run: JobRun) -> None:
    """Of values that wait to be confirmed, of others than now and of subjects who are not in, no record is classed."""
    with transaction.atomic():
        job_run.fence()
        _withhold_lines(CheckedLine.objects.filter(run__study=study), rules_of(study), {})


def _withhold_lines_of(subject: Subject, changes: Sequence[RecordChange]) -> None:
    hidden: defaultdict[str, Hidden] = defaultdict(frozenset)
    for change in changes:
        hidden[change.domain] |= change.concealed - change.concealed_before
    lines = CheckedLine.objects.filter(run__study=subject.study, subject_id=subject.subject_id, domain__in=hidden)
    _withhold_lines(lines, rules_of(subject.study), hidden)


def _withhold_lines(lines: QuerySet[CheckedLine], rules: BlindingRules, hidden: Mapping[str, Hidden]) -> None:
    """Lines that earlier checks kept of what is hidden now are no longer for blinded readers."""
    told = [
        line.pk
        for line in lines.filter(is_open=True).iterator(2000)
        if is_withheld(Finding(line.kind, line.weight, line.domain, line.details), hidden.get(line.domain, OPEN), rules)
    ]
    for start in range(0, len(told), AT_ONCE):
        CheckedLine.objects.filter(pk__in=told[start : start + AT_ONCE]).update(is_open=False)


def _withhold_numbers(study: Study, domains: set[str]) -> None:
    """Of files with rows that are hidden now, the gaps between the numbers of the others would tell."""
    SourceFile.objects.filter(study=study, domain__in=domains).update(is_numbered_openly=False)
    RejectedRow.objects.filter(run__study=study, domain__in=domains).update(is_numbered_openly=False)


def _changes(subject: Subject, rules: BlindingRules) -> list[RecordChange]:
    # A withdrawn record is classed when it comes back; what was seen of it stays in its history as it was.
    records = list(Record.objects.filter(subject=subject, is_withdrawn=False))
    hidden = {record.record_id: rules.hidden_in(record.domain, record.values) for record in records}
    whole = {record_id for record_id, names in hidden.items() if names == WHOLE}
    found = []
    for record in records:
        names = WHOLE if hidden_by_target(record.target, whole) else hidden[record.record_id]
        if names != parsed(record.hidden):
            found.append(_reclassed(record, names))
    return found


def _reclassed(record: Record, hidden: Hidden) -> RecordChange:
    before = parsed(record.hidden)
    target = record.target or None
    return RecordChange(
        Operation.UPDATE, record.record_id, record.domain, record.values, record.values, target, None, hidden, before
    )
