"""How integrators prove who they are: a bearer token of an application bound to a service account."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework.request import Request

from apps.accounts.models import User


def service_account_of(token: object) -> User | None:
    """The active service account that a token acts as, through its application; never a person, whatever a row says."""
    account = service_account_of_application(getattr(token, "application", None))
    own = getattr(token, "user", None)
    # Tokens by client credentials have no user; one that names another account was not made that way.
    return account if own is None or own == account else None


def service_account_of_application(application: object) -> User | None:
    """The active service account that an application is bound to."""
    user = getattr(application, "user", None)
    return user if isinstance(user, User) and user.is_active and user.is_service_account else None


class BearerAuthentication(OAuth2Authentication):  # type: ignore[misc]  # the library is not typed
    """Client credentials act as the service account bound to the application; a token alone has no rights."""

    def authenticate(self, request: Request) -> tuple[User, object] | None:
        """User and token of a valid bearer token, None without one."""
        found = super().authenticate(request)
        if found is None:
            return None
        _, token = found
        user = service_account_of(token)
        # Nobody, and no error of its own: the next way of signing in is tried, and then it is 401.
        return (user, token) if user is not None else None


class BearerScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """Names bearer authentication in the OpenAPI document."""

    target_class = "apps.accounts.api.BearerAuthentication"
    name = "client_credentials"

    def get_security_definition(self, auto_schema: object) -> dict[str, object]:
        """OAuth2 client credentials at `/o/token/`."""
        flow = {"tokenUrl": "/o/token/", "scopes": {"portal": "The portal's API"}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}
