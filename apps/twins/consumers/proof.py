"""Who is behind a socket: a cookie session of the same origin, or a bearer token."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.models import Session
from django.http import parse_cookie
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from oauth2_provider.models import get_access_token_model

from apps.accounts.api import service_account_of
from apps.accounts.models import User
from apps.core.doors import header
from apps.twins.services.announcing import session_digest


def bearer_token(scope: Mapping[str, Any]) -> str:
    """The bearer token of a handshake, empty without one."""
    kind, _, token = header(scope, b"authorization").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def is_same_origin(scope: Mapping[str, Any]) -> bool:
    """Whether a browser opened the socket from a page of this very host (ASVS 4.4.2)."""
    try:
        origin = urlsplit(header(scope, b"origin"))
    except ValueError:
        return False
    return origin.scheme in {"http", "https"} and origin.netloc == header(scope, b"host")


@dataclass(frozen=True, slots=True)
class Proof:
    """Who a socket speaks for, by what, and until when; exactly one of session and token is named, by its digest."""

    user: User
    expires_at: datetime
    session: str = ""
    token: str = ""


def proof_of_token(token: str) -> Proof | None:
    """The service account that a valid token acts as."""
    # Sought by its checksum, so that no query, and no log of queries, holds the token.
    checksum = hashlib.sha256(token.encode()).hexdigest()
    model = get_access_token_model()
    found = model.objects.select_related("user", "application__user").filter(token_checksum=checksum).first()
    user = service_account_of(found) if found is not None and found.is_valid() else None
    return Proof(user, found.expires, token=checksum) if user is not None and found is not None else None


def proof_of_session(session_key: str) -> Proof | None:
    """The active user of a live session, unless the password was changed since they signed in."""
    # From its row each time: the session of the handshake goes on holding what was valid then.
    row = Session.objects.filter(session_key=session_key, expire_date__gt=timezone.now()).first()
    data = row.get_decoded() if row is not None else {}
    user = User.objects.filter(pk=data[SESSION_KEY], is_active=True).first() if SESSION_KEY in data else None
    if row is None or user is None:
        return None
    known = str(data.get(HASH_SESSION_KEY, ""))
    # As Django does for a page: a change of password ends the session; fallbacks are of earlier secret keys.
    hashes = [user.get_session_auth_hash(), *user.get_session_auth_fallback_hash()]
    if not any(constant_time_compare(known, expected) for expected in hashes):
        return None
    return Proof(user, row.expire_date, session=session_digest(session_key))


@database_sync_to_async
def proof_behind(scope: Mapping[str, Any]) -> Proof | None:
    """Who opened the socket, looked up afresh; None for a stranger or a foreign origin."""
    token = bearer_token(scope)
    if token:
        # A browser never sends this header with a socket by itself, so no foreign page can ride on it.
        return proof_of_token(token)
    session_key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
    # A browser sends its cookies with a socket that any page opens, and sockets know no CORS.
    if not session_key or not is_same_origin(scope):
        return None
    return proof_of_session(session_key)


@database_sync_to_async
def is_signed_in(scope: Mapping[str, Any]) -> bool:
    """Whether a request carries a token or session that is valid now; what it may do is the view's to judge."""
    token = bearer_token(scope)
    if token:
        return proof_of_token(token) is not None
    # The door asks before any middleware has read the cookies.
    session_key = parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    return session_key is not None and proof_of_session(session_key) is not None
