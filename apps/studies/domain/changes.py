"""What one change set does: its changes, what blinded readers see of them, and the links of its hash chains."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from apps.core.domain.canonical import chained_sha256
from apps.studies.domain.arrival import arrival_on
from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import OPEN, PRODUCT_RULES, WHOLE, Hidden, open_values, parsed
from apps.studies.domain.variables import Value

FIRST_CHAIN_RULE: Final = 1
CHAIN_RULE: Final = 2
"""The rule by which a link is made now; one that is stored names its own, by which it is verified.

By the first, the blinded hash held the number in the sequence of everything, which could be tried until it fitted.
"""


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
    """One revision to be: values after it (before it, for a withdrawal) and the values it replaces.

    `hidden` names what blinded readers must not see of the values, `hidden_before` of those before; until a study's
    rules were asked they are None, and the product's own rules hold.
    """

    operation: Operation
    record_id: str
    domain: str
    values: Mapping[str, Value]
    before: Mapping[str, Value] | None = None
    target: str | None = None
    origin: Origin | None = None
    hidden: Hidden | None = None
    hidden_before: Hidden | None = None

    @property
    def concealed(self) -> Hidden:
        """What blinded readers must not see of the values."""
        return PRODUCT_RULES.hidden_in(self.domain, self.values) if self.hidden is None else self.hidden

    @property
    def concealed_before(self) -> Hidden:
        """What blinded readers must not see of the values before."""
        if self.hidden_before is not None:
            return self.hidden_before
        return OPEN if self.before is None else PRODUCT_RULES.hidden_in(self.domain, self.before)


def open_change(change: RecordChange) -> RecordChange | None:
    """The change as blinded readers see it; None where, for them, nothing happened.

    What was open and is hidden now was, for them, withdrawn; what was hidden and is open now is new.
    """
    after = open_values(change.values, change.concealed)
    if change.operation is Operation.WITHDRAW:
        return None if after is None else _seen(change, Operation.WITHDRAW, after)
    before = None if change.before is None else open_values(change.before, change.concealed_before)
    if change.operation is not Operation.UPDATE:
        # What comes back and was hidden when it went is new to blinded readers.
        is_known = change.operation is Operation.INSERT or before is not None or change.before is None
        return None if after is None else _seen(change, change.operation if is_known else Operation.INSERT, after)
    return _open_update(change, before, after)


def _open_update(
    change: RecordChange, before: Mapping[str, Value] | None, after: Mapping[str, Value] | None
) -> RecordChange | None:
    if after is None:
        # Without values: those of now are hidden, those of before stand in the history.
        return None if before is None else _seen(change, Operation.WITHDRAW, {})
    if before is None:
        is_new = change.before is not None and change.concealed_before == WHOLE
        return _seen(change, Operation.INSERT if is_new else Operation.UPDATE, after)
    return None if before == after else _seen(change, Operation.UPDATE, after, before)


def _seen(
    change: RecordChange,
    operation: Operation,
    values: Mapping[str, Value],
    before: Mapping[str, Value] | None = None,
) -> RecordChange:
    return RecordChange(
        operation, change.record_id, change.domain, values, before, change.target, change.origin, OPEN, OPEN
    )


def seen_revision(
    audience: Audience, operation: str, open_operation: str, values: Mapping[str, Value], hidden: str
) -> tuple[Operation, Mapping[str, Value]] | None:
    """Operation and values of a stored revision as the audience sees it; None where for them nothing happened."""
    if audience is Audience.UNBLINDED:
        return Operation(operation), values
    # As it was decided when written: by the rules of now the history that readers have seen would change.
    return (Operation(open_operation), open_values(values, parsed(hidden)) or {}) if open_operation else None


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
    head: ChainHead, changes: Sequence[RecordChange], stamped: Mapping[str, str], *, is_reason_open: bool, rule: int
) -> Link:
    """Number and chain a change set; `stamped` holds actor, reason, source and moment, `rule` is that of the chain.

    The blinded chain holds only what blinded readers know, and moves only when that changes. Whether they may read the
    reason hangs on who wrote it alone: were it open where nothing hidden is touched, it would tell where something is.
    """
    shown = [seen for change in changes if (seen := open_change(change)) is not None]
    sha = chained_sha256(head.sha256, {**stamped, "changes": _entries(changes)})
    blinded_sha = head.blinded_sha256
    if shown:
        visible = {key: value for key, value in stamped.items() if is_reason_open or key != "reason"}
        if rule != FIRST_CHAIN_RULE:
            visible["number"] = str(head.blinded_number + 1)
        blinded_sha = chained_sha256(head.blinded_sha256, {**visible, "changes": _entries(shown)})
    moved = ChainHead(head.number + 1, sha, head.blinded_number + bool(shown), blinded_sha)
    return Link(moved, bool(shown), len(changes), len(shown))


def _entries(changes: Iterable[RecordChange]) -> list[list[object]]:
    return [[change.operation.value, change.record_id, dict(change.values), change.target] for change in changes]


def data_cut_of(changes: Iterable[RecordChange], before: date | None) -> date | None:
    """Latest day of collection among the changes, never earlier than the cut before them.

    What blinded readers must not know does not count: the day of a dose would show in it.
    """
    shown = [(c.domain, seen) for c in changes if (seen := open_values(c.values, c.concealed)) is not None]
    days = [day for domain, values in shown if (day := arrival_on(domain, values)) is not None]
    return max([*days, *([before] if before else [])], default=None)
