"""Recomputes the hash chains of a subject from what the database holds, as an inspector would."""

from collections.abc import Iterator

from apps.core.domain.context import WriteContext
from apps.studies.domain.blinding import Hidden, parsed
from apps.studies.domain.changes import ChainHead, Link, Operation, RecordChange, next_link
from apps.studies.domain.variables import Value
from apps.studies.models import ChangeSet, RecordRevision, Subject
from tests.factories import context

START = ChainHead(0, "", 0, "")


def chain_breaks(subject: Subject) -> list[int]:
    """Numbers of the change sets of which a stored hash is not the one their content gives."""
    return [stored.number for stored, link in _links(subject) if not _agree(stored, link)]


def _links(subject: Subject) -> Iterator[tuple[ChangeSet, Link]]:
    head, known = START, dict[str, tuple[dict[str, Value], Hidden]]()
    for stored in ChangeSet.objects.filter(subject=subject).order_by("number"):
        changes = [_change(revision, known) for revision in stored.revisions.order_by("pk")]
        stamp = {
            "number": str(stored.number),
            "subject": subject.subject_id,
            "actor": stored.actor_name,
            "reason": stored.reason,
            "source": stored.source,
            "known_at": stored.known_at.isoformat(),
        }
        link = next_link(head, changes, stamp, is_reason_open=stored.is_reason_open)
        yield stored, link
        head = link.head


def _change(revision: RecordRevision, known: dict[str, tuple[dict[str, Value], Hidden]]) -> RecordChange:
    before, hidden_before = known.get(revision.record_id, (None, None))
    hidden = parsed(revision.hidden)
    known[revision.record_id] = (revision.values, hidden)
    return RecordChange(
        Operation(revision.operation),
        revision.record_id,
        revision.domain,
        revision.values,
        before,
        revision.target or None,
        None,
        hidden,
        hidden_before,
    )


def _agree(stored: ChangeSet, link: Link) -> bool:
    kept = ChainHead(stored.number, stored.sha256, stored.blinded_number, stored.blinded_sha256)
    return kept == link.head and stored.is_open == link.is_open and stored.is_reason_open == link.is_reason_open


def said(reason: str) -> WriteContext:
    """A write by the operator with this reason."""
    return context(reason=reason)
