"""The job of an import run: read, check, write subject by subject, and give an account that adds up."""

from django.db import transaction

from apps.core.domain.errors import InvalidInputError, PlatformError
from apps.core.models import Job, JobState
from apps.core.services.leases import JobCancelledError, JobRun
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.models import ImportRun, ImportState, Study, Subject
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.import_check import check_package
from apps.studies.services.import_commit import commit_package
from apps.studies.services.import_receipts import close_run, tell_moved
from apps.studies.services.import_runs import COMMIT
from apps.studies.services.sources import forget_files, open_run

UNDER_WAY = (ImportState.CHECKING, ImportState.IMPORTING)
OVER = (ImportState.DONE, ImportState.CANCELLED, ImportState.REFUSED, ImportState.DISCARDED)


def run_import(job_run: JobRun) -> None:
    """Check or import the run that a job names; a run that lost its worker goes on where it was."""
    run = ImportRun.objects.select_related("study", "requested_by", "confirmed_by").get(pk=job_run.job.payload["run"])
    if run.state in OVER:
        return  # Its worker was lost between the end of the run and the end of the job.
    is_commit = job_run.job.payload["mode"] == COMMIT
    _begin(run, job_run, ImportState.IMPORTING if is_commit else ImportState.CHECKING)
    try:
        package = _read(run, job_run)
        if is_commit:
            commit_package(run, package, job_run)
        else:
            check_package(run, package, job_run)
    except JobCancelledError:
        _close(run, job_run, ImportState.CANCELLED)
        raise
    except PlatformError as error:
        # What may pass, such as a full disk, is tried again: the run stays under way until the job gives up.
        if error.is_lasting:
            _close(run, job_run, ImportState.REFUSED, error.detail)
        raise
    # Nobody can confirm a dry run; any other check keeps its files until a person decides.
    if run.is_dry_run:
        forget_files(run)


def fail_import(job: Job) -> None:
    """The job was given up: so is the run, in words, whatever was written stays."""
    run = ImportRun.objects.filter(pk=job.payload["run"], state__in=UNDER_WAY).first()
    if run is not None:
        close_run(run, ImportState.FAILED, f"The import was given up; subjects that are in stay. {job.error}")


def close_abandoned_runs() -> None:
    """Sweep: a run whose job has ended without it, or that never got one, does not stay under way for ever."""
    abandoned = ImportRun.objects.filter(state__in=UNDER_WAY).exclude(
        job__state__in=[JobState.QUEUED, JobState.RUNNING]
    )
    for run in abandoned.select_related("job"):
        is_cancelled = run.job is not None and run.job.state == JobState.CANCELLED
        error = run.job.error if run.job is not None else "The import never began. Start it again."
        close_run(run, *((ImportState.CANCELLED,) if is_cancelled else (ImportState.FAILED, error)))


def _begin(run: ImportRun, job_run: JobRun, state: ImportState) -> None:
    with transaction.atomic():
        job_run.fence()
        if run.state != state:
            tell_moved(run)
        # A run that was given up and is retried still has the error and the end of that time.
        run.state, run.error, run.finished_at = state, "", None
        run.save(update_fields=["state", "error", "finished_at"])


def _close(run: ImportRun, job_run: JobRun, state: ImportState, error: str = "") -> None:
    with transaction.atomic():
        job_run.fence()
        close_run(run, state, error)


def _read(run: ImportRun, job_run: JobRun) -> Package:
    job_run.progress(0, 0, "Reading the files")
    known = Subject.objects.filter(study=run.study).values_list("subject_id", flat=True)
    package = read_package(
        open_run(run),
        study_id=run.study.protocol_id or None,
        known_subjects=frozenset(known),
        writable=rules_of(run.study) if run.is_from_blinded else None,
        fallback_study_id=run.study.code,
        encoding=run.encoding or None,
    )
    if not package.names_study:
        return package
    # A check binds nothing: files of a wrong study that were only looked at would shut out the right ones.
    if run.study.protocol_id != package.study_id and job_run.job.payload["mode"] == COMMIT:
        _bind(run.study, package.study_id)
    return package


def _bind(study: Study, protocol_id: str) -> None:
    """The first import decides which STUDYID belongs to the study; a binding made meanwhile stands."""
    Study.objects.filter(pk=study.pk, protocol_id="").update(protocol_id=protocol_id)
    study.refresh_from_db(fields=["protocol_id"])
    if study.protocol_id != protocol_id:
        raise InvalidInputError(
            f"The files are of STUDYID {protocol_id!r}, but study {study.code} was bound to {study.protocol_id!r} "
            "meanwhile. Import them into their own study."
        )
