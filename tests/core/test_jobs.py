"""Jobs: claimed once, found again after a crash, and silent about clinical text when they fail."""

from datetime import timedelta

import pytest
from django.utils import timezone
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from apps.core.domain.errors import ConflictError
from apps.core.models import Heartbeat, Job, JobState
from apps.core.services import jobs
from apps.core.services.jobs import (
    ALIVE,
    Handler,
    Policy,
    beat,
    enqueue,
    finish_job,
    has_job,
    hint_waiting,
    is_worker_alive,
    job_moved,
    register_handler,
    request_cancel,
    retry_job,
    run_job,
    waiting_jobs,
)
from apps.core.services.leases import LEASE, JobRun, LostLeaseError

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


def fail_with(error: Exception) -> Handler:
    """A handler that always raises."""

    def fail(job_run: JobRun) -> None:
        raise error

    return fail


def make_due(job: Job) -> None:
    """As if the pause before the next try had passed."""
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())


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
    job = Job.objects.create(kind=KIND, state=JobState.RUNNING, attempts=Policy().attempts)
    expire(job)
    run_job(job.pk)
    assert done == []
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.FAILED, f"Lost its worker {job.attempts} times; not tried again.")


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

    register_handler(KIND, fail, Policy(attempts=1))
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "ValueError" in job.error
    assert f"job_failed job={job.pk} kind={KIND} error=" in caplog.text
    assert f'File "{__file__}"' in caplog.text, "where it arose is told"
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


def test_an_unexpected_error_is_tried_again_later_each_time_and_given_up_at_last() -> None:
    given_up: list[str] = []
    policy = Policy(attempts=3, pause=timedelta(seconds=5), on_dead=lambda job: given_up.append(job.error))
    register_handler(KIND, fail_with(ValueError(SECRET)), policy)
    job = enqueue(kind=KIND, payload={})
    pauses = []
    for _ in range(2):
        assert run_job(job.pk)
        job.refresh_from_db()
        assert (job.state, given_up) == (JobState.QUEUED, [])
        assert job.not_before is not None
        pauses.append(job.not_before - timezone.now())
        assert not run_job(job.pk)
        assert waiting_jobs() == []
        make_due(job)
    assert pauses[0] < timedelta(seconds=5) < pauses[1]
    assert run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.is_dead_letter, job.attempts) == (JobState.FAILED, True, 3)
    assert given_up == [job.error]
    assert "3 times" in job.error


def test_what_was_refused_is_not_tried_again_and_what_was_given_up_may_be() -> None:
    register_handler(KIND, fail_with(ConflictError("The study is locked.")))
    refused = enqueue(kind=KIND, payload={})
    run_job(refused.pk)
    with pytest.raises(ConflictError, match="given up"):
        retry_job(refused)
    register_handler(KIND, fail_with(ValueError(SECRET)), Policy(attempts=1))
    given_up = enqueue(kind=KIND, payload={}, key="k")
    run_job(given_up.pk)
    register_handler(KIND, lambda job_run: None)
    assert retry_job(given_up).attempts == 0
    run_job(given_up.pk)
    assert state_of(given_up) == JobState.DONE


def test_work_that_waits_already_bars_the_retry_of_the_same() -> None:
    register_handler(KIND, fail_with(ValueError(SECRET)), Policy(attempts=1))
    given_up = enqueue(kind=KIND, payload={}, key="k")
    run_job(given_up.pk)
    enqueue(kind=KIND, payload={}, key="k")
    with pytest.raises(ConflictError):
        retry_job(given_up)
    assert state_of(given_up) == JobState.FAILED


def test_trouble_of_the_portal_itself_passes_and_is_tried_again() -> None:
    class FullError(ConflictError):
        status = 507

    register_handler(KIND, fail_with(FullError("The disk is full.")))
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.QUEUED, "The disk is full.")


def test_a_job_may_put_itself_back_and_go_on_later_without_using_up_its_tries() -> None:
    turns: list[int] = []

    def work(job_run: JobRun) -> timedelta | None:
        turns.append(job_run.job.claim)
        return timedelta(0) if len(turns) < 8 else None

    register_handler(KIND, work, Policy(attempts=2))
    job = enqueue(kind=KIND, payload={}, key="k")
    while run_job(job.pk):
        pass
    assert turns == list(range(1, 9))
    assert state_of(job) == JobState.DONE


