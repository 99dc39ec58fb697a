"""What other rooms are told of people and programs proving who they are; nothing of what was typed goes along."""

from dataclasses import dataclass

from apps.accounts.domain.proofs import ProofKind
from apps.accounts.models import User
from apps.core.domain.events import Event


@dataclass(frozen=True, slots=True)
class Proof:
    """One act at a door: whose account it was about, from which address, and for a wait how many seconds.

    `user` is None where the name given is nobody's. The name itself is never kept: people type their password into the
    field for the name, and a record that cannot be changed would hold it for ever.
    """

    kind: ProofKind
    user: User | None
    address: str
    seconds: int = 0


proof_noted: Event[Proof] = Event("proof_noted")
