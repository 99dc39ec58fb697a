"""What a reader may know: the projection of a change to an audience."""

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import RecordChange, open_change


def project(change: RecordChange, audience: Audience) -> RecordChange | None:
    """The change as the audience sees it, or None where for them nothing happened."""
    return change if audience is Audience.UNBLINDED else open_change(change)
