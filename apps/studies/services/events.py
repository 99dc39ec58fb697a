"""What this room tells the rooms to its right."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.core.domain.events import Event
from apps.studies.domain.changes import RecordChange
from apps.studies.models import ChangeSet, Subject


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """One new version of a subject, with the revisions that made it."""

    subject: Subject
    change_set: ChangeSet
    changes: Sequence[RecordChange]


# Inside the transaction that writes: a handler that fails undoes the write.
subject_changing: Event[SubjectChange] = Event("subject_changing")
# After the commit: hints and follow-up work only.
subject_changed: Event[SubjectChange] = Event("subject_changed")
