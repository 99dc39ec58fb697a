"""Which client a request for a token names, read as the library reads it."""

from typing import Any

from django.http import HttpRequest
from oauth2_provider.oauth2_backends import OAuthLibCore
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.common import Request


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
