"""The one door through which clinical records change."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import orjson
from django.db import transaction
from django.utils import timezone

from apps.core.domain.context import WriteContext
from apps.core.domain.errors import InvalidInputError
from apps.studies.domain.blinding import spelled
from apps.studies.domain.changes import (
    CHAIN_RULE,
    ChainHead,
    Link,
    Operation,
    RecordChange,
    data_cut_of,
    next_link,
    open_change,
    stamp,
)
from apps.studies.domain.variables import Value
from apps.studies.models import ChangeSet, Record, RecordRevision, Study, Subject
from apps.studies.selectors.access import require_active
from apps.studies.services.bulk import Row, insert_rows
from apps.studies.services.classing import classed
from apps.studies.services.enrolling import follow_site
from apps.studies.services.events import SubjectChange, subject_changed, subject_changing


def record_changes(
    *,
    subject: Subject,
    changes: Sequence[RecordChange],
    context: WriteContext,
) -> ChangeSet | None:
    """Append one change set to a subject and move its records and its twin, all or nothing.

    Changes of a blinded writer hold the open side only. Returns None when there is nothing to change. Raises
    NotAllowedError when the study takes no changes, InvalidInputError without a reason.
    """
    if not changes:
        return None
    _require_reason(context)
    with transaction.atomic():
        # Before anything is read: two writers would else chain their change sets to the same head.
        locked = lock_subject(subject)
        found = classed(locked.study, changes, context)
        if not found:
            return None
        change_set = _append(locked.study, locked, found, context)
        follow_site(locked, change_set, found)
        change = SubjectChange(locked, change_set, found)
        subject_changing.publish(change)
        transaction.on_commit(lambda: subject_changed.publish(change))
    return change_set


def lock_subject(subject: Subject) -> Subject:
    """The subject as it stands now, locked until the end of the transaction; what is read after this cannot move.

    Raises NotAllowedError when its study takes no changes.
    """
    # Of the subject alone: study and site are joined, and locking them would let one subject change at a time.
    locked = Subject.objects.select_for_update(of=("self",)).select_related("study", "site").get(pk=subject.pk)
    # Asked for each subject anew: a study may be locked while an import of it is under way.
    require_active(locked.study)
    return locked


def record_study_changes(*, study: Study, changes: Sequence[RecordChange], context: WriteContext) -> ChangeSet | None:
    """Append one change set to a study's own records (trial design); the same rules as for a subject."""
    if not changes:
        return None
    _require_reason(context)
    with transaction.atomic():
        locked = Study.objects.select_for_update().get(pk=study.pk)
        require_active(locked)
        found = classed(locked, changes, context)
        return _append(locked, None, found, context) if found else None


def _require_reason(context: WriteContext) -> None:
    if not context.reason.strip():
        raise InvalidInputError("A change needs a reason; say why the data change (21 CFR 11.10(e)).")


def _append(study: Study, subject: Subject | None, changes: Sequence[RecordChange], context: WriteContext) -> ChangeSet:
    head = _head(study, subject)
    known_at = _moment(study, subject)
    stamped = stamp(
        number=head.number + 1,
        subject_id=subject.subject_id if subject else "",
        actor=context.actor,
        reason=context.reason,
        source=context.source,
        known_at=known_at,
    )
    if subject is not None:
        # Before the change set is made: it keeps the cut that it leads to.
        subject.data_cut = data_cut_of(changes, subject.data_cut)
    link = next_link(head, changes, stamped, is_reason_open=context.is_reason_open, rule=CHAIN_RULE)
    change_set = _insert_change_set(study, subject, link, head, context, known_at)
    _insert_revisions(change_set, changes)
    _move_records(study, subject, changes)
    _move_head(study, subject, link, known_at)
    return change_set


def _head(study: Study, subject: Subject | None) -> ChainHead:
    if subject is None:
        return ChainHead(study.version, study.head_sha256, 0, "")
    return ChainHead(subject.version, subject.head_sha256, subject.blinded_version, subject.blinded_head_sha256)


