"""Says after each commit which sections of which twin moved; a hint without any clinical value."""

import hashlib
import logging
from collections.abc import Mapping, Sequence

from asgiref.sync import async_to_sync
from django.db import transaction
from django.http import HttpRequest
from redis.exceptions import RedisError

from apps.core.layers import channel_layer
from apps.studies.domain.changes import RecordChange, open_change
from apps.studies.domain.variables import sections_of
from apps.studies.models import Subject
from apps.studies.services.events import SubjectChange

logger = logging.getLogger(__name__)

GROUP = "twins"


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
        "blinded_version": subject.blinded_version,
        "blinded_sections": list(sections),
    }


def announce_access(user_pk: int) -> None:
    """A user's grants changed: their sockets prove again that they may stay open."""
    _send({"kind": "access", "user": user_pk})


def announce_logout(session_key: str) -> None:
    """A session ended: its sockets are closed."""
    _send({"kind": "logout", "session": session_digest(session_key)})


def announce_logout_of(request: HttpRequest, **kwargs: object) -> None:
    """Receiver of Django's logout signal, which comes before the session is forgotten."""
    if request.session.session_key:
        announce_logout(request.session.session_key)


def session_digest(session_key: str) -> str:
    """How a session is named in messages; its key never leaves the process that knows it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


def _send(message: Mapping[str, object]) -> None:
    """Send to every process; when the layer is down readers catch up by version, so nothing is lost."""
    layer = channel_layer()
    try:
        async_to_sync(layer.group_send)(GROUP, {"type": "twin.message", **message})
    except (OSError, RedisError) as error:
        logger.warning("channel_layer_unreachable error=%s", type(error).__name__)
