"""The same work asked for at once by several: done once, on a database that really locks rows."""

from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django.fixtures import Settings

from apps.accounts.domain.roles import Role
from apps.core.models import Job, JobState
from apps.core.services.idempotency import Answer, answer_once
from apps.core.services.jobs import enqueue, register_handler, run_job, waiting_jobs
from apps.core.services.leases import JobRun
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ChangeSet, ImportRun, ImportState, Record, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.writing import write_records
from tests.factories import StudyFactory, client_account, context, person, treated_subject
from tests.studies.services.packages import Package, ae, dm, started
from tests.studies.services.test_concurrency import _row_locks, together  # noqa: F401  # a fixture, used by all

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def test_a_job_that_eight_workers_are_handed_is_done_by_one() -> None:
    done: list[int] = []
    register_handler("test-at-once", lambda job_run: done.append(job_run.job.claim))
    job = enqueue(kind="test-at-once", payload={})
    claimed = together(*[lambda: run_job(job.pk)] * 8)
    assert (sorted(map(bool, claimed)), done) == ([False] * 7 + [True], [1])


def test_a_lost_job_that_eight_workers_find_is_taken_over_by_one() -> None:
    done: list[int] = []
    register_handler("test-at-once", lambda job_run: done.append(job_run.job.claim))
    job = Job.objects.create(kind="test-at-once", state=JobState.RUNNING, claim=1, lease_until=timezone.now())
    together(*[lambda: run_job(job.pk)] * 8)
    assert done == [2]


def test_the_same_key_asked_for_at_once_is_queued_once() -> None:
    queued = together(*[lambda: enqueue(kind="test-at-once", payload={}, key="k").pk] * 8)
    assert len(set(queued)) == Job.objects.count() == 1


def test_a_request_repeated_while_the_first_is_under_way_waits_for_its_answer() -> None:
    subject = treated_subject(StudyFactory())
    writer = client_account(subject.study)

    def ask() -> Answer:
        return answer_once(principal_id=writer.pk, key="k", body_sha256="b", act=write)

    def write() -> Answer:
        submitted = [Submitted(0, "AE", subject.subject_id, {"AESPID": "E01", "AEREL": "POSSIBLE"})]
        result = write_records(
            principal=principal_of(writer), study=subject.study, records=submitted, context=context(writer)
        )
        return 200, {"accepted": result.accepted, "versions": result.versions}

    answers = together(*[ask] * 6)
    assert answers == [(200, {"accepted": 1, "versions": {subject.subject_id: 2}})] * 6
    assert ChangeSet.objects.filter(subject=subject).count() == 2


def test_keyed_requests_over_the_same_subjects_in_any_order_do_not_block_each_other() -> None:
    study = StudyFactory()
    subjects = [treated_subject(study) for _ in range(3)]
    writer = client_account(study)

    def ask(number: int) -> Callable[[], Answer]:
        order = subjects if number % 2 else subjects[::-1]

        def write() -> Answer:
            submitted = [
                Submitted(place, "AE", subject.subject_id, {"AESPID": "E01", "AEACN": f"ACTION {number}"})
                for place, subject in enumerate(order)
            ]
            result = write_records(
                principal=principal_of(writer), study=study, records=submitted, context=context(writer)
            )
            return 200, {"accepted": result.accepted}

        return lambda: answer_once(principal_id=writer.pk, key=f"k{number}", body_sha256="b", act=write)

    assert together(*[ask(number) for number in range(8)]) == [(200, {"accepted": 3})] * 8


def test_two_imports_into_a_new_study_at_once_neither_fail_nor_mix(settings: Settings, tmp_path: Path) -> None:
    settings.IMPORT_FILES_DIR = tmp_path
    study: Study = StudyFactory(code="NEW", protocol_id="")
    manager = person(Role.DATA_MANAGER, study)
    people: Package = {"DM": [dm(n) for n in range(1001, 1013)], "AE": [ae(n, "E1", "RASH") for n in range(1001, 1013)]}
    runs = together(*[lambda: started(manager, study, people)] * 3)
    assert sorted(run.number for run in runs if isinstance(run, ImportRun)) == [1, 2, 3]
    while Job.objects.exclude(state__in=[JobState.DONE, JobState.FAILED]).exists():
        Job.objects.update(not_before=None)
        together(*[lambda job_id=job_id: run_job(job_id) for job_id in waiting_jobs()])
    assert {run.state for run in ImportRun.objects.all()} == {ImportState.DONE}
    assert Subject.objects.filter(study=study).count() == 12
    assert Record.objects.filter(study=study).count() == 24
    assert ChangeSet.objects.filter(subject__study=study).count() == 12
    assert Study.objects.get(pk=study.pk).protocol_id == "S1"


def test_a_job_of_a_lane_runs_alone_whoever_tries() -> None:
    running: list[int] = []
    most: list[int] = []

    def work(job_run: JobRun) -> None:
        running.append(1)
        most.append(len(running))
        together(lambda: [run_job(job_id) for job_id in waiting_jobs()])
        running.pop()

    register_handler("test-lane", work)
    for _ in range(4):
        enqueue(kind="test-lane", payload={}, lane="one")
    while waiting := waiting_jobs():
        together(*[lambda job_id=job_id: run_job(job_id) for job_id in waiting])
        Job.objects.filter(state=JobState.QUEUED).update(not_before=None)
    assert max(most) == 1
    assert Job.objects.filter(state=JobState.DONE).count() == 4
