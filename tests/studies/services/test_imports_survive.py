"""Imports survive: failures are tried again, two workers do nothing twice, nothing half made is left behind."""

import errno
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.errors import InvalidInputError, StorageFullError, UnreadableSourceError
from apps.core.models import Job, JobState
from apps.core.services.jobs import retry_job, run_job
from apps.core.services.leases import JobRun
from apps.studies.domain.readers.package import read_package
from apps.studies.models import ChangeSet, ImportedSubject, ImportRun, ImportState, Record, Site, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services import import_check, import_commit, import_runs, importing
from apps.studies.services.events import SubjectChange, subject_changing
from apps.studies.services.import_runs import confirm_import, start_from_path, start_upload
from apps.studies.services.importing import close_abandoned_runs
from apps.studies.services.sources import folder_of, forget_unneeded_files
from tests.factories import StudyFactory, person, write
from tests.studies.services.packages import Package, ae, dm, ex, files_of, finished, imported, started
from tests.studies.services.test_importing import FIRST, counts

pytestmark = pytest.mark.django_db


def _doubtful(first: str, second: str, **fall: Any) -> Package:
    """Two events that are told apart by nothing but their outcome, a third, and a row that is refused."""
    two = [ae(1001, f"E{place}", "RASH", AEOUT=said) for place, said in enumerate((first, second), start=1)]
    unnamed = [{name: value for name, value in row.items() if name != "AESPID"} for row in two]
    bad = ae(1002, "E2", "GOUT", AESTDTC="2013-99")
    return {"DM": [dm(1001), dm(1002)], "AE": [*unnamed, ae(1002, "E1", "FALL", **fall), bad]}


DOUBTFUL = _doubtful("FATAL", "UNKNOWN")
DOUBTED = _doubtful("RECOVERED/RESOLVED", "RECOVERING/RESOLVING", AESEV="MILD")
SECOND: Package = {"DM": [dm(1001), dm(1002), dm(1003), dm(1004)], "AE": [ae(1004, "E1", "FALL")], "EX": [ex(1004, 0)]}


def test_an_import_that_broke_once_is_tried_again_and_goes_on_with_who_is_not_in(manager: User, study: Study) -> None:
    run = started(manager, study, FIRST)
    with _after_subjects(2, _break):
        run = finished(run)
    assert run.job is not None
    assert (run.state, run.job.state) == (ImportState.IMPORTING, JobState.QUEUED)
    assert "MARKER" not in run.job.error
    run = _tried_again(run)
    assert (run.state, run.receipt["subjects"]) == (ImportState.DONE, ["01-701-1001", "01-701-1002", "01-701-1003"])
    assert ChangeSet.objects.filter(subject__study=study).count() == 3
    assert not folder_of(run).exists()


def test_an_import_that_breaks_every_time_is_given_up_in_words_and_may_be_retried(manager: User, study: Study) -> None:
    run = started(manager, study, FIRST)
    with _every_subject_after(1, _break):
        run = finished(run)
        for _ in range(4):
            run = _tried_again(run)
    assert run.job is not None
    assert (run.state, run.job.state, run.job.is_dead_letter) == (ImportState.FAILED, JobState.FAILED, True)
    assert run.receipt["subjects"] == ["01-701-1001"]
    assert "given up" in run.error
    assert "Tried 5 times" in run.error
    assert "MARKER" not in run.error + run.job.error
    forget_unneeded_files()
    assert folder_of(run).exists(), "it may be tried again"
    retry_job(run.job)
    assert finished(run).state == ImportState.DONE


def test_the_files_of_a_failure_are_kept_a_week_and_those_of_an_upload_that_came_to_nothing_an_hour(
    manager: User, study: Study
) -> None:
    run = started(manager, study, FIRST)
    ImportRun.objects.filter(pk=run.pk).update(
        state=ImportState.FAILED, finished_at=timezone.now() - timedelta(days=7, seconds=1)
    )
    stray = folder_of(ImportRun())
    stray.mkdir()
    forget_unneeded_files()
    assert not folder_of(run).exists()
    assert stray.exists()
    os.utime(stray, (time.time() - 3601, time.time() - 3601))
    forget_unneeded_files()
    assert not stray.exists()


def test_a_run_whose_job_is_gone_or_ended_does_not_stay_under_way(manager: User, study: Study) -> None:
    never, failed, cancelled, alive = (started(manager, study, FIRST) for _ in range(4))
    ImportRun.objects.filter(pk=never.pk).update(job=None)
    Job.objects.filter(pk=failed.job_id).update(state=JobState.FAILED, error="Lost its worker 5 times.")
    Job.objects.filter(pk=cancelled.job_id).update(state=JobState.CANCELLED)
    close_abandoned_runs()
    found = {run.pk: run for run in ImportRun.objects.all()}
    assert (found[never.pk].state, found[never.pk].error) == ("failed", "The import never began. Start it again.")
    assert (found[failed.pk].state, found[failed.pk].error) == ("failed", "Lost its worker 5 times.")
    assert found[cancelled.pk].state == "cancelled"
    assert found[alive.pk].state == "checking"


