"""One layer subscription per process and a local set of sockets; each message is serialised once per audience."""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from apps.core.layers import channel_layer
from apps.studies.domain.audience import Audience
from apps.twins.services.announcing import GROUP

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
# Tasks and events belong to the loop that made them, and a process may have several.
_hubs: dict[asyncio.AbstractEventLoop, "Hub"] = {}


class Watcher(Protocol):
    """A socket as the hub sees it."""

    study_pk: int
    subject_pk: int | None
    user_pk: int
    session: str
    token: str
    audience: Audience

    def sees_site(self, site_pk: int) -> bool:
        """Whether the reader may see subjects of a site."""
        ...

    def push(self, text: str) -> None:
        """Queue a message; never blocks."""
        ...

    def recheck(self) -> None:
        """Prove again, soon, that the socket may stay open."""
        ...

    def end(self) -> None:
        """Close the socket."""
        ...


class Hub:
    """The sockets of this process and the one task that listens for them."""

    def __init__(self) -> None:
        self._by_subject: defaultdict[int, set[Watcher]] = defaultdict(set)
        self._by_study: defaultdict[int, set[Watcher]] = defaultdict(set)
        self._all: set[Watcher] = set()
        self._listener: asyncio.Task[None] | None = None
        self._ready = asyncio.Event()
        self.is_listening = False

    async def join(self, watcher: Watcher) -> None:
        """Start sending to a socket; returns once the process is subscribed, so nothing after it is missed."""
        self._all.add(watcher)
        self._index(watcher).add(watcher)
        if self._listener is None or self._listener.done():
            self._ready.clear()
            self._listener = asyncio.create_task(self._listen())
        await self._ready.wait()

    async def leave(self, watcher: Watcher) -> None:
        """Stop sending to a socket; the last one takes the subscription with it."""
        self._all.discard(watcher)
        self._index(watcher).discard(watcher)
        # A process without sockets need not receive every message of the portal.
        if not self._all and self._listener is not None:
            self._listener.cancel()
            self._listener = None

    def _index(self, watcher: Watcher) -> set[Watcher]:
        if watcher.subject_pk is None:
            return self._by_study[watcher.study_pk]
        return self._by_subject[watcher.subject_pk]

    async def _listen(self) -> None:
        """Receive until cancelled; whatever breaks, every socket is told to read afresh and proves its right again."""
        layer, was_interrupted = channel_layer(), False
        while True:
            try:
                channel = await layer.new_channel()
                await layer.group_add(GROUP, channel)
                self.is_listening = True
                self._ready.set()
                if was_interrupted:
                    # Only now: what was committed before this moment is lost, and what comes later is received.
                    self._start_over()
                while True:
                    self._deliver(await layer.receive(channel))
            except Exception as error:
                self.is_listening = False
                logger.warning("stream_interrupted error=%s", type(error).__name__)
                was_interrupted = True
                await asyncio.sleep(RETRY_SECONDS)

    def _deliver(self, message: Mapping[str, Any]) -> None:
        kind = message["kind"]
        if kind == "changed":
            self._deliver_change(message)
        elif kind == "of_study":
            text = json.dumps({"type": "changed", "sections": message["sections"]})
            self._push(self._by_study.get(message["study"], ()), text)
        elif kind == "moved":
            self._deliver_move(message)
        elif kind == "access":
            self._deliver_access(message)
        elif kind == "logout":
            self._end(watcher for watcher in self._all if watcher.session == message["session"])
        elif kind == "token":
            self._end(watcher for watcher in self._all if watcher.token == message["token"])
        else:
            # A sender or the layer lost messages, or a later version of the portal says what this one does not know.
            self._start_over()

    def _start_over(self) -> None:
        """Messages may have been lost, also those that a right was taken away."""
        for watcher in list(self._all):
            watcher.recheck()
        self._push(self._all, json.dumps({"type": "resync"}))

    def _deliver_access(self, message: Mapping[str, Any]) -> None:
        """Who stays may do other things than before, and is told so after the proof."""
        watchers = [watcher for watcher in self._all if watcher.user_pk == message["user"]]
        for watcher in watchers:
            watcher.recheck()
        self._push(watchers, json.dumps({"type": "access"}))

    def _deliver_move(self, message: Mapping[str, Any]) -> None:
        for watcher in list(self._by_subject.get(message["subject"], ())):
            watcher.recheck()
        of_study = (w for w in self._by_study.get(message["study"], ()) if w.sees_site(message["site"]))
        self._push(of_study, json.dumps({"type": "resync"}))

    @staticmethod
    def _end(watchers: Iterable[Watcher]) -> None:
        for watcher in list(watchers):
            watcher.end()

    def _deliver_change(self, message: Mapping[str, Any]) -> None:
        for audience in Audience:
            text = changed_text(message, audience)
            if text is None:
                continue
            of_study = (w for w in self._by_study.get(message["study"], ()) if w.sees_site(message["site"]))
            watchers = [*self._by_subject.get(message["subject"], ()), *of_study]
            self._push((watcher for watcher in watchers if watcher.audience is audience), text)

    @staticmethod
    def _push(watchers: Iterable[Watcher], text: str) -> None:
        for watcher in list(watchers):
            watcher.push(text)


def changed_text(message: Mapping[str, Any], audience: Audience) -> str | None:
    """The message for one audience; None where, for it, nothing happened."""
    blinded = audience is Audience.BLINDED
    version = message["blinded_version"] if blinded else message["version"]
    if version is None:
        return None
    sections = message["blinded_sections"] if blinded else message["sections"]
    return json.dumps({"type": "changed", "subject": message["subject_id"], "version": version, "sections": sections})


def hub() -> Hub:
    """The hub of the running event loop."""
    loop = asyncio.get_running_loop()
    for ended in [known for known in _hubs if known.is_closed()]:
        del _hubs[ended]
    return _hubs.setdefault(loop, Hub())