def test_a_worker_that_lost_its_job_writes_nothing_more() -> None:
    """The first worker was frozen past its lease; the second is at work when it wakes."""
    heard: list[str] = []

    def work(job_run: JobRun) -> None:
        heard.append("first")
        expire(job_run.job)
        register_handler(KIND, lambda second: heard.append("second"))
        assert run_job(job_run.job.pk)
        for write in (job_run.fence, lambda: job_run.progress(1, 2, "late")):
            with pytest.raises(LostLeaseError):
                write()
        raise LostLeaseError

    register_handler(KIND, work)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert heard == ["first", "second"]
    assert (job.state, job.claim, job.progress_label) == (JobState.DONE, 2, "")


def test_an_end_that_comes_late_does_not_undo_what_the_second_worker_did() -> None:
    def work(job_run: JobRun) -> None:
        Job.objects.filter(pk=job_run.job.pk).update(claim=7, progress_label="at work")

    register_handler(KIND, work)
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.claim) == (JobState.RUNNING, 7)


def test_a_try_that_lasts_too_long_is_ended_at_its_next_step() -> None:
    register_handler(KIND, lambda job_run: job_run.progress(1, 2, "slow"), Policy(deadline=timedelta(0)))
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == (JobState.QUEUED, "Ran longer than 0:00:00.")


def test_a_job_is_hinted_once_in_a_while_however_often_the_watch_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    hints: list[object] = []
    monkeypatch.setattr(jobs, "dispatch", lambda job_id: hints.append(job_id) or True)
    job = Job.objects.create(kind=KIND, created_at=timezone.now() - timedelta(minutes=17))
    paused = Job.objects.create(kind=KIND, not_before=timezone.now() + timedelta(minutes=1))
    for _ in range(200):
        hint_waiting()
    assert hints == [job.pk]
    Job.objects.filter(pk=job.pk).update(hinted_at=timezone.now() - jobs.HINT - timedelta(seconds=1))
    hint_waiting()
    assert hints == [job.pk, job.pk]
    assert paused.pk not in hints


def test_a_job_that_was_just_committed_is_hinted_by_who_committed_it(monkeypatch: pytest.MonkeyPatch) -> None:
    hints: list[object] = []
    monkeypatch.setattr(jobs, "dispatch", lambda job_id: hints.append(job_id) or True)
    job = Job.objects.create(kind=KIND, created_at=timezone.now())
    hint_waiting()
    assert hints == []
    Job.objects.filter(pk=job.pk).update(created_at=timezone.now() - jobs.HINT_LOST - timedelta(seconds=1))
    hint_waiting()
    assert hints == [job.pk]


def test_a_retry_begins_as_if_nothing_had_been_tried(done: list[Job]) -> None:
    job = Job.objects.create(
        kind=KIND, state=JobState.FAILED, is_dead_letter=True, attempts=5, error="Lost", is_cancel_requested=True,
        not_before=timezone.now() + timedelta(hours=1), hinted_at=timezone.now(), finished_at=timezone.now(),
    )  # fmt: skip
    again = retry_job(job)
    assert (again.state, again.attempts, again.error) == (JobState.QUEUED, 0, "")
    assert (again.is_dead_letter, again.is_cancel_requested) == (False, False)
    assert (again.not_before, again.hinted_at, again.finished_at) == (None, None, None)


@pytest.mark.django_db(transaction=True)
def test_every_turn_of_a_job_that_pages_show_is_told_once(done: list[Job]) -> None:
    told: list[tuple[str, str]] = []

    def hear(job: Job) -> None:
        told.append((job.kind, state_of(job)))

    job_moved.subscribe(hear)
    try:
        job = enqueue(kind=KIND, payload={}, key="k")
        enqueue(kind=KIND, payload={}, key="k")
        run_job(job.pk)
        assert told == [(KIND, "queued"), (KIND, "done")]
        told.clear()
        register_handler(KIND, fail_with(ValueError(SECRET)), Policy(attempts=1))
        failing = enqueue(kind=KIND, payload={})
        run_job(failing.pk)
        retry_job(failing)
        request_cancel(failing)
        request_cancel(failing)
        assert [state for _, state in told] == ["queued", "failed", "queued", "cancelled"]
    finally:
        job_moved._handlers.remove(hear)


