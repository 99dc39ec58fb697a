"""What moved since a text was written, and which revision set a value: for the words beside a stale fact."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from apps.narratives.domain.currency.compare import Origin
from apps.narratives.domain.currency.moves import Moves
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, seen_revision
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.variables import Value
from apps.studies.models import RecordRevision, Subject
from apps.studies.selectors.imports import shown_source
from apps.twins.selectors.history import changes_between, net_changes


def moves_since(subject: Subject, version: int) -> Moves:
    """What blinded readers see moved in a subject after a version of theirs."""
    changes = changes_between(subject, Audience.BLINDED, version, subject.blinded_version)
    values: dict[str, dict[str, tuple[Value | None, Value | None]]] = defaultdict(dict)
    for change in net_changes(changes):
        values[change.record][change.variable] = (change.old, change.new)
    last = {change.record: change.operation for change in changes}
    return Moves(values, frozenset(record for record, operation in last.items() if operation == Operation.WITHDRAW))


def origins_of(subject: Subject, references: Iterable[str], *, after: int) -> dict[str, Origin]:
    """The last revision that set each value after a version of blinded readers: actor, moment, source, file and row.

    A value that a later revision of its record left alone keeps the revision that set it.
    """
    wanted: dict[str, set[str]] = defaultdict(set)
    for reference in references:
        record, variable = Reference.parse(reference)
        wanted[record].add(variable)
    found: dict[str, Origin] = {}
    # What blinded readers saw before: a revision set only the values in which it differs from that.
    known: dict[str, Mapping[str, Value]] = {}
    for revision in _revisions(subject, wanted):
        seen = seen_revision(
            Audience.BLINDED, revision.operation, revision.open_operation, revision.values, revision.hidden
        )
        before, changed = known.get(revision.record_id, {}), revision.record_id
        now = {} if seen is None or seen[0] is Operation.WITHDRAW else seen[1]
        known[changed] = now
        if (revision.change_set.blinded_number or 0) > after:
            set_here = {name for name in wanted[changed] if before.get(name) != now.get(name)}
            found |= {str(Reference.of(changed, name)): _origin(revision) for name in set_here}
    return found


def _revisions(subject: Subject, records: Iterable[str]) -> Iterable[RecordRevision]:
    revisions = RecordRevision.objects.filter(change_set__subject=subject, record_id__in=list(records))
    # One without an open operation moved nothing that blinded readers see, and must not be named to them as an origin.
    seen = revisions.exclude(open_operation="").select_related("change_set", "source_file")
    return seen.order_by("change_set__number", "pk")


def _origin(revision: RecordRevision) -> Origin:
    change_set = revision.change_set
    # Kept with the version, which every role reads: the file is named as blinded readers may know it.
    source = shown_source(revision.source_file, revision.source_row, Audience.BLINDED)
    return Origin(
        record=revision.record_id,
        actor=change_set.actor_name,
        known_at=change_set.known_at.isoformat(),
        source=change_set.source,
        file=source.file,
        row=source.row,
    )
