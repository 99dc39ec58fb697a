"""What one change set does: its changes, what blinded readers see of them, and the links of its hash chains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from apps.core.domain.canonical import chained_sha256
from apps.studies.domain.arrival import arrival_on
from apps.studies.domain.variables import Value, open_values, record_is_hidden


class Operation(StrEnum):
    """What a revision does to its record."""

    INSERT = "insert"
    UPDATE = "update"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"


@dataclass(frozen=True, slots=True)
class Origin:
    """The source row a change came from: file (database id) and 1-based row."""

    file_id: int
    row: int


@dataclass(frozen=True, slots=True)
class RecordChange:
    """One revision to be: values after it (before it, for a withdrawal) and the values it replaces."""

    operation: Operation
    record_id: str
    domain: str
    values: Mapping[str, Value]
    before: Mapping[str, Value] | None = None
    target: str | None = None
    origin: Origin | None = None


def open_change(change: RecordChange) -> Mapping[str, Value] | None:
    """The values of a change that a blinded reader sees; None where, for them, nothing happened."""
    after = open_values(change.domain, change.values)
    if after is None:
        return None
    if change.operation is Operation.UPDATE and change.before is not None:
        return None if open_values(change.domain, change.before) == after else after
    return after


def touches_hidden(change: RecordChange) -> bool:
    """Whether a change holds anything that blinded readers must not learn, its stated reason included."""
    shown = open_values(change.domain, change.values)
    if shown is None:
        return True
    hidden = {name: value for name, value in change.values.items() if name not in shown}
    if change.operation is not Operation.UPDATE or change.before is None:
        return bool(hidden)
    before = open_values(change.domain, change.before) or {}
    return hidden != {name: value for name, value in change.before.items() if name not in before}


@dataclass(frozen=True, slots=True)
class ChainHead:
    """The last number and hash of a subject's two sequences."""

    number: int
    sha256: str
    blinded_number: int
    blinded_sha256: str


@dataclass(frozen=True, slots=True)
class Link:
    """The next change set of a subject, numbered and hashed for both audiences."""

    head: ChainHead
    is_open: bool
    is_reason_open: bool
    change_count: int
    blinded_change_count: int


def stamp(*, number: int, subject_id: str, actor: str, reason: str, source: str, known_at: datetime) -> dict[str, str]:
    """What the hash of a change set binds beside its changes; `subject_id` is empty for a study's own records."""
    return {
        "number": str(number),
        "subject": subject_id,
        "actor": actor,
        "reason": reason,
        "source": source,
        "known_at": known_at.isoformat(),
    }


def next_link(
    head: ChainHead, changes: Sequence[RecordChange], stamped: Mapping[str, str], *, is_reason_open: bool
) -> Link:
    """Number and chain a change set; `stamped` holds actor, reason, source and moment.

    The blinded chain holds only what blinded readers see, and moves only when that changes.
    """
    shown = [(change, values) for change in changes if (values := open_change(change)) is not None]
    reason_open = is_reason_open or not any(touches_hidden(change) for change in changes)
    sha = chained_sha256(head.sha256, {**stamped, "changes": _entries((c, c.values) for c in changes)})
    blinded_sha = head.blinded_sha256
    if shown:
        visible = dict(stamped) if reason_open else {key: value for key, value in stamped.items() if key != "reason"}
        blinded_sha = chained_sha256(head.blinded_sha256, {**visible, "changes": _entries(shown)})
    moved = ChainHead(head.number + 1, sha, head.blinded_number + bool(shown), blinded_sha)
    return Link(moved, bool(shown), reason_open, len(changes), len(shown))


def _entries(changes: Iterable[tuple[RecordChange, Mapping[str, Value]]]) -> list[list[object]]:
    return [[change.operation.value, change.record_id, dict(values), change.target] for change, values in changes]


def data_cut_of(changes: Iterable[RecordChange], before: date | None) -> date | None:
    """Latest day of collection among the changes, never earlier than the cut before them.

    Records that blinded readers must not know do not count: the day of a dose would show in it.
    """
    shown = [change for change in changes if not record_is_hidden(change.domain, change.values)]
    days = [day for change in shown if (day := arrival_on(change.domain, change.values)) is not None]
    return max([*days, *([before] if before else [])], default=None)
