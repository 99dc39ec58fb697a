"""Who signs proves again who they are (21 CFR 11.200(a))."""

from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.domain.lockouts import Guessed
from apps.accounts.domain.proofs import ProofKind
from apps.accounts.models import User
from apps.accounts.services.lockout import keys_of, note_success, require_open
from apps.core.domain.errors import NotAllowedError


class WrongPasswordError(NotAllowedError):
    """The password is not that of the person who is signed in."""


class UnprovenPasswordError(NotAllowedError):
    """The password was set by somebody else and proves nobody."""


def reauthenticate(*, request: HttpRequest, user: User, password: str) -> None:
    """Check the password of the signed-in user again; failures count towards the lock-out.

    Raises WrongPasswordError, UnprovenPasswordError for one that somebody else set: it proves nobody (11.300(a));
    LockedOutError after too many wrong ones.
    """
    if not user.is_proven:
        raise UnprovenPasswordError(
            "Your password was set by somebody else; nothing was signed. Set one of your own first, then sign."
        )
    try:
        prove(request=request, user=user, password=password, refused_as=None)
    except WrongPasswordError as error:
        raise WrongPasswordError(
            "The password is not right; nothing was signed. Enter your own password again."
        ) from error


def prove(
    *,
    request: HttpRequest,
    user: User,
    password: str,
    refused_as: ProofKind | None = ProofKind.PASSWORD_REFUSED,
) -> None:
    """Check that whoever holds this session knows its password; raises WrongPasswordError or LockedOutError.

    `refused_as` is what a wrong one is told as; None where the caller tells of its own refusal.
    """
    keys = keys_of(request, Guessed.ACCOUNT, user.username)
    # Asked here for the length of the wait; the sign-in's own check refuses without a word of it.
    require_open(keys, timezone.now())
    # Whoever counts a wrong password must know that this is no sign-in.
    vars(request)["refused_as"] = refused_as
    found = authenticate(request, username=user.username, password=password)
    if found is None or found.pk != user.pk or not found.is_active:
        raise WrongPasswordError("The password is not right. Enter your own password again.")
    # The library forgets failures at a sign-in, and this is none.
    note_success(keys)


def set_own_password(*, user: User, password: str) -> None:
    """A password that only this person knows; from now on it proves them."""
    user.set_password(password)
    user.is_proven = True
    user.save(update_fields=["password", "is_proven"])
