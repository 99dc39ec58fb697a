"""A replay feeds each day what was collected on it; at its end the study is the whole package, corrections kept."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.canonical import canonical_json
from apps.core.domain.errors import ConflictError, NotAllowedError
from apps.core.models import Job, JobState
from apps.core.services.jobs import request_cancel, run_job, waiting_jobs
from apps.core.services.leases import JobRun
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.readers.source import open_source_spec
from apps.studies.models import ChangeSet, HeldBack, ImportRun, Record, Study, StudyState, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services import replaying
from apps.studies.services.import_commit import commit_package
from apps.studies.services.import_receipts import close_run
from apps.studies.services.replaying import queue_replay, start_replay
from tests.factories import StudyFactory, person, write
from tests.studies.services.chains import chain_breaks
from tests.studies.services.packages import Package, ae, dm, ex, files_of

pytestmark = pytest.mark.django_db

DAY_BEFORE = date(2013, 6, 1)
WHOLE: Package = {
    "DM": [
        dm(1001, RFENDTC="2013-08-02", DTHFL="Y", DTHDTC="2013-08-02", ARM="MARKER-ARM"),
        dm(1002, RFENDTC="2013-10-01", ARM="MARKER-ARM"),
    ],
    "AE": [
        ae(1001, "E1", "RASH", AESTDTC="2013-05-10", AEDTC="2013-05-20", AEENDTC="2013-06-20", AEREL="PROBABLE"),
        ae(1001, "E2", "SEIZURE", AESEV="SEVERE", AEENDTC="2013-06-05", AEOUT="RECOVERED/RESOLVED"),
        ae(1002, "E1", "GOUT"),
    ],
    "DS": [
        {"USUBJID": "01-701-1001", "DSSEQ": 1, "DSDECOD": "DEATH", "DSTERM": "DEATH", "DSSTDTC": "2013-08-02"},
    ],
    "EX": [ex(1001, 54), ex(1002, 81)],
    "RELREC": [
        {"USUBJID": "01-701-1001", "RDOMAIN": "AE", "IDVAR": "AESEQ", "IDVARVAL": "2", "RELID": "R1"},
        {"USUBJID": "01-701-1001", "RDOMAIN": "DS", "IDVAR": "DSSEQ", "IDVARVAL": "1", "RELID": "R1"},
    ],
}


@pytest.fixture
def source(tmp_path: Path) -> str:
    """The whole package as a folder."""
    folder = tmp_path / "package"
    folder.mkdir()
    for file in files_of(WHOLE):
        (folder / str(file.name)).write_bytes(file.read())
    return str(folder)


def loaded(study: Study, source: str, known_until: dict[str, date]) -> Study:
    """A study in which some subjects are known only up to a day."""
    run = ImportRun.objects.create(study=study, number=1, source=source, reason="First load")
    package = read_package(open_source_spec(source), study_id="S1")
    commit_package(run, package, JobRun(Job.objects.create(kind="import")), known_until=known_until)
    for subject_id, day in known_until.items():
        subject = Subject.objects.get(study=study, subject_id=subject_id)
        HeldBack.objects.create(subject=subject, source=source, known_until=day)
    return study


@pytest.fixture
def held(study: Study, source: str) -> Study:
    """The study as it was on the day before the seizure of its first subject."""
    return loaded(study, source, {"01-701-1001": DAY_BEFORE})


@pytest.fixture
def subject(held: Study) -> Subject:
    return Subject.objects.get(subject_id="01-701-1001")


def replayed(study: Study) -> Job:
    job = queue_replay(study=study, days_per_second=None)
    run_job(job.pk)
    job.refresh_from_db()
    return job


def content(study: Study) -> list[bytes]:
    """Every record by what it says, and by what the records say that it points at; ids are of a study's own."""
    rows = Record.objects.filter(study=study, is_withdrawn=False).values_list("record_id", "values", "target")
    said = {record_id: values for record_id, values, _ in rows}
    return sorted(canonical_json([values, [said[one] for one in target.split()]]) for _, values, target in rows)


def test_before_the_replay_nothing_of_a_later_day_is_there(subject: Subject) -> None:
    values = Record.objects.get(subject=subject, domain="DM").values
    assert not {"DTHFL", "DTHDTC", "RFENDTC"} & values.keys()
    (event,) = Record.objects.filter(subject=subject, domain="AE")
    assert (event.values["AEDECOD"], "AEENDTC" in event.values) == ("RASH", False)
    assert not Record.objects.filter(subject=subject, domain__in=["DS", "RELREC"]).exists()
    receipt = ImportRun.objects.get(study=subject.study)
    close_run(receipt, receipt.state)  # type: ignore[arg-type]  # the state it has
    assert receipt.receipt["held_back"] == 4


def test_at_the_end_the_study_is_the_whole_package(held: Study, source: str) -> None:
    assert replayed(held).state == JobState.DONE
    whole = loaded(StudyFactory(code="WHOLE", protocol_id="S1"), source, {})
    assert content(held) == content(whole)
    assert not HeldBack.objects.exists()


def test_each_day_is_one_change_set_that_says_when_it_was_collected(held: Study, subject: Subject) -> None:
    replayed(held)
    sets = ChangeSet.objects.filter(subject=subject, source="replay").order_by("number")
    assert [change_set.reason for change_set in sets] == [
        "Collected on 05 Jun 2013",
        "Collected on 20 Jun 2013",
        "Collected on 02 Aug 2013",
    ]
    assert [str(change_set.data_cut) for change_set in sets] == ["2013-06-05", "2013-06-05", "2013-08-02"]
    assert chain_breaks(subject) == []


