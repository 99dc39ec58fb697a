"""A socket ends with the right to it: token, session, user, grant, unblinding, or a check that cannot be made."""

import asyncio
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model
from pytest_django.fixtures import Settings

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.grants import grant_role, revoke_role
from apps.core.layers import channel_layer
from apps.core.redis_layer import INTERRUPTED
from apps.studies.models import Site, Subject
from apps.twins.consumers import hub as hubs
from apps.twins.consumers import sockets
from apps.twins.services.announcing import GROUP
from clinical_platform.routing import websocket
from tests.factories import (
    DEMOGRAPHICS,
    SEIZURE,
    SiteFactory,
    StudyFactory,
    SubjectFactory,
    client_account,
    person,
    treated_subject,
    write,
)
from tests.twins.consumers.communicator import WebsocketCommunicator
from tests.twins.consumers.test_sockets import WAIT, connected, received, session_of, socket, twin_path

pytestmark = pytest.mark.django_db(transaction=True)

SECRET = "client secret of the test"
TOKEN = "token of the test"


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def monitor(subject: Subject) -> User:
    return person(Role.MEDICAL_MONITOR, subject.study)


@pytest.fixture
def token(subject: Subject) -> Any:
    """A bearer token of an integrator, good for an hour."""
    application = get_application_model().objects.create(
        user=client_account(subject.study),
        client_id="client",
        client_secret=SECRET,
        client_type="confidential",
        authorization_grant_type="client-credentials",
    )
    expires = timezone.now() + timedelta(hours=1)
    return get_access_token_model().objects.create(
        application=application, token=TOKEN, expires=expires, scope="portal"
    )


async def with_token(subject: Subject) -> WebsocketCommunicator:
    headers = [(b"host", b"testserver"), (b"authorization", f"Bearer {TOKEN}".encode())]
    communicator = WebsocketCommunicator(websocket, twin_path(subject), headers=headers)
    accepted, _ = await communicator.connect(timeout=WAIT)
    assert accepted
    assert (await received(communicator))["type"] == "hello"
    return communicator


async def close_code(communicator: WebsocketCommunicator) -> int:
    """The code with which the server closes next; any message before it is an error."""
    message = await communicator.receive_output(timeout=WAIT)
    assert message["type"] == "websocket.close", message
    code: int = message["code"]
    return code


def relate(subject: Subject, relation: str) -> None:
    write(subject, ("AE", {"AESPID": "E01", "AEREL": relation}))


async def test_a_revoked_token_closes_its_socket_before_another_message(subject: Subject, token: Any) -> None:
    communicator = await with_token(subject)

    def revoke_and_change() -> None:
        answer = Client().post("/o/revoke/", {"token": TOKEN, "client_id": "client", "client_secret": SECRET})
        assert answer.status_code == 200
        assert not get_access_token_model().objects.exists()
        relate(subject, "POSSIBLE")

    await sync_to_async(revoke_and_change)()
    assert await close_code(communicator) == sockets.NOT_SIGNED_IN


async def test_nothing_is_sent_after_the_moment_a_token_expires(
    subject: Subject, token: Any, settings: Settings
) -> None:
    communicator = await with_token(subject)

    def expire_and_change() -> None:
        get_access_token_model().objects.update(expires=timezone.now())
        relate(subject, "POSSIBLE")

    for watcher in hubs.hub()._all:
        watcher.expires_at = timezone.now()  # type: ignore[attr-defined]  # as the clock would have it
    await sync_to_async(expire_and_change)()
    assert await close_code(communicator) == sockets.NOT_SIGNED_IN


async def test_an_expiry_is_looked_at_when_it_comes_and_not_at_the_next_beat(subject: Subject, token: Any) -> None:
    soon = timezone.now() + timedelta(seconds=1.5)
    await sync_to_async(lambda: get_access_token_model().objects.update(expires=soon))()
    communicator = await with_token(subject)
    assert await close_code(communicator) == sockets.NOT_SIGNED_IN
    assert timezone.now() >= soon


def deactivate(user: User) -> None:
    user.is_active = False
    user.save(update_fields=["is_active"])


def change_password(user: User) -> None:
    user.set_password("another long password")
    user.save(update_fields=["password"])


def leave_every_group(user: User) -> None:
    user.groups.clear()