def test_a_queue_that_does_not_answer_is_asked_once_a_round(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []
    monkeypatch.setattr(jobs, "dispatch", lambda job_id: bool(asked.append(job_id)))
    for _ in range(5):
        Job.objects.create(kind=KIND, created_at=timezone.now() - timedelta(minutes=1))
    hint_waiting()
    hint_waiting()
    assert len(asked) == 2


def test_a_command_does_not_spin_while_its_job_is_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job.objects.create(kind=KIND, state=JobState.RUNNING, lease_until=timezone.now() + LEASE)
    pauses: list[float] = []

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 3:
            Job.objects.filter(pk=job.pk).update(state=JobState.DONE)

    monkeypatch.setattr(jobs.time, "sleep", pause)
    assert finish_job(job).state == JobState.DONE
    assert len(pauses) == 3


def test_a_new_job_is_hinted_by_its_own_id_after_the_commit_and_one_that_waits_is_not(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    hints: list[object] = []
    monkeypatch.setattr(jobs, "dispatch", hints.append)
    with django_capture_on_commit_callbacks(execute=True):
        job = enqueue(kind=KIND, payload={}, key="k")
        assert hints == []
    with django_capture_on_commit_callbacks(execute=True):
        enqueue(kind=KIND, payload={}, key="k")
    assert hints == [job.pk]


def test_a_queue_that_did_not_answer_is_left_in_quiet_for_a_while(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked: list[object] = []
    now = [1000.0]

    def refuse(*_: object, args: list[str], **__: object) -> None:
        asked.append(args)
        raise OperationalError(SECRET)

    monkeypatch.setattr(jobs.current_app, "send_task", refuse)
    monkeypatch.setattr(jobs.time, "monotonic", lambda: now[0])
    job = Job.objects.create(kind=KIND)
    for seconds in (0.0, 0.0, jobs.QUIET_SECONDS - 0.1, 0.1):
        now[0] += seconds
        assert not jobs.dispatch(job.pk)
    assert asked == [[str(job.pk)]] * 2
    assert f"job_queue_unreachable job={job.pk} error=OperationalError" in caplog.text
    assert SECRET not in caplog.text


def test_the_job_that_is_due_longest_is_first() -> None:
    now = timezone.now()
    ago = [now - timedelta(minutes=minutes) for minutes in range(4)]
    second = Job.objects.create(kind=KIND, created_at=ago[2])
    third = Job.objects.create(kind=KIND, created_at=ago[3], not_before=ago[1])
    first = Job.objects.create(kind=KIND, created_at=ago[3])
    Job.objects.create(kind=KIND, created_at=ago[3], state=JobState.DONE, lease_until=ago[3])
    assert waiting_jobs() == [first.pk, second.pk, third.pk]


def test_a_job_that_was_given_up_says_when() -> None:
    register_handler(KIND, fail_with(ConflictError("The study is locked.")))
    job = enqueue(kind=KIND, payload={})
    run_job(job.pk)
    job.refresh_from_db()
    assert job.finished_at is not None
    assert job.started_at is not None
    assert job.started_at <= job.finished_at
    assert job.lease_until is None


def test_of_the_jobs_for_one_work_the_last_counts() -> None:
    assert not has_job(KIND, "k", states=(JobState.FAILED, JobState.QUEUED))
    Job.objects.create(kind=KIND, key="k", state=JobState.FAILED, created_at=timezone.now() - timedelta(minutes=1))
    Job.objects.create(kind=KIND, key="other", state=JobState.DONE)
    Job.objects.create(kind="other", key="k", state=JobState.DONE)
    assert has_job(KIND, "k", states=(JobState.FAILED, JobState.DONE))
    Job.objects.create(kind=KIND, key="k", state=JobState.DONE)
    assert not has_job(KIND, "k", states=(JobState.FAILED, JobState.QUEUED))
