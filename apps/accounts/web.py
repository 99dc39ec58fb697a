"""Pages and answers around proving who one is: one's own password, tokens for programs, and being kept waiting."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.forms import PasswordChangeForm
from django.contrib.auth.views import PasswordChangeView
from django.http import HttpRequest, HttpResponse
from django.urls import reverse_lazy
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView

from apps.accounts.domain.lockouts import Guessed
from apps.accounts.domain.proofs import ProofKind
from apps.accounts.models import User
from apps.accounts.named_clients import named_clients
from apps.accounts.selectors.applications import account_of_client
from apps.accounts.services.lockout import (
    LockedOutError,
    keys_of,
    note_failure,
    note_refusal,
    note_success,
    require_open,
)
from apps.accounts.services.reauthentication import prove, set_own_password
from apps.core.domain.errors import BadRequestError, NotAllowedError, PlatformError
from apps.core.problems import PROBLEM_TYPE, problem_of, refused

MOST_NAME_CHARACTERS = 255


def locked_out(request: HttpRequest, *_: object) -> HttpResponse:
    """The answer to a password that was not looked at; django-axes asks for it."""
    name = str(request.POST.get("username") or getattr(request.user, "username", ""))
    try:
        require_open(keys_of(request, Guessed.ACCOUNT, name), timezone.now())
    except LockedOutError as error:
        return _with_wait(refused(request.path, error), error)
    # The wait ended between the library's look and this one.
    return refused(request.path, LockedOutError(1))


def _with_wait(response: HttpResponse, error: LockedOutError) -> HttpResponse:
    response.headers["Retry-After"] = str(error.seconds)
    return response


class OwnPasswordForm(PasswordChangeForm):
    """The old password, counted as everywhere, and a new one that only its owner knows."""

    def __init__(self, user: User, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        self.request = request
        super().__init__(user, *args, **kwargs)

    def clean_old_password(self) -> str:
        """The old password, once it was right."""
        password = str(self.cleaned_data["old_password"])
        try:
            prove(request=self.request, user=self.user, password=password)
        except PlatformError as error:
            raise forms.ValidationError(error.detail) from error
        return password

    def save(self, commit: bool = True) -> User:
        """Set it through the service."""
        set_own_password(user=self.user, password=self.cleaned_data["new_password1"])
        return self.user


class OwnPasswordPage(PasswordChangeView):
    """Set one's own password; after somebody else set it, this is what lets one sign again."""

    form_class = OwnPasswordForm
    template_name = "accounts/password.html"
    success_url = reverse_lazy("home")

    def get_form_kwargs(self) -> dict[str, Any]:
        """The request goes with the form, so that wrong passwords are counted for its address too."""
        return {**super().get_form_kwargs(), "request": self.request}


class _CountedSecrets:
    """Counts wrong client secrets for the client and for the address, and keeps their giver waiting."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Answer, unless the client or the address has to wait."""
        try:
            client = _client_id(request)
        except BadRequestError as error:
            return refused(request.path, error)
        keys = keys_of(request, Guessed.CLIENT, client)
        try:
            require_open(keys, timezone.now())
        except LockedOutError as error:
            return _with_wait(_refused_token(error), error)
        response: HttpResponse = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of the view mixed with
        # Only a refused secret is a guess; a wrong grant type or scope says nothing about who asks.
        if response.status_code == 401:
            wait = note_failure(keys, timezone.now())
            note_refusal(ProofKind.TOKEN_REFUSED, account_of_client(client), request, wait)
        elif response.status_code == 200:
            note_success(keys)
        return response


@method_decorator(csrf_exempt, name="dispatch")
class CountedTokenView(_CountedSecrets, TokenView):  # type: ignore[misc]  # the library is not typed
    """Tokens by client credentials."""


@method_decorator(csrf_exempt, name="dispatch")
class CountedRevokeTokenView(_CountedSecrets, RevokeTokenView):  # type: ignore[misc]  # the library is not typed
    """The end of a token, by the client it was given to."""


def _client_id(request: HttpRequest) -> str:
    """The one client a request names, in its header or its form; shortened, because any text may come."""
    if not request.headers.get("Authorization", "").isascii():
        raise BadRequestError("The Authorization header is not ASCII.")
    names = named_clients(request)
    # Each would be tried, and only one could be counted; the standard allows one (RFC 6749, 2.3).
    if len(set(names)) > 1 or (len(names) > 1 and "client_secret" in request.POST):
        raise BadRequestError("Name one client, and give its secret once: in the Authorization header or in the form.")
    if "\0" in "".join(names):
        raise BadRequestError("The name of the client holds a character that no text may hold.")
    return "".join(names[:1])[:MOST_NAME_CHARACTERS]


def _refused_token(error: LockedOutError) -> HttpResponse:
    """A problem document that clients of OAuth understand too (RFC 6749, 5.2)."""
    body = {**problem_of(error), "error": "temporarily_unavailable", "error_description": error.detail}
    return HttpResponse(json.dumps(body), content_type=PROBLEM_TYPE, status=error.status)


def admin_sign_in(request: HttpRequest) -> HttpResponse:
    """The administration's own sign-in, and words instead of a form for who is signed in and has nothing there."""
    if request.user.is_authenticated and not request.user.is_staff:
        raise NotAllowedError("Your role has nothing to do in the administration: reviews, the trail and accounts.")
    return admin.site.login(request)
