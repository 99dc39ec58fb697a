"""The lease of a live job is renewed however long one step takes, and that of a dead or hanging one is not."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.models import Heartbeat, Job, JobState
from apps.core.services import jobs, leases, watch
from apps.core.services.jobs import Policy, enqueue, is_worker_alive, register_handler, run_job, waiting_jobs
from apps.core.services.leases import JobRun
from apps.core.services.watch import forget_old_heartbeats, guarded, register_sweep, sweep

pytestmark = pytest.mark.django_db(transaction=True)

KIND = "test-lease"
SHORT = timedelta(seconds=0.4)


@pytest.fixture(autouse=True)
def _short_leases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leases, "LEASE", SHORT)
    monkeypatch.setattr(jobs, "LEASE", SHORT)


def until(ask: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 15
    while not ask():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_live_job_is_not_given_to_a_second_worker_however_long_a_step_takes() -> None:
    seen: list[list[object]] = []

    def one_long_step(job_run: JobRun) -> None:
        began = timezone.now()
        until(lambda: timezone.now() - began > 4 * SHORT)
        seen.append(list(waiting_jobs()))

    register_handler(KIND, one_long_step)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert seen == [[]]
    assert (job.state, job.claim) == (JobState.DONE, 1)


def test_work_that_hangs_past_its_deadline_loses_its_job() -> None:
    claimed: list[int] = []

    def hang(job_run: JobRun) -> None:
        claimed.append(job_run.job.claim)
        if len(claimed) == 1:
            until(lambda: job_run.job.pk in waiting_jobs())

    register_handler(KIND, hang, Policy(deadline=SHORT))
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    assert claimed == [1]


def test_no_thread_outlives_its_job() -> None:
    register_handler(KIND, lambda job_run: None)
    run_job(enqueue(kind=KIND, payload={}).pk)
    assert not [thread for thread in threading.enumerate() if thread.name == "job-lease"]


def test_a_sweep_that_fails_is_logged_by_name_and_keeps_no_other_from_its_work(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    swept: list[str] = []

    def breaks() -> None:
        raise ValueError("MARKER")

    monkeypatch.setattr(watch, "_sweeps", [])
    register_sweep(breaks)
    register_sweep(lambda: swept.append("second"))
    register_sweep(breaks)
    sweep()
    assert swept == ["second"]
    assert caplog.text.count("watch_step_failed step=breaks error=ValueError") == 1
    assert "MARKER" not in caplog.text


def test_the_watch_gives_a_sign_of_life_hints_and_sweeps(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []

    class Over(BaseException):
        """Ends the loop of the test."""

    class Pause:
        def wait(self, seconds: float) -> None:
            if len(done) >= 4:
                raise Over

    monkeypatch.setattr(watch, "_sweeps", [lambda: done.append("sweep")])
    monkeypatch.setattr(watch, "hint_waiting", lambda: done.append("hint"))
    monkeypatch.setattr(watch.threading, "Event", Pause)
    with pytest.raises(Over):
        watch._keep_watch("test")
    assert done == ["sweep", "hint", "hint", "hint"]
    assert is_worker_alive()


def test_heartbeats_of_long_ago_are_forgotten() -> None:
    Heartbeat.objects.create(name="old", at=timezone.now() - timedelta(days=2))
    Heartbeat.objects.create(name="new", at=timezone.now())
    guarded(forget_old_heartbeats)
    assert [found.name for found in Heartbeat.objects.all()] == ["new"]


def test_a_job_of_an_unknown_kind_waits_for_a_worker_that_knows_it() -> None:
    job = Job.objects.create(kind="of a later version")
    assert not run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.claim) == (JobState.QUEUED, 0)
