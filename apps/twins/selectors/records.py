"""The history of one record and the moments of versions, each in the reader's own projection."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import seen_revision
from apps.studies.domain.variables import Value
from apps.studies.models import ChangeSet, SourceFile, Subject
from apps.twins.selectors.history import changes_between, number_for
from apps.twins.selectors.twins import change_sets_for, revisions_between


@dataclass(frozen=True, slots=True)
class RecordVersion:
    """A record after one of its revisions, as the reader sees it: who changed it, when, and the row it came from."""

    version: int
    operation: str
    values: Mapping[str, Value]
    change_set: ChangeSet
    source_file: SourceFile | None
    source_row: int | None


def record_history(subject: Subject, audience: Audience, record_id: str, until: int) -> list[RecordVersion]:
    """Revisions of a record up to a version, oldest first; empty where the reader may see none."""
    revisions = revisions_between(subject, audience, 0, until).filter(record_id=record_id)
    found: list[RecordVersion] = []
    for revision in revisions.select_related("change_set", "source_file"):
        seen = seen_revision(audience, revision.operation, revision.open_operation, revision.values, revision.hidden)
        if seen is None:
            continue
        # A record that was hidden from its reader says nothing of its last values.
        values = seen[1] if seen[1] or not found else found[-1].values
        found.append(
            RecordVersion(
                number_for(revision.change_set, audience),
                seen[0].value,
                values,
                revision.change_set,
                revision.source_file,
                revision.source_row,
            )
        )
    return found


def last_changes(subject: Subject, audience: Audience, after: int, until: int) -> dict[str, ChangeSet]:
    """The change set that last touched each record in the versions after one and up to another."""
    if audience is Audience.UNBLINDED:
        revisions = revisions_between(subject, audience, after, until).select_related("change_set")
        return {revision.record_id: revision.change_set for revision in revisions.defer("values")}
    # By values: a revision that moved hidden values alone must not mark its record as changed.
    versions = {change.record: change.version for change in changes_between(subject, audience, after, until)}
    change_sets = change_sets_for(subject, audience).filter(blinded_number__in=set(versions.values()))
    by_number = {change_set.blinded_number: change_set for change_set in change_sets}
    return {record: by_number[version] for record, version in versions.items()}