def test_a_refused_upload_leaves_neither_run_nor_files_nor_job(manager: User, study: Study) -> None:
    twice = [*files_of({"DM": [dm(1001)]}), *files_of({"DM": [dm(1002)]})]
    with pytest.raises(InvalidInputError, match="Two files are called"):
        start_upload(principal=principal_of(manager), user=manager, study=study, uploads=twice)
    with pytest.raises(UnreadableSourceError):
        start_from_path(study=study, source="/nowhere/at/all", reason="", is_dry_run=False)
    _nothing_is_left()


def test_a_full_disk_is_named_and_nothing_is_left(manager: User, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: object) -> Iterator[bytes]:
        yield b"STUDYID"
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(SimpleUploadedFile, "chunks", full)
    with pytest.raises(StorageFullError, match="disk"):
        started(manager, study, FIRST)
    _nothing_is_left()


def test_a_run_that_cannot_be_queued_is_not_made(manager: User, study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**kwargs: object) -> Job:
        raise OperationalError

    monkeypatch.setattr(import_runs, "enqueue", fail)
    with pytest.raises(OperationalError):
        started(manager, study, FIRST)
    _nothing_is_left()


def _nothing_is_left() -> None:
    assert not ImportRun.objects.exists()
    assert not Job.objects.exists()
    root = Path(settings.IMPORT_FILES_DIR)
    assert not root.is_dir() or not list(root.iterdir())


def test_a_second_import_into_a_study_waits_for_the_first(manager: User, study: Study) -> None:
    first, second = started(manager, study, FIRST), started(manager, study, SECOND)
    elsewhere = started(person(Role.DATA_MANAGER, other := StudyFactory(protocol_id="S1")), other, FIRST)
    states: list[str] = []

    def try_the_others() -> None:
        assert second.job_id is not None
        assert not run_job(second.job_id)
        states.append(finished(elsewhere).state)

    with _after_subjects(1, try_the_others):
        assert finished(first).state == ImportState.DONE
    assert states == [ImportState.DONE]
    assert _tried_again(second).state == ImportState.DONE


def test_a_subject_enrolled_while_an_import_runs_is_compared_and_not_doubled(manager: User, study: Study) -> None:
    run = started(manager, study, FIRST)

    def enrol() -> None:
        site = Site.objects.get(study=study, code="701")
        late = Subject.objects.create(study=study, site=site, subject_id="01-701-1003")
        values = {name: value for name, value in dm(1003).items() if name != "USUBJID"}
        write(late, ("DM", values), user=manager)

    with _after_subjects(1, enrol):
        run = finished(run)
    assert run.state == ImportState.DONE, run.error
    assert Record.objects.filter(subject__subject_id="01-701-1003", domain="DM").count() == 1


