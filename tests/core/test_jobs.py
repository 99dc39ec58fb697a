"""Jobs: claimed once, found again after a crash, and silent about clinical text when they fail."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.core.domain.errors import ConflictError
from apps.core.models import Heartbeat, Job, JobState
from apps.core.services import jobs
from apps.core.services.jobs import (
    ALIVE,
    LEASE,
    MAX_ATTEMPTS,
    JobRun,
    beat,
    enqueue,
    finish_job,
    is_worker_alive,
    register_handler,
    request_cancel,
    run_job,
    waiting_jobs,
)

pytestmark = pytest.mark.django_db

KIND = "test-work"
SECRET = "MARKER clinical value 54 mg"


@pytest.fixture
def done() -> list[Job]:
    """The jobs that the handler of this test did, in order."""
    found: list[Job] = []
    register_handler(KIND, lambda job_run: found.append(job_run.job))
    return found


def state_of(job: Job) -> str:
    return Job.objects.get(pk=job.pk).state


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_is_done_once(done: list[Job]) -> None:
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    run_job(job.pk)
    assert done == [job]
    assert state_of(job) == JobState.DONE
    assert waiting_jobs() == []


def test_a_job_that_another_worker_holds_is_left_alone(done: list[Job]) -> None:
    job = Job.objects.create(kind=KIND, state=JobState.RUNNING, lease_until=timezone.now() + LEASE)
    run_job(job.pk)
    assert done == []
    assert waiting_jobs() == []
    expire(job)
    assert waiting_jobs() == [job.pk]
    run_job(job.pk)
    assert done == [job]


def test_a_job_that_loses_every_worker_is_given_up(done: list[Job]) -> None:
    job = Job.objects.create(kind=KIND, state=JobState.RUNNING, attempts=MAX_ATTEMPTS)
    expire(job)
    run_job(job.pk)
    assert done == []
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, f"Lost its worker {MAX_ATTEMPTS} times; not tried again.")


def test_work_with_the_same_key_waits_once(done: list[Job]) -> None:
    first = enqueue(kind=KIND, payload={"n": 1}, key="subject 1")
    assert enqueue(kind=KIND, payload={"n": 2}, key="subject 1").pk == first.pk
    assert enqueue(kind=KIND, payload={}, key="subject 2").pk != first.pk
    assert enqueue(kind=KIND, payload={}).pk != enqueue(kind=KIND, payload={}).pk
    run_job(first.pk)
    assert enqueue(kind=KIND, payload={"n": 3}, key="subject 1").pk != first.pk


def test_progress_is_kept_and_renews_the_lease() -> None:
    job = Job.objects.create(kind=KIND, state=JobState.RUNNING, lease_until=timezone.now())
    JobRun(job).progress(2, 5, "x" * 300)
    job.refresh_from_db()
    assert (job.progress_done, job.progress_total, len(job.progress_label)) == (2, 5, 200)
    assert job.lease_until is not None
    assert job.lease_until > timezone.now() + LEASE / 2


def test_a_running_job_stops_at_its_next_safe_point_when_asked() -> None:
    steps: list[int] = []

    def work(job_run: JobRun) -> None:
        for step in range(3):
            steps.append(step)
            job_run.progress(step, 3, "working")
            request_cancel(job_run.job)

    register_handler(KIND, work)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    assert steps == [0, 1]
    assert state_of(job) == JobState.CANCELLED


def test_a_job_that_has_not_begun_is_cancelled_at_once(done: list[Job]) -> None:
    job = enqueue(kind=KIND, payload={})
    request_cancel(job)
    run_job(job.pk)
    assert (done, state_of(job)) == ([], JobState.CANCELLED)


def test_an_expected_error_is_kept_in_its_words() -> None:
    def refuse(job_run: JobRun) -> None:
        raise ConflictError("The study is locked.")

    register_handler(KIND, refuse)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    assert Job.objects.get(pk=job.pk).error == "The study is locked."


@pytest.mark.requirement("E6-411")
def test_the_text_of_an_unexpected_error_is_neither_kept_nor_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail(job_run: JobRun) -> None:
        raise ValueError(SECRET)

    register_handler(KIND, fail)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ValueError" in job.error
    assert "job_failed" in caplog.text
    assert SECRET not in job.error + caplog.text


def test_a_worker_is_alive_as_long_as_it_gives_signs_of_life() -> None:
    assert not is_worker_alive()
    beat("worker")
    beat("worker")
    assert Heartbeat.objects.count() == 1
    assert is_worker_alive()
    Heartbeat.objects.update(at=timezone.now() - ALIVE - timedelta(seconds=1))
    assert not is_worker_alive()


def test_a_command_does_its_job_itself_when_no_worker_is_alive(done: list[Job]) -> None:
    job = enqueue(kind=KIND, payload={})
    assert finish_job(job).state == JobState.DONE
    assert done == [job]


def test_a_command_waits_for_a_worker_that_is_alive(done: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    job = enqueue(kind=KIND, payload={})
    beat("worker")
    monkeypatch.setattr(jobs.time, "sleep", lambda seconds: run_job(job.pk))
    assert finish_job(job).state == JobState.DONE
