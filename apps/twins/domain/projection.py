"""What a reader may know: the projection of a change to an audience."""

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import RecordChange
from apps.studies.domain.variables import open_values


def project(change: RecordChange, audience: Audience) -> RecordChange | None:
    """The change as the audience sees it, or None where it holds nothing that they may see."""
    if audience is Audience.UNBLINDED:
        return change
    values = open_values(change.domain, change.values)
    if values is None:
        return None
    return RecordChange(change.operation, change.record_id, change.domain, values, target=change.target)
