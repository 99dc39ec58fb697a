"""The history of one record and the moments of versions, each in the reader's own projection."""

from collections.abc import Mapping
from dataclasses import dataclass

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation
from apps.studies.domain.variables import Value, open_values
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
        values = revision.values if audience is Audience.UNBLINDED else open_values(revision.domain, revision.values)
        if values is None or (audience is Audience.BLINDED and _is_unmoved(revision.operation, values, found)):
            continue
        version = number_for(revision.change_set, audience)
        found.append(
            RecordVersion(
                version, revision.operation, values, revision.change_set, revision.source_file, revision.source_row
            )
        )
    return found


def _is_unmoved(operation: str, values: Mapping[str, Value], earlier: list[RecordVersion]) -> bool:
    """Whether an update left everything as it was for a blinded reader: it moved hidden values only."""
    return operation == Operation.UPDATE and bool(earlier) and earlier[-1].values == values


def last_changes(subject: Subject, audience: Audience, after: int, until: int) -> dict[str, ChangeSet]:
    """The change set that last touched each record in the versions after one and up to another."""
    if audience is Audience.UNBLINDED:
        revisions = revisions_between(subject, audience, after, until).select_related("change_set")
        return {revision.record_id: revision.change_set for revision in revisions.defer("values")}
    versions = {change.record: change.version for change in changes_between(subject, audience, after, until)}
    change_sets = change_sets_for(subject, audience).filter(blinded_number__in=set(versions.values()))
    by_number = {change_set.blinded_number: change_set for change_set in change_sets}
    return {record: by_number[version] for record, version in versions.items()}
