"""The acts by which people and programs prove who they are, as words of a closed list."""

from enum import StrEnum


class ProofKind(StrEnum):
    """What happened at one of the doors that take a password or a secret."""

    SIGN_IN = "sign_in"
    SIGN_IN_REFUSED = "sign_in_refused"
    SIGN_OUT = "sign_out"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105  # an act, not a password
    TOKEN_REFUSED = "token_refused"  # noqa: S105  # an act, not a token
    WAIT = "wait"
