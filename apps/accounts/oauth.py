"""Who gets a token: an application that may act for a service account, by its secret and nothing else."""

from typing import Any

from oauth2_provider.oauth2_validators import OAuth2Validator

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
