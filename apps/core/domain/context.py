"""Who writes, why, from where: carried by every change, whichever door it comes through."""

from dataclasses import dataclass, field
from uuid import uuid4


@dataclass(frozen=True, slots=True)
class WriteContext:
    """Actor, mandatory reason and source of one write (21 CFR 11.10(e)); its moment is the ledger's to say.

    `is_writer_blinded` says that the writer knows no treatment: what they send is the open side of a record.
    `is_reason_open` says that the reason cannot tell one: its writer is blinded, or it is the product's own wording.
    """

    actor_id: int | None
    actor: str
    reason: str
    source: str
    is_reason_open: bool = False
    is_writer_blinded: bool = False
    correlation_id: str = field(default_factory=lambda: uuid4().hex)
