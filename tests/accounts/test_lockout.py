"""Guessing is slowed by account and by real address at every door that takes a password or secret."""

import json
from base64 import b64encode
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from apps.accounts.domain.lockouts import Guessed
from apps.accounts.domain.roles import Role
from apps.accounts.models import Lockout, User
from apps.accounts.services.applications import make_application
from apps.accounts.services.lockout import LockedOutError, keys_of, note_failure, require_open
from apps.accounts.services.reauthentication import reauthenticate
from apps.core.domain.errors import NotAllowedError
from tests.factories import PASSWORD, StudyFactory, UserFactory, client_account, person

pytestmark = pytest.mark.django_db
LATER = timedelta(minutes=16)


def sign_in(username: str, password: str, path: str = "/sign-in/", **headers: str) -> Any:
    return Client().post(path, {"username": username, "password": password}, headers=headers)


def forwarded() -> Iterator[dict[str, str]]:
    return ({"X-Forwarded-For": f"198.51.100.{number}"} for number in range(250))


def wait_over() -> None:
    """As if the longest wait had passed."""
    for row in Lockout.objects.exclude(locked_until=None):
        Lockout.objects.filter(pk=row.pk).update(locked_until=timezone.now() - timedelta(seconds=1))


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("path", ["/sign-in/", "/admin/login/"])
def test_an_account_is_locked_whatever_address_is_claimed(path: str) -> None:
    user = UserFactory(is_staff=True)
    statuses = [
        sign_in(user.username, f"wrong {n}", path, **claim).status_code
        for n, claim in zip(range(8), forwarded(), strict=False)
    ]
    assert statuses == [200] * 5 + [429] * 3
    locked = sign_in(user.username, PASSWORD, path)
    assert locked.status_code == 429
    assert 0 < int(locked["Retry-After"]) <= 31
    assert "Too many wrong tries" in locked.content.decode()
    wait_over()
    assert sign_in(user.username, PASSWORD, path).status_code == 302


def test_the_wait_grows_and_a_try_while_waiting_does_not_lengthen_it() -> None:
    user = UserFactory()
    waits = []
    for _ in range(4):
        for _ in range(5 if not waits else 1):
            sign_in(user.username, "wrong")
        waits.append(int(sign_in(user.username, "wrong")["Retry-After"]))
        assert int(sign_in(user.username, "wrong")["Retry-After"]) <= waits[-1]
        wait_over()
    assert [round(wait / 30) for wait in waits] == [1, 2, 4, 8]


def test_an_address_is_locked_whatever_accounts_it_tries() -> None:
    users = [UserFactory() for _ in range(32)]
    statuses = [sign_in(user.username, "wrong").status_code for user in users]
    assert statuses == [200] * 30 + [429] * 2
    assert sign_in(users[-1].username, PASSWORD).status_code == 429
    elsewhere = Client(REMOTE_ADDR="203.0.113.9")
    assert elsewhere.post("/sign-in/", {"username": users[-1].username, "password": PASSWORD}).status_code == 302


def test_a_right_password_clears_the_account_and_not_the_address() -> None:
    mine, other = UserFactory(), UserFactory()
    for _ in range(12):
        for _ in range(4):
            sign_in(mine.username, "wrong")
        if sign_in(mine.username, PASSWORD).status_code == 429:
            break
    assert sign_in(other.username, PASSWORD).status_code == 429


def test_a_proxy_is_believed_only_where_it_is_named(settings: Any) -> None:
    claims = {"X-Forwarded-For": "1.1.1.1, 198.51.100.7"}
    sign_in("nobody", "wrong", **claims)
    assert Lockout.objects.filter(key="address:127.0.0.1").exists()
    settings.TRUSTED_PROXIES = frozenset({"127.0.0.1"})
    sign_in("nobody", "wrong", **claims)
    assert Lockout.objects.filter(key="address:198.51.100.7").exists()
    assert not Lockout.objects.filter(key="address:1.1.1.1").exists()


@pytest.mark.requirement("P11-200a")
def test_signing_counts_too_and_is_refused_while_waiting(rf: Any) -> None:
    user = person(Role.SAFETY_PHYSICIAN, StudyFactory())
    for _ in range(5):
        with pytest.raises(NotAllowedError):
            reauthenticate(request=rf.post("/"), user=user, password="wrong")
    with pytest.raises(LockedOutError):
        reauthenticate(request=rf.post("/"), user=user, password=PASSWORD)
    assert sign_in(user.username, PASSWORD).status_code == 429
    wait_over()
    reauthenticate(request=rf.post("/"), user=user, password=PASSWORD)
    assert not Lockout.objects.filter(key__startswith="account:").exists()


@pytest.fixture
def account() -> User:
    return client_account(StudyFactory())


def ask(client_id: str, secret: str, path: str = "/o/token/", *, in_header: bool = True) -> Any:
    fields = {"grant_type": "client_credentials", "token": "x"}
    if not in_header:
        return Client().post(path, {**fields, "client_id": client_id, "client_secret": secret})
    basic = b64encode(f"{client_id}:{secret}".encode()).decode()
    return Client().post(path, fields, headers={"Authorization": f"Basic {basic}"})


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("in_header", [True, False])
@pytest.mark.parametrize("path", ["/o/token/", "/o/revoke/"])
def test_wrong_client_secrets_are_counted(account: User, path: str, in_header: bool) -> None:
    made = make_application(account=account, name="Integrator")
    statuses = [ask(made.client_id, f"wrong {n}", path, in_header=in_header).status_code for n in range(25)]
    assert statuses == [401] * 5 + [429] * 20
    locked = ask(made.client_id, made.client_secret)
    assert (locked.status_code, locked["Content-Type"]) == (429, "application/problem+json")
    assert 0 < int(locked["Retry-After"]) <= 31
    body = json.loads(locked.content)
    assert (body["error"], body["status"]) == ("temporarily_unavailable", 429)
    wait_over()
    assert ask(made.client_id, made.client_secret).status_code == 200
    assert not Lockout.objects.filter(key__startswith="client:").exists()


def test_clients_that_do_not_exist_are_counted_by_address() -> None:
    assert [ask(f"made up {n}", "x").status_code for n in range(32)] == [401] * 30 + [429] * 2


@pytest.mark.parametrize("authorization", ["Basic ²", "Basic", "Basic " + "A" * 5000, "Basic AAAA", "Bearer x", "²"])
def test_any_authorization_is_answered(authorization: str) -> None:
    answer = Client().post("/o/token/", {"grant_type": "x"}, headers={"Authorization": authorization})
    assert answer.status_code in {400, 401}


def test_failures_are_forgotten_after_their_time() -> None:
    keys = keys_of(None, Guessed.ACCOUNT, "someone")
    now = timezone.now()
    for _ in range(5):
        note_failure(keys, now)
    with pytest.raises(LockedOutError):
        require_open(keys, now)
    note_failure(keys, now + timedelta(hours=25))
    require_open(keys, now + timedelta(hours=25))
    assert Lockout.objects.get().failures == 1
