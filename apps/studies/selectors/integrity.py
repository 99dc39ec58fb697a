"""Recomputes both hash chains of a subject (or of a study's own records) from what is stored, as an inspector would."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import QuerySet

from apps.core.domain.integrity import Break, Part
from apps.studies.domain.blinding import parsed
from apps.studies.domain.changes import ChainHead, Link, Operation, RecordChange, next_link, open_change, stamp
from apps.studies.domain.variables import Value
from apps.studies.models import ChangeSet, Record, RecordRevision, Study, Subject

START = ChainHead(0, "", 0, "")
Values = dict[str, Value]
REVISION = ("change_set_id", "record_id", "operation", "open_operation", "domain", "values", "hidden", "target")


STANDING = ("domain", "values", "hidden", "target", "is_withdrawn")


class _Standing(NamedTuple):
    """How a record stands."""

    domain: str
    values: Values
    hidden: str
    target: str
    is_withdrawn: bool


@dataclass(frozen=True, slots=True)
class Step:
    """One stored change set with its changes, and the link that they make with the link that is stored before it."""

    change_set: ChangeSet
    changes: list[RecordChange]
    link: Link
    previous: ChainHead


class LedgerCheck:
    """Walks one ledger once, in constant memory beside the subject's own records, and names what does not fit."""

    def __init__(self, study: Study, subject: Subject | None) -> None:
        self.study, self.subject = study, subject
        self.breaks: list[Break] = []
        self._records: dict[str, _Standing] = {}

    def steps(self) -> Iterator[Step]:
        """Every change set in order; what is broken is in `breaks` once they were all read."""
        head = START
        changes_of = self._changes()
        pending = next(changes_of, None)
        for stored in self._change_sets().order_by("number").iterator(500):
            changes: list[RecordChange] = []
            while pending is not None and pending[0] == stored.pk:
                changes.append(pending[1])
                pending = next(changes_of, None)
            stamped, is_reason_open = self._stamp(stored), stored.is_reason_open
            link = next_link(head, changes, stamped, is_reason_open=is_reason_open, rule=stored.chain_rule)
            step = Step(stored, changes, link, head)
            self._compare(step)
            yield step
            # On from what is stored: from what was computed, every link after an altered one would be named, too.
            head = self._stored_head(stored)
        self._compare_head(head)
        self._compare_records()

    def _change_sets(self) -> QuerySet[ChangeSet]:
        return ChangeSet.objects.filter(study=self.study, subject=self.subject)

    def _changes(self) -> Iterator[tuple[int, RecordChange]]:
        """Revisions in the order of the ledger, each with its values before."""
        revisions = RecordRevision.objects.filter(change_set__study=self.study, change_set__subject=self.subject)
        # Within a change set as they were inserted, since its hash binds them in this order.
        rows = revisions.order_by("change_set__number", "pk").values_list(*REVISION)
        for change_set, record_id, operation, open_operation, domain, values, hidden, target in rows.iterator(2000):
            known = self._records.get(record_id)
            now = _Standing(domain, values, hidden, target, operation == Operation.WITHDRAW)
            self._records[record_id] = now
            change = RecordChange(
                Operation(operation),
                record_id,
                now.domain,
                now.values,
                known.values if known else None,
                now.target or None,
                hidden=parsed(now.hidden),
                hidden_before=parsed(known.hidden) if known else None,
            )
            seen = open_change(change)
            # Neither hash binds this column; it is held against what follows from the hidden names beside it.
            if open_operation != (seen.operation.value if seen else ""):
                self._note(Part.LEDGER, "What it is for blinded readers is not what it hides.", record=record_id)
            yield change_set, change

    def _stamp(self, stored: ChangeSet) -> dict[str, str]:
        return stamp(
            number=stored.number,
            subject_id=self.subject.subject_id if self.subject else "",
            actor=stored.actor_name,
            reason=stored.reason,
            source=stored.source,
            known_at=stored.known_at,
        )

    def _stored_head(self, stored: ChangeSet) -> ChainHead:
        if self.subject is None:
            return ChainHead(stored.number, stored.sha256, 0, "")
        return ChainHead(stored.number, stored.sha256, stored.blinded_number, stored.blinded_sha256)

    def _compare(self, step: Step) -> None:
        stored, link = step.change_set, step.link
        kept = ChainHead(stored.number, stored.sha256, stored.blinded_number, stored.blinded_sha256)
        counts = (stored.is_open, stored.change_count, stored.blinded_change_count)
        if kept != link.head or stored.previous_sha256 != step.previous.sha256:
            self._note(Part.LEDGER, "The link is not what its content and the link before it make.", stored.number)
        elif counts != (link.is_open, link.change_count, link.blinded_change_count):
            self._note(Part.LEDGER, "What it says of its changes is not what they are.", stored.number)

    def _compare_head(self, head: ChainHead) -> None:
        owner = self.subject or self.study
        stands = (owner.version, owner.head_sha256)
        if self.subject is not None:
            stands = (*stands, self.subject.blinded_version, self.subject.blinded_head_sha256)  # type: ignore[assignment]
        ends = (head.number, head.sha256, head.blinded_number, head.blinded_sha256)[: len(stands)]
        if stands != ends:
            self._note(Part.LEDGER, "It does not stand where its last change set ends.", owner.version)

    def _compare_records(self) -> None:
        """Current records against the fold of their revisions."""
        left = dict(self._records)
        rows = Record.objects.filter(study=self.study, subject=self.subject)
        for record_id, *found in rows.values_list("record_id", *STANDING).iterator(2000):
            if left.pop(record_id, None) != _Standing(*found):
                self._note(Part.RECORDS, "A record is not what its revisions say.", record=record_id)
        for record_id in left:
            self._note(Part.RECORDS, "A record that has revisions is not there.", record=record_id)

    def _note(self, part: Part, words: str, version: int | None = None, record: str = "") -> None:
        subject = self.subject.subject_id if self.subject else ""
        self.breaks.append(Break(part, words, self.study.code, subject, version, record))
