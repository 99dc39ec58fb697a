"""Records written one by one by an integrator: matched, merged, checked and recorded, all or nothing per subject."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.db import transaction

from apps.accounts.domain.roles import Permission
from apps.core.domain.context import WriteContext
from apps.core.domain.errors import NotVisibleError, PreconditionFailedError
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ChangeSet, Study, Subject
from apps.studies.selectors.access import require, require_active, visible_subject
from apps.studies.selectors.records import record_reader
from apps.studies.services.enrolling import enrol_from_demographics, require_destinations, unusable_places
from apps.studies.services.ledger import lock_subject, record_changes
from apps.studies.services.merging import merge_submitted
from apps.studies.services.receiving import note_change_sets


@dataclass(frozen=True, slots=True)
class Refusal:
    """One submitted record that was not written: its index in the request, the field and why."""

    index: int
    field: str
    message: str


@dataclass(slots=True)
class WriteResult:
    """What a request did; versions are in the sequence of the writer's audience."""

    accepted: int = 0
    unchanged: int = 0
    rejected: list[Refusal] = field(default_factory=list)
    versions: dict[str, int] = field(default_factory=dict)
    change_sets: list[ChangeSet] = field(default_factory=list)


def write_records(
    *,
    principal: Principal,
    study: Study,
    records: Sequence[Submitted],
    context: WriteContext,
    expected_version: int | None = None,
) -> WriteResult:
    """Write the records of a request: each subject whole or not at all, and nothing where an error is raised.

    Raises NotAllowedError without the right or in a study that takes no changes, PreconditionFailedError when
    `expected_version` (for one subject) is not where the subject stands.
    """
    require_active(study)
    result = WriteResult()
    by_subject: dict[str, list[Submitted]] = {}
    for record in records:
        by_subject.setdefault(record.subject_id, []).append(record)
    # In one order for every request: one that writes several subjects in one transaction can then not block another.
    # In one transaction: what is not allowed for one subject is answered without a word of the others.
    with transaction.atomic():
        for subject_id, group in sorted(by_subject.items()):
            _write_subject(principal, study, subject_id, group, context, expected_version, result)
        note_change_sets(study, result.change_sets)
    result.rejected.sort(key=lambda refusal: refusal.index)
    return result


def _write_subject(
    principal: Principal,
    study: Study,
    subject_id: str,
    group: Sequence[Submitted],
    context: WriteContext,
    expected_version: int | None,
    result: WriteResult,
) -> None:
    reader = record_reader(principal, study)
    with transaction.atomic():
        subject = _subject_for(principal, study, subject_id, group)
        if isinstance(subject, list):
            result.rejected.extend(subject)
            return
        require(principal, Permission.WRITE_RECORDS, study, subject.site_id)
        locked = lock_subject(subject)
        # Under the lock: of two writers who read the same version the second must be refused.
        _require_version(locked, reader.audience, expected_version)
        merged = merge_submitted(locked, group, reader)
        if merged.refused:
            result.rejected.extend(_refusals(group, merged.refused))
            # An enrolment that was made for these records goes back with them.
            transaction.set_rollback(True)
            return
        # Only the merged record says at which site the subject would stand.
        require_destinations(principal, study, merged.changes)
        context = replace(context, is_writer_blinded=reader.is_blinded)
        made = record_changes(subject=locked, changes=merged.changes, context=context)
    if made is not None:
        result.change_sets.append(made)
    result.accepted += len(merged.changes)
    result.unchanged += merged.unchanged
    result.versions[subject_id] = Subject.objects.get(pk=subject.pk).version_for(reader.audience)


def _subject_for(
    principal: Principal, study: Study, subject_id: str, group: Sequence[Submitted]
) -> Subject | list[Refusal]:
    """The subject of these records, enrolled if need be; why there is none where they name none and enrol none."""
    try:
        return visible_subject(principal, study, subject_id)
    except NotVisibleError:
        if wrong := unusable_places(group):
            return _refusals(group, wrong)
        enrolled = enrol_from_demographics(principal=principal, study=study, subject_id=subject_id, group=group)
    message = "No subject that you may see has this identifier; send its DM record with SITEID to enrol it."
    return enrolled or [Refusal(record.index, "subject_id", message) for record in group]


def _require_version(subject: Subject, audience: Audience, expected: int | None) -> None:
    found = subject.version_for(audience)
    if expected is not None and found != expected:
        raise PreconditionFailedError(
            f"The subject is at version {found}, not {expected}. Read it again and repeat the change.",
            extra={"version": found},
        )


def _refusals(group: Sequence[Submitted], refused: dict[int, tuple[str, str]]) -> list[Refusal]:
    first = min(refused)
    other = ("", f"Not written, because record {first} of the same subject was not accepted.")
    return [Refusal(record.index, *refused.get(record.index, other)) for record in group]
