"""Says after each commit which sections of which twin moved; a hint without any clinical value."""

import hashlib
import logging
import threading
from collections.abc import Mapping, Sequence

from django.db import transaction
from redis.exceptions import RedisError

from apps.core.layers import send_to_group
from apps.studies.domain.changes import RecordChange, open_change
from apps.studies.domain.panels import IMPORTS, import_section
from apps.studies.domain.variables import sections_of
from apps.studies.models import ImportRun, Subject
from apps.studies.services.events import SubjectChange, SubjectMove

logger = logging.getLogger(__name__)

GROUP = "twins"
RETRY_SECONDS = 1.0


def announce_change(change: SubjectChange) -> None:
    """One message per changed twin, with the number and the sections of both audiences."""
    change_set, subject = change.change_set, change.subject
    _send(
        {
            "kind": "changed",
            "study": subject.study_id,
            "site": subject.site_id,
            "subject": subject.pk,
            "subject_id": subject.subject_id,
            "version": change_set.number,
            "sections": sorted({sections_of(c.domain) for c in change.changes}),
            # None where nothing open moved: to a blinded reader a message by itself would say that something did.
            "blinded_version": change_set.blinded_number if change_set.is_open else None,
            "blinded_sections": _open_sections(change.changes) if change_set.is_open else [],
        }
    )


def _open_sections(changes: Sequence[RecordChange]) -> list[str]:
    """Sections in which blinded readers see something changed; one change decides for its section."""
    found: set[str] = set()
    for change in changes:
        section = sections_of(change.domain)
        if section not in found and open_change(change) is not None:
            found.add(section)
    return sorted(found)


def announce_overlay(subject: Subject, sections: Sequence[str]) -> None:
    """Something laid over a twin moved, such as its narrative, at the twin's present version."""
    # Read again after the commit: the version may have moved in the same transaction.
    transaction.on_commit(lambda: _send(_overlay(Subject.objects.get(pk=subject.pk), sections)))


def _overlay(subject: Subject, sections: Sequence[str]) -> dict[str, object]:
    return {
        "kind": "changed",
        "study": subject.study_id,
        "site": subject.site_id,
        "subject": subject.pk,
        "subject_id": subject.subject_id,
        "version": subject.version,
        "sections": list(sections),
        # What is laid over a twin is made of open data, so both audiences hear of the same sections.
        "blinded_version": subject.blinded_version,
        "blinded_sections": list(sections),
    }


def announce_import(run: ImportRun) -> None:
    """An import of a study moved: whoever follows the study looks again; no subject is named."""
    _send({"kind": "of_study", "study": run.study_id, "sections": [IMPORTS, import_section(run.number)]})


def announce_move(move: SubjectMove) -> None:
    """A subject is at another site: who follows it proves again that they may, who lists its old site reads afresh."""
    subject = move.subject
    _send({"kind": "moved", "study": subject.study_id, "subject": subject.pk, "site": move.from_site.pk})


def announce_access(user_pk: int) -> None:
    """A user's grants changed: their sockets prove again that they may stay open."""
    _send({"kind": "access", "user": user_pk})


def announce_logout(session_key: str) -> None:
    """A session ended: its sockets are closed."""
    _send({"kind": "logout", "session": session_digest(session_key)})


def announce_token(token_checksum: str) -> None:
    """A bearer token is no more: its sockets are closed."""
    _send({"kind": "token", "token": token_checksum})


def session_digest(session_key: str) -> str:
    """How a session is named in messages; its key never leaves the process that knows it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _send(message: Mapping[str, object]) -> None:
    """Send to every process; what cannot be sent is made up for by a resync as soon as the layer answers again."""
    if losses.covers_one_more():
        return
    try:
        send_to_group(GROUP, message)
    except (OSError, RedisError) as error:
        logger.warning("channel_layer_unreachable error=%s", type(error).__name__)
        losses.make_up()


class _Losses:
    """Messages that this process could not send: one thread tells every socket to read afresh once that can be said."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_down = False
        self._lost_more = False

    def covers_one_more(self) -> bool:
        """Whether the layer is known not to answer; then nobody waits for it: the resync covers this message too."""
        with self._lock:
            # Said of every message: one that comes while a resync is under way needs another resync after it.
            self._lost_more = True
            return self._is_down

    def make_up(self) -> None:
        """Start the thread, unless it is at work."""
        with self._lock:
            if self._is_down:
                return
            self._is_down = True
        threading.Thread(target=self._resync, name="stream-resync", daemon=True).start()

    def _resync(self) -> None:
        pause = threading.Event()
        while True:
            with self._lock:
                if not self._is_down:
                    return
                self._lost_more = False
            is_sent = _is_sent({"kind": "resync"})
            with self._lock:
                self._is_down &= not is_sent or self._lost_more
            pause.wait(0 if is_sent else RETRY_SECONDS)

    def forget(self) -> None:
        """As in a new process: nothing was lost, nothing is made up for."""
        with self._lock:
            self._is_down = False


losses = _Losses()


def _is_sent(message: Mapping[str, object]) -> bool:
    try:
        send_to_group(GROUP, message)
    except (OSError, RedisError):
        return False
    return True
