"""The job of an import run: read, check, write subject by subject, and give an account that adds up."""

from apps.core.domain.errors import PlatformError
from apps.core.services.jobs import JobCancelledError, JobRun
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.models import ImportRun, ImportState, Study, Subject
from apps.studies.selectors.blinding import rules_of
from apps.studies.services.import_check import check_package
from apps.studies.services.import_commit import commit_package
from apps.studies.services.import_receipts import close_run
from apps.studies.services.import_runs import COMMIT
from apps.studies.services.sources import open_run


def run_import(job_run: JobRun) -> None:
    """Check or import the run that a job names; a run that lost its worker goes on where it was."""
    run = ImportRun.objects.select_related("study", "requested_by").get(pk=job_run.job.payload["run"])
    is_commit = job_run.job.payload["mode"] == COMMIT
    run.state = ImportState.IMPORTING if is_commit else ImportState.CHECKING
    run.save(update_fields=["state"])
    try:
        package = _read(run, job_run)
        if is_commit:
            commit_package(run, package, job_run)
        else:
            check_package(run, package, job_run)
    except JobCancelledError:
        close_run(run, ImportState.CANCELLED)
        raise
    except PlatformError as error:
        close_run(run, ImportState.REFUSED, error.detail)
        raise
    except Exception:
        close_run(run, ImportState.FAILED, "The import ended unexpectedly. Subjects that are in stay; start it again.")
        raise


def _read(run: ImportRun, job_run: JobRun) -> Package:
    job_run.progress(0, 0, "Reading the files")
    known = Subject.objects.filter(study=run.study).values_list("subject_id", flat=True)
    package = read_package(
        open_run(run),
        study_id=run.study.protocol_id or None,
        known_subjects=frozenset(known),
        writable=rules_of(run.study) if run.is_open else None,
    )
    if run.study.protocol_id != package.study_id and job_run.job.payload["mode"] == COMMIT:
        Study.objects.filter(pk=run.study_id, protocol_id="").update(protocol_id=package.study_id)
        run.study.protocol_id = package.study_id
    return package
