"""Counts wrong passwords and secrets in the database, so that every process knows, and keeps their giver waiting."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from axes.handlers.database import AxesDatabaseHandler
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from apps.accounts.domain.lockouts import PATIENCE, Guessed, counted_address, real_address, wait_after
from apps.accounts.domain.proofs import ProofKind
from apps.accounts.models import Lockout, User
from apps.accounts.services.proofs import Proof, proof_noted
from apps.core.domain.errors import PlatformError


class LockedOutError(PlatformError):
    """Too many wrong passwords or secrets; the right one is not tried either until the wait is over."""

    status = 429
    title = "Too many wrong tries"
    kind = "locked-out"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many wrong tries. Wait {seconds} seconds and try again.")
        self.seconds = seconds


def address_of(request: HttpRequest) -> str:
    """The real address behind a request; X-Forwarded-For is read only where the settings name the proxies."""
    forwarded = request.META.get("HTTP_X_FORWARDED_FOR", "")
    return real_address(request.META.get("REMOTE_ADDR", ""), forwarded, settings.TRUSTED_PROXIES)


def keys_of(request: HttpRequest | None, guessed: Guessed, name: str) -> list[str]:
    """What a try is counted for: the account or client of this name, and the address it came from."""
    # Hashed, because people type passwords into the field of the name.
    keys = [f"{guessed.value}:{hashlib.sha256(name.encode()).hexdigest()}"]
    address = counted_address(address_of(request)) if request is not None else ""
    return [*keys, f"{Guessed.ADDRESS.value}:{address}"] if address else keys


def require_open(keys: Sequence[str], now: datetime) -> None:
    """Raise LockedOutError while any of the keys has to wait."""
    waits = Lockout.objects.filter(key__in=keys, locked_until__gt=now).values_list("locked_until", flat=True)
    latest = max((until for until in waits if until is not None), default=None)
    if latest is not None:
        raise LockedOutError(int((latest - now).total_seconds()) + 1)


def note_failure(keys: Sequence[str], now: datetime) -> timedelta:
    """Count a wrong password or secret; from the last free one on, each doubles the wait. Returns how long that is."""
    longest = timedelta(0)
    Lockout.objects.filter(last_failed_at__lt=now - max(patience.memory for patience in PATIENCE.values())).delete()
    with transaction.atomic():
        # In one order for everybody, or two failures at once could wait for each other's rows.
        for key in sorted(keys):
            guessed = Guessed(key.partition(":")[0])
            Lockout.objects.get_or_create(key=key, defaults={"last_failed_at": now})
            row = Lockout.objects.select_for_update().get(key=key)
            is_fresh = now - row.last_failed_at <= PATIENCE[guessed].memory
            row.failures = row.failures + 1 if is_fresh else 1
            row.last_failed_at, wait = now, wait_after(guessed, row.failures)
            row.locked_until = now + wait if wait else None
            row.save(update_fields=["failures", "last_failed_at", "locked_until"])
            longest = max(longest, wait)
    return longest


def note_success(keys: Sequence[str]) -> None:
    """Forget the failures of an account or client; those of an address stay, or one good account would clear them."""
    Lockout.objects.filter(key__in=[key for key in keys if not key.startswith(Guessed.ADDRESS.value)]).delete()


def note_refusal(kind: ProofKind | None, user: User | None, request: HttpRequest | None, wait: timedelta) -> None:
    """Tell of a wrong password or secret, unless its asker tells of it (None), and once of the wait that it began.

    What is given during a wait is not looked at and not told again: whoever guesses would write the record full.
    """
    address = address_of(request) if request is not None else ""
    if kind is not None:
        proof_noted.publish(Proof(kind, user, address))
    if wait:
        proof_noted.publish(Proof(ProofKind.WAIT, user, address, int(wait.total_seconds())))


class LockoutHandler(AxesDatabaseHandler):  # type: ignore[misc]  # the library is not typed
    """Puts these rules where django-axes asks: before each password is looked at, and after it was wrong or right."""

    def is_locked(self, request: HttpRequest, credentials: dict[str, Any] | None = None) -> bool:
        """Whether the account or the address has to wait."""
        try:
            require_open(_keys(request, credentials), timezone.now())
        except LockedOutError:
            return True
        return False

    def user_login_failed(
        self, sender: object, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any
    ) -> None:
        """Count a wrong password; one given while waiting is not looked at and does not lengthen the wait."""
        if request is not None and self.is_locked(request, credentials):
            # By this mark the middleware of django-axes knows that it has to answer with the wait.
            vars(request)["axes_locked_out"] = True
            return
        wait = note_failure(_keys(request, credentials), timezone.now())
        kind = vars(request).get("refused_as", ProofKind.SIGN_IN_REFUSED) if request else ProofKind.SIGN_IN_REFUSED
        note_refusal(kind, _account(credentials), request, wait)

    def user_logged_in(self, sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Forget the failures of the account, and log the sign-in."""
        super().user_logged_in(sender, request, user, **kwargs)
        note_success(_keys(request, {"username": user.get_username()}))
        proof_noted.publish(Proof(ProofKind.SIGN_IN, user, address_of(request)))

    def user_logged_out(self, sender: object, request: HttpRequest, user: Any, **kwargs: Any) -> None:
        """Log and tell the sign-out; one of a session that had ended already is nobody's."""
        super().user_logged_out(sender, request, user, **kwargs)
        if isinstance(user, User):
            proof_noted.publish(Proof(ProofKind.SIGN_OUT, user, address_of(request)))


def _keys(request: HttpRequest | None, credentials: dict[str, Any] | None) -> list[str]:
    return keys_of(request, Guessed.ACCOUNT, str((credentials or {}).get("username") or ""))


def _account(credentials: dict[str, Any]) -> User | None:
    return User.objects.filter(username=str(credentials.get("username") or "")).first()
