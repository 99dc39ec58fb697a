"""The stream: hello, one small message per change, resume, resync; closed when the right to read ends."""

import asyncio
import json
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.grants import grant_role, revoke_role
from apps.studies.models import ImportRun, Subject
from apps.twins.consumers.hub import hub
from apps.twins.services.announcing import announce_access, announce_import, announce_logout
from clinical_platform.routing import websocket
from tests.factories import SiteFactory, StudyFactory, person, treated_subject, write
from tests.twins.consumers.communicator import WebsocketCommunicator

pytestmark = pytest.mark.django_db(transaction=True)

WAIT = 15


def session_of(user: User) -> SessionStore:
    session = SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return session


async def socket(path: str, session: SessionStore | None, origin: str = "http://testserver") -> WebsocketCommunicator:
    headers = [(b"host", b"testserver"), (b"origin", origin.encode())]
    if session is not None:
        headers.append((b"cookie", f"{settings.SESSION_COOKIE_NAME}={session.session_key}".encode()))
    return WebsocketCommunicator(websocket, path, headers=headers)


async def received(communicator: WebsocketCommunicator) -> dict[str, Any]:
    message: dict[str, Any] = json.loads(await communicator.receive_from(timeout=WAIT))
    return message


def twin_path(subject: Subject) -> str:
    return f"/ws/studies/{subject.study.code}/subjects/{subject.subject_id}/"


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def monitor(subject: Subject) -> User:
    return person(Role.MEDICAL_MONITOR, subject.study)


async def connected(subject: Subject, user: User) -> tuple[WebsocketCommunicator, SessionStore]:
    session = await sync_to_async(session_of)(user)
    communicator = await socket(twin_path(subject), session)
    accepted, _ = await communicator.connect(timeout=WAIT)
    assert accepted
    return communicator, session


