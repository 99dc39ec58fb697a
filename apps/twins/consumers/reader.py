"""Who is behind a socket: a cookie session of the same origin, or a bearer token."""

import hashlib
from collections.abc import Mapping
from importlib import import_module
from typing import Any
from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import parse_cookie
from oauth2_provider.models import get_access_token_model

from apps.accounts.api import service_account_of
from apps.accounts.models import User
from apps.core.doors import header


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


def user_of_token(token: str) -> User | None:
    """The service account that a valid token acts as."""
    checksum = hashlib.sha256(token.encode()).hexdigest()
    model = get_access_token_model()
    found = model.objects.select_related("user", "application__user").filter(token_checksum=checksum).first()
    return service_account_of(found) if found is not None and found.is_valid() else None


def user_of_session(session_key: str) -> User | None:
    """The active user of a live session."""
    store = import_module(settings.SESSION_ENGINE).SessionStore(session_key=session_key)
    user_pk = store.load().get(SESSION_KEY)
    return User.objects.filter(pk=user_pk, is_active=True).first() if user_pk else None


@database_sync_to_async
def user_behind(scope: Mapping[str, Any]) -> User | None:
    """Who opened the socket, looked up afresh; None for a stranger or a foreign origin."""
    token = bearer_token(scope)
    if token:
        return user_of_token(token)
    session_key = scope["cookies"].get(settings.SESSION_COOKIE_NAME)
    if not session_key or not is_same_origin(scope):
        return None
    return user_of_session(session_key)


@database_sync_to_async
def is_signed_in(scope: Mapping[str, Any]) -> bool:
    """Whether a request carries a token or session that is valid now; what it may do is the view's to judge."""
    token = bearer_token(scope)
    if token:
        return user_of_token(token) is not None
    session_key = parse_cookie(header(scope, b"cookie")).get(settings.SESSION_COOKIE_NAME)
    return session_key is not None and user_of_session(session_key) is not None