def test_a_correction_made_meanwhile_is_not_undone(held: Study, subject: Subject) -> None:
    write(subject, ("AE", {"AESPID": "E1", "AEREL": "NONE"}), ("DM", {"AGE": 71}), reason="Site corrected")
    replayed(held)
    rash = Record.objects.get(subject=subject, domain="AE", values__AEDECOD="RASH")
    assert (rash.values["AEREL"], rash.values["AEENDTC"]) == ("NONE", "2013-06-20")
    values = Record.objects.get(subject=subject, domain="DM").values
    assert (values["AGE"], values["DTHFL"]) == (71, "Y")


def test_what_was_already_entered_by_hand_is_no_change(held: Study, subject: Subject) -> None:
    write(subject, ("AE", {"AESPID": "E1", "AEENDTC": "2013-06-20"}), reason="The site called")
    replayed(held)
    assert not ChangeSet.objects.filter(subject=subject, reason="Collected on 20 Jun 2013").exists()


def test_a_replay_that_was_stopped_goes_on_where_it_was(held: Study, subject: Subject, source: str) -> None:
    HeldBack.objects.filter(subject=subject).update(known_until=date(2013, 7, 1))
    replayed(held)
    assert [s.reason for s in ChangeSet.objects.filter(subject=subject, source="replay")] == [
        "Collected on 02 Aug 2013"
    ]


def test_a_cancelled_replay_stops_between_two_days(held: Study, subject: Subject) -> None:
    job = queue_replay(study=held, days_per_second=None)
    Job.objects.filter(pk=job.pk).update(is_cancel_requested=True)
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.CANCELLED
    assert HeldBack.objects.get(subject=subject).known_until == date(2013, 6, 5)
    request_cancel(job)
    replayed(held)
    assert not HeldBack.objects.exists()


def test_a_paced_replay_takes_its_time_and_arrives_at_the_same_end(held: Study, subject: Subject) -> None:
    run_job(queue_replay(study=held, days_per_second=2000.0).pk)
    subject.refresh_from_db()
    assert subject.version == 4
    assert not HeldBack.objects.exists()


def test_a_complete_study_has_nothing_to_replay(held: Study) -> None:
    replayed(held)
    with pytest.raises(ConflictError, match="complete"):
        queue_replay(study=held, days_per_second=None)


def test_a_second_click_starts_no_second_replay(held: Study, manager: User) -> None:
    first = start_replay(principal=principal_of(manager), user=manager, study=held)
    second = start_replay(principal=principal_of(manager), user=manager, study=held)
    assert first.pk == second.pk


def test_strangers_and_locked_studies_start_no_replay(held: Study, manager: User) -> None:
    stranger = person(Role.DATA_MANAGER, StudyFactory())
    with pytest.raises(NotAllowedError):
        start_replay(principal=principal_of(stranger), user=stranger, study=held)
    held.state = StudyState.LOCKED
    held.save(update_fields=["state"])
    with pytest.raises(NotAllowedError, match="locked"):
        start_replay(principal=principal_of(manager), user=manager, study=held)


def test_a_replay_leaves_its_place_where_the_next_day_is_far_and_goes_on_from_there(
    held: Study, subject: Subject
) -> None:
    job = queue_replay(study=held, days_per_second=1.0)
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.progress_done, job.progress_total) == (JobState.QUEUED, 1, 3)
    assert job.not_before is not None
    # From 5 to 20 June at a day a second.
    assert timedelta(seconds=10) < job.not_before - timezone.now() < timedelta(seconds=16)
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.progress_done, job.progress_total, job.attempts) == (2, 3, 0)
    Job.objects.filter(pk=job.pk).update(not_before=timezone.now())
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert not HeldBack.objects.exists()


def test_a_replay_makes_room_for_work_that_waits_and_not_otherwise(
    held: Study, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replaying, "TURN_SECONDS", 0.0)
    job = queue_replay(study=held, days_per_second=None)
    waiting = Job.objects.create(kind="other")
    run_job(job.pk)
    job.refresh_from_db()
    assert (job.state, job.progress_done) == (JobState.QUEUED, 1)
    assert waiting_jobs()[-2:] == [waiting.pk, job.pk], "the other one is first"
    Job.objects.exclude(pk=job.pk).delete()
    run_job(job.pk)
    job.refresh_from_db()
    assert job.state == JobState.DONE


def test_a_replay_that_lost_its_job_writes_no_day_twice(
    held: Study, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue_replay(study=held, days_per_second=None)
    progress, overtaken = JobRun.progress, []

    def be_overtaken(self: JobRun, done: int, total: int, label: str) -> None:
        progress(self, done, total, label)
        if not overtaken:
            overtaken.append(done)
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            assert run_job(job.pk)

    monkeypatch.setattr(JobRun, "progress", be_overtaken)
    run_job(job.pk)
    reasons = [found.reason for found in ChangeSet.objects.filter(subject=subject, source="replay")]
    assert len(reasons) == len(set(reasons)) == 3
    job.refresh_from_db()
    assert (job.state, job.claim) == (JobState.DONE, 2)


def test_a_replay_that_lost_its_job_between_two_looks_does_not_write_the_next_day(
    held: Study, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = queue_replay(study=held, days_per_second=None)
    replay_day, seen = replaying._replay_day, []

    def lose_the_job(*args: Any) -> None:
        seen.append(args)
        if len(seen) == 2:
            Job.objects.filter(pk=job.pk).update(claim=9)
        replay_day(*args)

    monkeypatch.setattr(replaying, "_replay_day", lose_the_job)
    run_job(job.pk)
    assert len(seen) == 2
    assert ChangeSet.objects.filter(subject=subject, source="replay").count() == 1
    assert HeldBack.objects.get(subject=subject).known_until == date(2013, 6, 5)
