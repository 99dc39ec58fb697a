"""The sockets: hello with the version, a small message per change, resume from a version, a sign of life."""

import asyncio
import contextlib
import json
import logging
from datetime import datetime
from typing import Any, TypeGuard

from channels.db import database_sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings
from django.utils import timezone

from apps.core.domain.errors import PlatformError
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Subject
from apps.studies.selectors.access import audience_of, principal_of, visible_study, visible_subject
from apps.twins.consumers.hub import hub
from apps.twins.consumers.proof import proof_behind
from apps.twins.selectors.history import sections_by_version

logger = logging.getLogger(__name__)

# Codes from 4000 are an application's own; 1011 is a server that cannot go on (RFC 6455, 7.4).
NOT_SIGNED_IN = 4401
NOT_VISIBLE = 4404
CANNOT_CHECK = 1011
QUEUE = 200
MOST_REPLAYED = 200
MOST_MESSAGE_CHARACTERS = 1000


class TwinSocket(AsyncWebsocketConsumer):
    """Follows one subject, or with no subject in its path every visible subject of a study."""

    # No layer channel of its own: the hub listens once for all sockets of the process.
    channel_layer_alias = "no-layer-per-socket"

    study_pk: int
    subject_pk: int | None = None
    user_pk: int
    session: str
    token: str
    expires_at: datetime
    audience: Audience
    principal: Principal

    async def connect(self) -> None:
        """Accept only a reader who may see what the path names; then say where it stands."""
        self._tasks: list[asyncio.Task[None]] = []
        self._queue: asyncio.Queue[str] = asyncio.Queue(QUEUE)
        self._recheck = asyncio.Event()
        # Set while the right to read is proven: until then nothing is sent, whatever is queued.
        self._proven = asyncio.Event()
        self._is_over = False
        refusal = await self._authorise()
        if refusal is not None:
            await self.close(code=refusal)
            return
        await self.accept()
        await hub().join(self)
        # The right may have gone between the first proof and the subscription.
        self.recheck()
        self._tasks = [asyncio.create_task(self._keep_checking())]
        if await self._may_send():
            await self._hello()
            self._tasks.append(asyncio.create_task(self._send_queued()))

    async def disconnect(self, code: int) -> None:
        """Leave the hub and stop what runs for this socket."""
        for task in self._tasks:
            task.cancel()
        if hasattr(self, "study_pk"):
            await hub().leave(self)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        """`resume` with the last version the client knows, `ping` for a sign of life; anything else is ignored."""
        message = _message_in(text_data)
        if message.get("type") == "resume" and await self._may_send():
            await self._resume(message.get("version"))
        if message.get("type") == "ping" and await self._may_send():
            await self._answer_ping()

    async def _answer_ping(self) -> None:
        """A sign of life is one of the stream: while this process hears of no change there is none."""
        if hub().is_listening:
            await self.send(json.dumps({"type": "pong"}))

    def sees_site(self, site_pk: int) -> bool:
        """Whether the reader may see subjects of a site."""
        return self.study_pk in self.principal.whole_study_ids or site_pk in self.principal.site_ids

    def push(self, text: str) -> None:
        """Queue a message; a client too slow to take them is told to read afresh instead."""
        try:
            self._queue.put_nowait(text)
        except asyncio.QueueFull:
            while not self._queue.empty():
                self._queue.get_nowait()
            self._queue.put_nowait(json.dumps({"type": "resync"}))

    def recheck(self) -> None:
        """Prove again, now, that the socket may stay open; until then nothing is sent."""
        self._proven.clear()
        self._recheck.set()

    def end(self) -> None:
        """Close the socket, because its session or token ended."""
        self._is_over = True
        self._tasks.append(asyncio.create_task(self._finish(NOT_SIGNED_IN)))

    async def _finish(self, code: int) -> None:
        # Whoever waits for the proof wakes, and finds that it is over.
        self._is_over = True
        self._proven.set()
        await hub().leave(self)
        await self.close(code=code)

    async def _may_send(self) -> bool:
        """Wait for the proof of the right to read; a session or token that has expired proves nothing."""
        if timezone.now() >= self.expires_at:
            self.recheck()
        await self._proven.wait()
        return not self._is_over

    async def _authorise(self) -> int | None:
        proof = await proof_behind(self.scope)
        if proof is None:
            return NOT_SIGNED_IN
        self.session, self.token, self.expires_at = proof.session, proof.token, proof.expires_at
        return await self._locate(proof.user)

    @database_sync_to_async
    def _locate(self, user: Any) -> int | None:
        names = self.scope["url_route"]["kwargs"]
        try:
            principal = principal_of(user)
            study = visible_study(principal, names["code"])
            subject = visible_subject(principal, study, names["subject_id"]) if "subject_id" in names else None
        except PlatformError:
            return NOT_VISIBLE
        self.user_pk, self.principal, self.study_pk = user.pk, principal, study.pk
        self.subject_pk = subject.pk if subject else None
        self.audience = audience_of(principal, study)
        return None

    async def _hello(self) -> None:
        # A study has no version of its own to resume from.
        if self.subject_pk is None:
            await self.send(json.dumps({"type": "hello"}))
        else:
            await self.send(json.dumps({"type": "hello", "version": await self._version()}))

    @database_sync_to_async
    def _version(self) -> int:
        return Subject.objects.get(pk=self.subject_pk or 0).version_for(self.audience)

    async def _resume(self, known: object) -> None:
        if self.subject_pk is None:
            await self.send(json.dumps({"type": "resync"}))
            return
        current = await self._version()
        if not _can_replay(known, current):
            await self.send(json.dumps({"type": "resync", "version": current}))
            return
        for version, sections in await self._missed(known, current):
            message = {"type": "changed", "subject": self.subject_id, "version": version, "sections": sections}
            await self.send(json.dumps(message))

    @property
    def subject_id(self) -> str:
        """USUBJID in the path."""
        return str(self.scope["url_route"]["kwargs"]["subject_id"])

    @database_sync_to_async
    def _missed(self, known: int, current: int) -> list[tuple[int, list[str]]]:
        subject = Subject.objects.get(pk=self.subject_pk or 0)
        return sections_by_version(subject, self.audience, known, current)

    async def _send_queued(self) -> None:
        while True:
            text = await self._queue.get()
            if not await self._may_send():
                return
            await self.send(text)

    async def _keep_checking(self) -> None:
        """On a beat, when the proof expires, and at once when rights change; a check that fails ends the socket."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._recheck.wait(), self._seconds_to_next_check())
            self._recheck.clear()
            self._proven.clear()
            code = await self._reason_to_close()
            if code is not None:
                await self._finish(code)
                return
            # Rights moved again while they were looked up: the next round decides, and nothing is sent before.
            if not self._recheck.is_set():
                self._proven.set()

    def _seconds_to_next_check(self) -> float:
        left = (self.expires_at - timezone.now()).total_seconds()
        return min(float(settings.SOCKET_RECHECK_SECONDS), max(left, 0.0))

    async def _reason_to_close(self) -> int | None:
        audience = self.audience
        try:
            refusal = await self._authorise()
        except Exception as error:
            # Whoever cannot prove their right, because the database does not answer either, does not keep it.
            logger.warning("socket_check_failed error=%s", type(error).__name__)
            return CANNOT_CHECK
        # Who is served another projection holds versions and values of the old one: the page has to begin anew.
        return NOT_VISIBLE if refusal is None and self.audience is not audience else refusal


def _message_in(text: str | None) -> dict[str, Any]:
    """The message a client sent; empty for what is not one: too long, nested without end, not JSON, not an object."""
    if not text or len(text) > MOST_MESSAGE_CHARACTERS:
        return {}
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return message if isinstance(message, dict) else {}


def _can_replay(known: object, current: int) -> TypeGuard[int]:
    """Whether a client's version is one that was, and not too long ago to send every message since."""
    if not isinstance(known, int) or isinstance(known, bool):
        return False
    return 0 <= known <= current and current - known <= MOST_REPLAYED