def test_a_study_id_bound_while_the_files_are_read_is_not_mixed(
    manager: User, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    Study.objects.filter(pk=study.pk).update(protocol_id="")
    study.refresh_from_db()
    run = started(manager, study, FIRST)

    def read_and_bind(*args: object, **kwargs: object) -> object:
        Study.objects.filter(pk=study.pk).update(protocol_id="S9")
        return read_package(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "read_package", read_and_bind)
    run = finished(run)
    assert run.state == ImportState.REFUSED
    assert "S1" in run.error
    assert "S9" in run.error
    assert not Subject.objects.exists()
    assert Study.objects.get(pk=study.pk).protocol_id == "S9"


def test_a_lost_worker_that_wakes_in_the_middle_writes_no_subject_twice(importer: User, study: Study) -> None:
    """The first worker stands still after one subject; the second ends the import; the first goes on."""
    run = started(importer, study, FIRST)
    job = run.job
    assert job is not None

    def be_overtaken() -> None:
        Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
        assert run_job(job.pk)

    with _before_progress(1, be_overtaken):
        finished(run)
    run.refresh_from_db()
    job.refresh_from_db()
    assert (run.state, job.state, job.claim) == (ImportState.DONE, JobState.DONE, 2)
    assert ChangeSet.objects.filter(subject__study=study).count() == 3
    assert ImportedSubject.objects.filter(run=run).count() == 4
    assert counts(run.receipt) == (10, 0, 0, 0, 0, 0)


def test_a_worker_that_lost_the_job_between_two_looks_does_not_write_the_next_subject(
    manager: User, study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = started(manager, study, FIRST)
    commit_subject, seen = import_commit._commit_subject, []

    def lose_the_job(*args: Any) -> None:
        seen.append(args)
        if len(seen) == 2:
            Job.objects.filter(pk=run.job_id).update(claim=9)
        commit_subject(*args)

    monkeypatch.setattr(import_commit, "_commit_subject", lose_the_job)
    run = finished(run)
    assert len(seen) == 2
    assert ImportedSubject.objects.filter(run=run).exclude(subject_id="").count() == 1
    assert Subject.objects.filter(study=study).count() == 1
    assert run.state == ImportState.IMPORTING, "it is for the other worker to end it"


@pytest.mark.parametrize("place", ["keep_rejected", "shown_files", "_add", "_preview"])
def test_a_worker_that_wakes_in_a_check_that_was_made_and_confirmed_meanwhile_writes_nothing(
    importer: User, study: Study, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    imported(importer, study, DOUBTFUL)
    run, job = (one := started(importer, study, DOUBTED, check_only=True)), one.job
    assert job is not None
    step, kept = getattr(import_check, place), list[object]()

    def be_overtaken(*args: Any, **kwargs: Any) -> object:
        if not kept:
            kept.append(None)
            Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))
            assert run_job(job.pk)
            checked = ImportRun.objects.get(pk=run.pk)
            kept.append(_kept(run))
            finished(confirm_import(principal=principal_of(importer), user=importer, run=checked, reason="June"))
        return step(*args, **kwargs)

    monkeypatch.setattr(import_check, place, be_overtaken)
    run_job(job.pk)
    assert ImportRun.objects.get(pk=run.pk).state == ImportState.DONE
    assert kept == [None, _kept(run)]
    assert ChangeSet.objects.filter(subject__study=study).count() == 3


@pytest.mark.parametrize("broken", [False, True])
def test_a_row_that_waits_for_a_person_is_kept_once_for_check_and_import(
    importer: User, study: Study, broken: bool
) -> None:
    imported(importer, study, DOUBTFUL)
    run = imported(importer, study, DOUBTED, check_only=True)
    assert (doubts_of(run), run.preview["totals"]["ambiguous"]) == ([1, 2], 2)
    confirmed = confirm_import(principal=principal_of(importer), user=importer, run=run, reason="Cut of June")
    if broken:
        with _before_progress(1, _break):
            finished(confirmed)
        _tried_again(confirmed)
    run = finished(confirmed) if not broken else ImportRun.objects.get(pk=run.pk)
    assert (run.state, doubts_of(run), run.receipt["ambiguous"]) == (ImportState.DONE, [1, 2], 2)


def doubts_of(run: ImportRun) -> list[int]:
    """Rows that wait for a person."""
    return sorted(run.rejected_rows.filter(is_ambiguous=True).values_list("row", flat=True))


def _kept(run: ImportRun) -> tuple[list[str], list[str]]:
    """What a check has kept in lines and rows."""
    lines = sorted(f"{line} {line.details}" for line in run.lines.all())
    return lines, sorted(f"{row} {row.is_ambiguous}" for row in run.rejected_rows.all())


def test_the_files_of_a_dry_run_go_when_it_has_ended(manager: User, study: Study) -> None:
    run = imported(manager, study, FIRST, is_dry_run=True)
    assert run.state == ImportState.CHECKED
    assert not folder_of(run).exists()


@contextmanager
def _after_subjects(number: int, act: Callable[[], object]) -> Iterator[None]:
    """While open: does something in the middle of writing the subject of this number."""
    seen: list[SubjectChange] = []

    def count(change: SubjectChange) -> None:
        seen.append(change)
        if len(seen) == number:
            act()

    subject_changing.subscribe(count)
    try:
        yield
    finally:
        subject_changing._handlers.remove(count)


@contextmanager
def _every_subject_after(number: int, act: Callable[[], object]) -> Iterator[None]:
    """While open: does something in the middle of writing every subject after the first ones."""
    seen: list[SubjectChange] = []

    def count(change: SubjectChange) -> None:
        seen.append(change)
        if len(seen) > number:
            act()

    subject_changing.subscribe(count)
    try:
        yield
    finally:
        subject_changing._handlers.remove(count)


@contextmanager
def _before_progress(number: int, act: Callable[[], object]) -> Iterator[None]:
    """While open: does something between two subjects, before this many are said to be in."""
    progress, acted = JobRun.progress, []

    def count(self: JobRun, done: int, total: int, label: str) -> None:
        if done == number and not acted:
            acted.append(done)
            act()
        progress(self, done, total, label)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JobRun, "progress", count)
        yield


def _tried_again(run: ImportRun) -> ImportRun:
    """The run after the pause before its next try, and that try."""
    Job.objects.filter(pk=run.job_id).update(not_before=timezone.now())
    return finished(run)


def _break() -> None:
    raise ValueError("MARKER-VALUE")
