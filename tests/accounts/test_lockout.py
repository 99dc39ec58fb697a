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
from apps.compliance.models import TrailEntry
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


def basic(text: str, scheme: str = "Basic") -> str:
    return f"{scheme} {b64encode(text.encode()).decode()}"


def with_stray_characters(text: str) -> str:
    encoded = b64encode(text.encode()).decode()
    return f"Basic {encoded[:4]}-{encoded[4:8]}!{encoded[8:]}"


HEADERS: dict[str, Any] = {
    "with an encoded letter": lambda name: basic(f"%{ord(name[0]):02x}{name[1:]}:wrong"),
    "with every letter encoded": lambda name: basic("".join(f"%{ord(letter):02X}" for letter in name) + ":wrong"),
    "with stray characters": lambda name: with_stray_characters(f"{name}:wrong"),
    "in a header that is no Base64": lambda name: "Basic A",
    "in a header without a colon": lambda name: basic("somebody"),
    "in a header that is no text": lambda name: "Basic " + b64encode(b"\xff\xfe:x").decode(),
    "in a header of another spelling": lambda name: basic("somebody:x", "basic"),
    "in a header of another scheme": lambda name: basic("somebody:x", "Bearer"),
    "in a header with two blanks": lambda name: basic(f"{name}:wrong", "Basic "),
}


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("path", ["/o/token/", "/o/revoke/"])
@pytest.mark.parametrize("how", HEADERS)
def test_a_client_is_counted_however_it_is_named(account: User, how: str, path: str) -> None:
    """As the library reads it, which would try the secret."""
    made = make_application(account=account, name="Integrator")
    fields = {"grant_type": "client_credentials", "token": "x"}
    if " header" in how and "two blanks" not in how:
        fields |= {"client_id": made.client_id, "client_secret": "wrong"}
    authorization = HEADERS[how](made.client_id)
    tries = [Client().post(path, fields, headers={"Authorization": authorization}).status_code for _ in range(7)]
    assert tries == [401] * 5 + [429] * 2
    assert ask(made.client_id, made.client_secret).status_code == 429


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("named", ["nobody", "another client", "the same client"])
@pytest.mark.parametrize("path", ["/o/token/", "/o/revoke/"])
def test_one_request_tries_one_secret_of_one_client(account: User, named: str, path: str) -> None:
    """Of two only one could be counted and told in the trail."""
    made = make_application(account=account, name="Integrator")
    other = make_application(account=client_account(StudyFactory()), name="Other")
    name = {"nobody": "nobody", "another client": other.client_id, "the same client": made.client_id}[named]
    fields = {"grant_type": "client_credentials", "token": "x", "client_id": made.client_id}
    before = TrailEntry.objects.count()
    for secret in ("wrong", made.client_secret):
        answer = Client().post(
            path, {**fields, "client_secret": secret}, headers={"Authorization": basic(f"{name}:wrong")}
        )
        assert answer.status_code == 400
    assert (Lockout.objects.count(), TrailEntry.objects.count()) == (0, before)


def test_a_client_may_name_itself_again_in_the_form(account: User) -> None:
    """Without its secret, as some programs do."""
    made = make_application(account=account, name="Integrator")
    fields = {"grant_type": "client_credentials", "client_id": made.client_id}
    headers = {"Authorization": basic(f"{made.client_id}:{made.client_secret}")}
    assert Client().post("/o/token/", fields, headers=headers).status_code == 200


@pytest.mark.parametrize("name", ["\0", "%00", "a" * 5000, "%FF%FE", "%zz", ":::", ""])
@pytest.mark.parametrize("in_header", [True, False])
def test_any_name_of_a_client_is_answered(name: str, in_header: bool) -> None:
    assert ask(name, "x", in_header=in_header).status_code in {400, 401}


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
