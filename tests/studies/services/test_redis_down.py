"""A lost channel layer or queue loses no write and no job; the portal says what is down."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from channels.layers import BaseChannelLayer, channel_layers
from django.test import Client
from pytest_django.fixtures import Settings
from redis.exceptions import ConnectionError as RedisConnectionError

from apps.core.models import Job, JobState
from apps.core.services import jobs
from apps.studies.domain.audience import Audience
from apps.studies.models import ChangeSet, Subject
from apps.twins.selectors.history import changes_between
from clinical_platform.celery import app
from tests.factories import StudyFactory, treated_subject, write

pytestmark = pytest.mark.django_db

# One attempt, at once: a test need not wait for a server that is not there.
QUICK = {"socket_connect_timeout": 2, "max_retries": 1, "interval_start": 0, "interval_step": 0, "interval_max": 0}


class UnreachableLayer(BaseChannelLayer):  # type: ignore[misc]  # the library is not typed
    """A layer whose server refuses connections."""

    def __init__(self, **config: Any) -> None:
        super().__init__(**config)

    async def group_send(self, group: str, message: dict[str, Any]) -> None:
        """Refused, as by a Redis that was killed."""
        raise RedisConnectionError("Error 111 connecting to 127.0.0.1:6379. Connection refused.")


@pytest.fixture
def _layer_down(settings: Settings) -> None:
    name = f"{__name__}.{UnreachableLayer.__name__}"
    settings.CHANNEL_LAYERS = {"default": {"BACKEND": name}}
    channel_layers.backends = {}


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


def test_a_write_commits_although_no_message_can_be_sent(
    subject: Subject, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    request.getfixturevalue("_layer_down")
    result = write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    assert result.versions == {subject.subject_id: 2}
    assert ChangeSet.objects.filter(subject=subject).count() == 2
    assert "channel_layer_unreachable" in caplog.text
    assert "POSSIBLE" not in caplog.text


@pytest.mark.usefixtures("_layer_down")
def test_readiness_names_the_channel_layer(db: None) -> None:
    jobs.beat("test")
    answer = Client().get("/health/ready")
    assert answer.status_code == 200
    assert answer.json()["checks"] == {"database": True, "channel_layer": False, "job_worker": True, "loaded": True}
    assert answer.json()["degraded"] == ["channel_layer"]
    assert Client().get("/health/live").status_code == 200


def test_a_job_whose_hint_was_lost_is_found_in_the_table(subject: Subject, caplog: pytest.LogCaptureFixture) -> None:
    job = Job.objects.create(kind="check-narratives", payload={"subject": subject.pk, "version": 1})
    with queue_down():
        jobs.dispatch(job.pk)
    assert "job_queue_unreachable" in caplog.text
    assert Job.objects.get(pk=job.pk).state == JobState.QUEUED
    assert job.pk in jobs.waiting_jobs()


def test_a_version_whose_message_was_lost_is_there_for_whoever_asks(subject: Subject) -> None:
    with queue_down():
        write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    changes = changes_between(subject, Audience.BLINDED, 1, 2)
    assert [(change.variable, change.old, change.new) for change in changes] == [("AEREL", "NONE", "POSSIBLE")]


@contextmanager
def queue_down() -> Iterator[None]:
    """While open the broker's address is one where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        nobody = f"redis://127.0.0.1:{free.getsockname()[1]}/0"
    before = app.conf.broker_url, app.conf.broker_transport_options
    app.conf.broker_url, app.conf.broker_transport_options = nobody, QUICK
    app.amqp._producer_pool = None
    try:
        yield
    finally:
        app.conf.broker_url, app.conf.broker_transport_options = before
        app.amqp._producer_pool = None
