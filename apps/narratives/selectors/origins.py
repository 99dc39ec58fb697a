"""Who changed a record last, when and from which row: for the words beside a stale fact."""

from collections.abc import Iterable

from apps.studies.domain.audience import Audience
from apps.studies.models import RecordRevision, Subject
from apps.studies.selectors.imports import shown_file


def origins_of(subject: Subject, record_ids: Iterable[str], *, after: int) -> dict[str, dict[str, object]]:
    """The last revision of each record after a version of blinded readers: actor, moment, source, file and row."""
    revisions = RecordRevision.objects.filter(
        change_set__subject=subject,
        change_set__blinded_number__gt=after,
        record_id__in=list(record_ids),
    )
    found: dict[str, dict[str, object]] = {}
    for revision in (
        revisions.exclude(open_operation="")
        .select_related("change_set", "source_file")
        .order_by("change_set__number", "pk")
    ):
        change_set = revision.change_set
        found[revision.record_id] = {
            "record": revision.record_id,
            "actor": change_set.actor_name,
            "known_at": change_set.known_at.isoformat(),
            "source": change_set.source,
            "file": shown_file(revision.source_file, Audience.BLINDED)[0],
            "row": revision.source_row,
        }
    return found
