"""What this room tells the rooms to its right."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.core.domain.events import Event
from apps.studies.domain.changes import RecordChange
from apps.studies.models import ChangeSet, ImportRun, Site, Subject


@dataclass(frozen=True, slots=True)
class SubjectChange:
    """One new version of a subject, with the revisions that made it."""

    subject: Subject
    change_set: ChangeSet
    changes: Sequence[RecordChange]


@dataclass(frozen=True, slots=True)
class SubjectMove:
    """A subject that is at another site from now on; who may see it has changed."""

    subject: Subject
    from_site: Site


# Inside the transaction that writes: a handler that fails undoes the write.
subject_changing: Event[SubjectChange] = Event("subject_changing")
# After the commit: hints and follow-up work only.
subject_changed: Event[SubjectChange] = Event("subject_changed")
# Inside the transaction: what names the site of a subject goes with it.
subject_moving: Event[SubjectMove] = Event("subject_moving")
# After the commit: whoever follows the subject proves again that they may.
subject_moved: Event[SubjectMove] = Event("subject_moved")
# After the commit: an import began, came to its next state or ended; lists of imports look again.
import_moved: Event[ImportRun] = Event("import_moved")
