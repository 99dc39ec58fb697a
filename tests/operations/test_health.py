"""Health: live while it answers, ready only when work can be done."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.core.models import Heartbeat, Job, JobState
from apps.core.services.jobs import ALIVE, beat
from apps.operations.services.readiness import LOADING


def checks() -> tuple[int, dict[str, bool]]:
    answer = Client().get("/health/ready")
    found: dict[str, bool] = answer.json()["checks"]
    return answer.status_code, found


@pytest.mark.django_db
def test_it_is_ready_when_everything_answers() -> None:
    beat("worker")
    status, found = checks()
    assert (status, all(found.values())) == (200, True)
    assert Client().get("/health/live").json() == {"status": "up"}


@pytest.mark.django_db
def test_a_silent_worker_degrades_the_portal_and_takes_no_page_away() -> None:
    Heartbeat.objects.create(name="worker", at=timezone.now() - ALIVE - timedelta(seconds=1))
    status, found = checks()
    assert (status, found["job_worker"], found["database"]) == (200, False, True)
    assert Client().get("/health/ready").json()["degraded"] == ["job_worker"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "is_loaded"),
    [(JobState.QUEUED, False), (JobState.RUNNING, False), (JobState.FAILED, False), (JobState.DONE, True)],
)
def test_the_demonstration_is_ready_once_its_first_load_is_in(state: JobState, is_loaded: bool) -> None:
    beat("worker")
    Job.objects.create(kind=LOADING, state=state)
    status, found = checks()
    assert (status == 200, found["loaded"]) == (is_loaded, is_loaded)


def test_health_needs_no_sign_in_and_is_not_kept(settings: Settings, tmp_path: Path) -> None:
    answer = Client().get("/health/live")
    assert answer.status_code == 200
    assert answer["Cache-Control"] == "private, no-store"
    assert not connections["default"].in_atomic_block
