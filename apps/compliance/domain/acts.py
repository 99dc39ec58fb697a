"""What the trail keeps beside changes of rows: who came in, who was refused, and why, as words of closed lists.

Closed, because a row of the trail is never changed: nothing that somebody typed, and no clinical value, can get in.
"""

from enum import StrEnum
from typing import Final

from apps.accounts.domain.proofs import ProofKind

# The one act that is no proof of who somebody is: a signature that was not given.
SIGNING_REFUSED: Final = "signing_refused"
SESSION_ACTS: Final = frozenset(kind.value for kind in ProofKind)
REFUSED_ACTS: Final = (SESSION_ACTS | {SIGNING_REFUSED}) - {ProofKind.SIGN_IN, ProofKind.SIGN_OUT}


class Refusal(StrEnum):
    """Why somebody was refused."""

    WRONG_PASSWORD = "wrong_password"  # noqa: S105  # a reason, not a password
    WRONG_SECRET = "wrong_secret"  # noqa: S105
    NOBODY = "nobody"
    CLOSED = "closed"
    UNPROVEN = "unproven"
    WAITING = "waiting"
    AUTHOR = "author"
    NO_RIGHT = "no_right"
    OTHER_TEXT = "other_text"
    ALTERED = "altered"
    STALE = "stale"
    DECIDED = "decided"
    OTHER = "other"


class Kind(StrEnum):
    """Kinds of act that a reader of the trail may ask for."""

    REFUSED = "refused"
    REVIEWS = "reviews"
    SIGN_INS = "sign-ins"
    RIGHTS = "rights"
    ACCOUNTS = "accounts"
    STUDIES = "studies"


# The tables of each kind, by the name of their model; a person's roles are told apart from their account by the reader.
TABLES: dict[Kind, tuple[str, ...]] = {
    Kind.REVIEWS: ("review", "signature"),
    Kind.RIGHTS: ("group", "groupobjectpermission"),
    Kind.ACCOUNTS: ("user", "application", "administrativeact"),
    Kind.STUDIES: ("study", "site", "blindingrule"),
}
