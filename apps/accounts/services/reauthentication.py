"""Who signs proves again who they are (21 CFR 11.200(a))."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.domain.errors import NotAllowedError


def reauthenticate(*, request: HttpRequest, user: User, password: str) -> None:
    """Check the password of the signed-in user again; failures count towards the lock-out. Raises NotAllowedError."""
    found = authenticate(request, username=user.username, password=password)
    if found is None or found.pk != user.pk or not found.is_active:
        raise NotAllowedError("The password is not right; nothing was signed. Enter your own password again.")