def _moment(study: Study, subject: Subject | None) -> datetime:
    """When a change becomes known: read under the lock, and never before what was known already.

    With the moment of the request, or by a clock that was set back, versions would run backwards in time and the
    answer to "as known at" would change afterwards.
    """
    if subject is not None:
        last = subject.changed_at
    else:
        own = ChangeSet.objects.filter(study=study, subject=None, number=study.version)
        last = own.values_list("known_at", flat=True).first()
    return max(timezone.now(), last) if last is not None else timezone.now()


def _insert_change_set(
    study: Study, subject: Subject | None, link: Link, head: ChainHead, context: WriteContext, known_at: datetime
) -> ChangeSet:
    return ChangeSet.objects.create(
        study=study,
        subject=subject,
        number=link.head.number,
        blinded_number=link.head.blinded_number,
        is_open=link.is_open,
        is_reason_open=context.is_reason_open,
        actor_id=context.actor_id,
        actor_name=context.actor,
        reason=context.reason,
        source=context.source,
        correlation_id=context.correlation_id,
        known_at=known_at,
        data_cut=subject.data_cut if subject else None,
        change_count=link.change_count,
        blinded_change_count=link.blinded_change_count,
        chain_rule=CHAIN_RULE,
        previous_sha256=head.sha256,
        sha256=link.head.sha256,
        blinded_sha256=link.head.blinded_sha256,
    )


def _insert_revisions(change_set: ChangeSet, changes: Sequence[RecordChange]) -> None:
    columns = ["change_set_id", "record_id", "domain", "operation", "values", "hidden", "open_operation", "target"]
    insert_rows(
        RecordRevision,
        [*columns, "source_file_id", "source_row"],
        ((change_set.pk, *_revision(change)) for change in changes),
    )


def _revision(change: RecordChange) -> Row:
    seen = open_change(change)
    return (
        change.record_id,
        change.domain,
        change.operation.value,
        _stored(change.values),
        spelled(change.concealed),
        seen.operation.value if seen else "",
        change.target or "",
        change.origin.file_id if change.origin else None,
        change.origin.row if change.origin else None,
    )


def _stored(values: Mapping[str, Value]) -> str:
    return orjson.dumps(values).decode()


def _move_records(study: Study, subject: Subject | None, changes: Sequence[RecordChange]) -> None:
    subject_pk = subject.pk if subject else None
    columns = ["study_id", "subject_id", "record_id", "domain", "values", "hidden", "target", "is_withdrawn"]
    # A record that is reinstated has its row already, put aside as withdrawn.
    rows = (
        (study.pk, subject_pk, c.record_id, c.domain, _stored(c.values), spelled(c.concealed), c.target or "", False)
        for c in changes
        if c.operation is Operation.INSERT
    )
    insert_rows(Record, columns, rows)
    moved = {change.record_id: change for change in changes if change.operation is not Operation.INSERT}
    if not moved:
        return
    records = list(Record.objects.filter(study=study, record_id__in=moved))
    for record in records:
        change = moved[record.record_id]
        record.values, record.target = dict(change.values), change.target or ""
        record.hidden, record.is_withdrawn = spelled(change.concealed), change.operation is Operation.WITHDRAW
    Record.objects.bulk_update(records, ["values", "hidden", "target", "is_withdrawn"], batch_size=200)


def _move_head(study: Study, subject: Subject | None, link: Link, known_at: datetime) -> None:
    if subject is None:
        study.version, study.head_sha256 = link.head.number, link.head.sha256
        study.save(update_fields=["version", "head_sha256"])
        return
    subject.version, subject.head_sha256 = link.head.number, link.head.sha256
    subject.blinded_version, subject.blinded_head_sha256 = link.head.blinded_number, link.head.blinded_sha256
    subject.changed_at = known_at
    subject.save(
        update_fields=[
            "version",
            "head_sha256",
            "blinded_version",
            "blinded_head_sha256",
            "data_cut",
            "changed_at",
        ]
    )