async def test_hello_then_one_message_per_changed_twin(subject: Subject, monitor: User) -> None:
    communicator, _ = await connected(subject, monitor)
    assert await received(communicator) == {"type": "hello", "version": 1}
    await sync_to_async(write)(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    message = await received(communicator)
    assert message == {
        "type": "changed",
        "subject": subject.subject_id,
        "version": 2,
        "sections": ["adverse_events"],
    }
    await communicator.disconnect()


@pytest.mark.requirement("E6-411")
async def test_a_change_of_treatment_sends_nothing_to_a_blinded_reader(subject: Subject, monitor: User) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    await sync_to_async(write)(subject, ("EX", {"EXTRT": "DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    assert await communicator.receive_nothing(timeout=0.4)
    await sync_to_async(write)(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    assert (await received(communicator))["version"] == 2
    await communicator.disconnect()


async def test_resume_replays_what_was_missed_and_resync_says_that_it_cannot(subject: Subject, monitor: User) -> None:
    for relation in ("POSSIBLE", "PROBABLE"):
        await sync_to_async(write)(subject, ("AE", {"AESPID": "E01", "AEREL": relation}))
    communicator, _ = await connected(subject, monitor)
    assert (await received(communicator))["version"] == 3
    await communicator.send_to(json.dumps({"type": "resume", "version": 1}))
    assert [(await received(communicator))["version"], (await received(communicator))["version"]] == [2, 3]
    for impossible in (99, -1, "two", None, True):
        await communicator.send_to(json.dumps({"type": "resume", "version": impossible}))
        assert await received(communicator) == {"type": "resync", "version": 3}
    await communicator.send_to("not json")
    await communicator.disconnect()


@pytest.mark.parametrize("origin", ["https://elsewhere.example", "null", ""])
async def test_a_foreign_origin_is_refused(subject: Subject, monitor: User, origin: str) -> None:
    session = await sync_to_async(session_of)(monitor)
    accepted, _ = await (await socket(twin_path(subject), session, origin)).connect(timeout=WAIT)
    assert not accepted


async def test_strangers_and_foreign_sites_are_refused(subject: Subject) -> None:
    def cra_of_another_site() -> User:
        return person(Role.CRA, subject.study, site=SiteFactory(study=subject.study))

    stranger = await sync_to_async(cra_of_another_site)()
    session = await sync_to_async(session_of)(stranger)
    assert not (await (await socket(twin_path(subject), session)).connect(timeout=WAIT))[0]
    assert not (await (await socket(twin_path(subject), None)).connect(timeout=WAIT))[0]


@pytest.mark.requirement("H-a2iii")
async def test_logout_closes_the_socket(subject: Subject, monitor: User) -> None:
    communicator, session = await connected(subject, monitor)
    await received(communicator)
    await sync_to_async(announce_logout)(session.session_key or "")
    assert (await communicator.receive_output(timeout=WAIT))["type"] == "websocket.close"


async def test_a_revoked_grant_closes_the_socket_at_once(subject: Subject, monitor: User) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    await sync_to_async(revoke_role)(user=monitor, role=Role.MEDICAL_MONITOR, study_code=subject.study.code)
    assert (await communicator.receive_output(timeout=WAIT))["type"] == "websocket.close"


async def test_the_socket_of_a_study_follows_every_visible_subject(subject: Subject, monitor: User) -> None:
    session = await sync_to_async(session_of)(monitor)
    communicator = await socket(f"/ws/studies/{subject.study.code}/", session)
    assert (await communicator.connect(timeout=WAIT))[0]
    assert await received(communicator) == {"type": "hello"}
    await communicator.send_to(json.dumps({"type": "resume", "version": 1}))
    assert await received(communicator) == {"type": "resync"}
    other = await sync_to_async(treated_subject)(subject.study)
    assert (await received(communicator))["subject"] == other.subject_id
    await communicator.disconnect()


async def test_a_ping_is_answered_while_changes_are_heard_of(
    subject: Subject, monitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    await communicator.send_to('{"type": "ping"}')
    assert await received(communicator) == {"type": "pong"}
    monkeypatch.setattr(hub(), "is_listening", False)
    await communicator.send_to('{"type": "ping"}')
    assert await communicator.receive_nothing(timeout=0.4)
    await communicator.disconnect()


async def test_a_stream_that_breaks_gives_no_sign_of_life_until_it_listens_again(
    subject: Subject, monitor: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    communicator, _ = await connected(subject, monitor)
    await received(communicator)
    assert hub().is_listening
    heard: list[bool] = []
    monkeypatch.setattr(hub(), "_start_over", lambda: heard.append(hub().is_listening))
    monkeypatch.setattr("apps.twins.consumers.hub.RETRY_SECONDS", 0.05)
    monkeypatch.setattr(hub(), "_deliver_access", lambda message: 1 / 0)
    await sync_to_async(announce_access)(monitor.pk)
    for _ in range(100):
        await asyncio.sleep(0.05)
        if heard and hub().is_listening:
            break
    assert heard == [True], "only what comes after the new subscription is received, so all is read afresh after it"
    assert hub().is_listening
    await communicator.disconnect()


async def test_other_rights_are_told_after_the_proof_that_the_reader_may_stay(subject: Subject, monitor: User) -> None:
    other = await sync_to_async(person)(Role.CRA, subject.study)
    communicator, _ = await connected(subject, monitor)
    beside, _ = await connected(subject, other)
    await received(communicator)
    await received(beside)
    await sync_to_async(grant_role)(
        user=monitor, role=Role.SAFETY_AUTHOR, study_code=subject.study.code, on=subject.study
    )
    assert await received(communicator) == {"type": "access"}
    assert await beside.receive_nothing(timeout=0.4)
    await communicator.disconnect()
    await beside.disconnect()


async def test_an_import_is_told_to_those_who_follow_the_study_and_names_no_subject(
    subject: Subject, monitor: User
) -> None:
    session = await sync_to_async(session_of)(monitor)
    of_study = await socket(f"/ws/studies/{subject.study.code}/", session)
    assert (await of_study.connect(timeout=WAIT))[0]
    of_subject, _ = await connected(subject, monitor)
    for communicator in (of_study, of_subject):
        await received(communicator)
    run = ImportRun(study=subject.study, number=7)
    await sync_to_async(announce_import)(run)
    assert await received(of_study) == {"type": "changed", "sections": ["imports", "import-7"]}
    assert await of_subject.receive_nothing(timeout=0.4)
    await of_study.disconnect()
    await of_subject.disconnect()
