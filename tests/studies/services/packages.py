"""Small packages of CSV files, taken in through the doors and the job that the portal uses."""

import csv
import io
from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from apps.accounts.models import User
from apps.core.services.jobs import run_job
from apps.studies.models import ImportRun, Study
from apps.studies.selectors.access import principal_of
from apps.studies.services.import_runs import start_upload

Row = Mapping[str, Any]
Package = Mapping[str, list[Row]]


def dm(number: int, **values: Any) -> Row:
    """Demographics of subject 01-701-<number>."""
    start = {"USUBJID": f"01-701-{number}", "SUBJID": str(number), "SITEID": "701", "COUNTRY": "USA"}
    return {**start, "RFSTDTC": "2013-04-26", "DMDTC": "2013-04-11", "SEX": "F", "AGE": 70, **values}


def ae(number: int, sponsor_id: str, term: str, **values: Any) -> Row:
    """One event of subject 01-701-<number>."""
    start = {"USUBJID": f"01-701-{number}", "AESPID": sponsor_id, "AETERM": term, "AEDECOD": term}
    return {**start, "AESEQ": int(sponsor_id[1:]), "AESTDTC": "2013-06-02", "AEDTC": "2013-06-05", **values}


def ex(number: int, dose: int) -> Row:
    """One dosing interval of subject 01-701-<number>; hidden from blinded readers."""
    start = {"USUBJID": f"01-701-{number}", "EXSEQ": 1, "EXTRT": "MARKER-DRUG", "EXDOSE": dose}
    return {**start, "EXSTDTC": "2013-04-26", "VISITNUM": 3}


def files_of(package: Package, study_id: str = "S1") -> list[SimpleUploadedFile]:
    """One CSV file per domain, named after it."""
    return [
        SimpleUploadedFile(f"{domain.lower()}.csv", _csv(domain, rows, study_id)) for domain, rows in package.items()
    ]


def _csv(domain: str, rows: list[Row], study_id: str) -> bytes:
    full = [{"STUDYID": study_id, "DOMAIN": domain, **row} for row in rows]
    names = list(dict.fromkeys(name for row in full for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(full)
    return text.getvalue().encode()


def started(user: User, study: Study, package: Package, *, study_id: str = "S1", **options: Any) -> ImportRun:
    """An import that waits for a worker."""
    return start_upload(
        principal=principal_of(user),
        user=user,
        study=study,
        uploads=files_of(package, study_id),
        reason="Transfer of June",
        **options,
    )


def imported(user: User, study: Study, package: Package, *, study_id: str = "S1", **options: Any) -> ImportRun:
    """An import after its job has ended."""
    return finished(started(user, study, package, study_id=study_id, **options))


def finished(run: ImportRun) -> ImportRun:
    """The run after a worker took its job to the end."""
    assert run.job is not None
    with TestCase.captureOnCommitCallbacks(execute=True):
        run_job(run.job.pk)
    return ImportRun.objects.select_related("study", "job").get(pk=run.pk)
