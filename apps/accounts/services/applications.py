"""Applications of integrators: each acts as one service account, never as a person."""

import secrets
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from oauth2_provider.models import get_access_token_model, get_application_model

from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, NotAllowedError


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """What an integrator is told once; only a hash of the secret is kept."""

    client_id: str
    client_secret: str


def require_service_account(account: User) -> None:
    """Raise NotAllowedError unless applications may act as this account."""
    if not account.is_service_account:
        raise NotAllowedError(f"{account} is a person; an application may act only for a service account.")


def make_application(*, account: User, name: str, client_id: str = "", client_secret: str = "") -> ClientSecret:
    """The one application of a service account; id and secret are made up where they are not given.

    Raises NotAllowedError for a person, ConflictError where the account has an application.
    """
    require_service_account(account)
    model = get_application_model()
    if model.objects.filter(user=account).exists():
        raise ConflictError(f"{account} has an application already. Give it a new secret instead.")
    application = model(
        user=account,
        name=name,
        client_type=model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
    )
    return _keep(application, client_id, client_secret)


def rotate_secret(*, account: User, client_secret: str = "") -> ClientSecret:
    """A new secret for the application of an account; tokens got with the old one end. Raises ConflictError."""
    require_service_account(account)
    application = get_application_model().objects.filter(user=account).first()
    if application is None:
        raise ConflictError(f"{account} has no application. Ask for one first.")
    with transaction.atomic():
        # A token lasts an hour, and whoever had the old secret may hold one; its sockets close with it.
        get_access_token_model().objects.filter(application=application).delete()
        return _keep(application, "", client_secret)


def revoke_applications(*, account: User) -> None:
    """Take every application of an account away, with its tokens."""
    get_application_model().objects.filter(user=account).delete()


def _keep(application: Any, client_id: str, client_secret: str) -> ClientSecret:
    secret = client_secret or secrets.token_urlsafe(24)
    application.client_id = client_id or application.client_id
    application.client_secret = secret
    application.save()
    # The model hashes the secret as it is saved, so the plain one is handed on from here.
    return ClientSecret(application.client_id, secret)
