"""Who gets a token: an application that may act for a service account, by its secret and nothing else."""

from typing import Any

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request

from apps.accounts.api import service_account_of_application


class ServiceAccountValidator(OAuth2Validator):  # type: ignore[misc]  # the library is not typed
    """Client credentials of applications that are bound to an active service account."""

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Whether the secret is right and the application may act for anybody."""
        is_right = bool(super().authenticate_client(request, *args, **kwargs))
        return is_right and service_account_of_application(request.client) is not None

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Never: a client without a secret is nobody."""
        return False

    def validate_grant_type(self, client_id: str, grant_type: str, client: Any, request: Any, *args: Any) -> bool:
        """Client credentials only."""
        return grant_type == "client_credentials"


class _NamedClients(OAuth2Validator):  # type: ignore[misc]  # the library is not typed
    """Keeps the name of every client that the library looks for, and finds none of them."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def _load_application(self, client_id: str | None, request: Any) -> None:
        if client_id:
            self.names.append(client_id)


def named_clients(request: HttpRequest) -> list[str]:
    """The clients whose secrets the library would try: of the header first, then of the form."""
    # Read by the library itself: it takes more forms of a header than the standard does, and falls back to the form.
    core, asked = OAuthLibCore(), _NamedClients()
    headers, body = core.extract_headers(request), core.extract_body(request)
    asked.authenticate_client(Request(request.path, request.method, dict(body), headers))
    return asked.names