@pytest.mark.parametrize(
    ("lose", "code"),
    [
        (deactivate, sockets.NOT_SIGNED_IN),
        (change_password, sockets.NOT_SIGNED_IN),
        (lambda user: Session.objects.all().delete(), sockets.NOT_SIGNED_IN),
        (leave_every_group, sockets.NOT_VISIBLE),
    ],
    ids=["deactivated", "password changed", "session deleted", "groups cleared"],
)
async def test_whoever_loses_the_right_loses_the_socket_at_once(
    subject: Subject, monitor: User, lose: Callable[[User], object], code: int
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)

    def lose_and_change() -> None:
        lose(monitor)
        relate(subject, "POSSIBLE")

    await sync_to_async(lose_and_change)()
    assert await close_code(communicator) == code


async def test_a_revoked_unblinding_closes_the_socket_although_the_subject_stays_visible(subject: Subject) -> None:
    unblinded = await sync_to_async(person)(Role.UNBLINDED_MONITOR, subject.study)
    await sync_to_async(lambda: person_also(unblinded, subject))()
    communicator, _ = await connected(subject, unblinded)
    await received(communicator)
    await sync_to_async(revoke_role)(user=unblinded, role=Role.UNBLINDED_MONITOR, study_code=subject.study.code)
    assert await close_code(communicator) == sockets.NOT_VISIBLE


def person_also(user: User, subject: Subject) -> None:
    """Give a second role, blinded, so that only the unblinding is taken away."""
    grant_role(user=user, role=Role.MEDICAL_MONITOR, study_code=subject.study.code, on=subject.study)


async def test_a_check_that_cannot_be_made_closes_the_socket(
    subject: Subject, monitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)

    async def fail(scope: object) -> None:
        raise OperationalError

    monkeypatch.setattr(sockets, "proof_behind", fail)
    for watcher in list(hubs.hub()._all):
        watcher.recheck()
    assert await close_code(communicator) == sockets.CANNOT_CHECK


async def test_the_check_is_made_on_its_beat_without_being_asked(
    subject: Subject, monitor: User, settings: Settings
) -> None:
    settings.SOCKET_RECHECK_SECONDS = 0.2
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    await sync_to_async(lambda: User.objects.filter(pk=monitor.pk).update(is_active=False))()
    assert await close_code(communicator) == sockets.NOT_SIGNED_IN


async def test_the_socket_of_a_study_tells_a_site_reader_of_their_own_sites_only(subject: Subject) -> None:
    def prepare() -> tuple[User, Subject]:
        site: Site = SiteFactory(study=subject.study)
        return person(Role.CRA, subject.study, site=site), treated_subject_at(site)

    cra, own = await sync_to_async(prepare)()
    session = await sync_to_async(session_of)(cra)
    communicator = await socket(f"/ws/studies/{subject.study.code}/", session)
    assert (await communicator.connect(timeout=WAIT))[0]
    assert await received(communicator) == {"type": "hello"}
    await sync_to_async(relate)(subject, "POSSIBLE")
    await sync_to_async(relate)(own, "POSSIBLE")
    assert (await received(communicator))["subject"] == own.subject_id
    await communicator.disconnect()


def treated_subject_at(site: Site) -> Subject:
    found: Subject = SubjectFactory(site=site)
    write(found, ("DM", {**DEMOGRAPHICS, "SITEID": site.code}), ("AE", SEIZURE))
    return found


@pytest.mark.parametrize("message", [INTERRUPTED, {"type": "layer.message", "kind": "resync"}, {"type": "nonsense"}])
async def test_after_lost_messages_every_socket_proves_its_right_and_reads_afresh(
    subject: Subject, monitor: User, message: dict[str, str]
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    await channel_layer().group_send(GROUP, dict(message))
    assert await received(communicator) == {"type": "resync"}
    # Without a signal, as if the message about it had been among the lost ones.
    await sync_to_async(lambda: User.objects.filter(pk=monitor.pk).update(is_active=False))()
    await channel_layer().group_send(GROUP, dict(message))
    assert await close_code(communicator) == sockets.NOT_SIGNED_IN


async def test_a_socket_that_waits_for_its_check_sends_nothing(
    subject: Subject, monitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    prove = sockets.proof_behind
    may_answer = asyncio.Event()

    async def slowly(scope: Any) -> Any:
        await may_answer.wait()
        return await prove(scope)

    monkeypatch.setattr(sockets, "proof_behind", slowly)
    for watcher in list(hubs.hub()._all):
        watcher.recheck()
    await sync_to_async(relate)(subject, "POSSIBLE")
    await communicator.send_to(json.dumps({"type": "resume", "version": 0}))
    assert await communicator.receive_nothing(timeout=0.3)
    may_answer.set()
    assert {(await received(communicator))["type"] for _ in range(2)} == {"changed"}
    await communicator.disconnect()
