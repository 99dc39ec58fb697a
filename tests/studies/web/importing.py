"""Small files of one study, uploaded and run through the real services."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from apps.accounts.models import User
from apps.core.services.jobs import run_job
from apps.studies.models import ImportRun, Study
from apps.studies.selectors.access import principal_of
from apps.studies.services.import_runs import confirm_import, start_upload

Rows = Sequence[Mapping[str, Any]]


def csv_file(study: Study, domain: str, rows: Rows) -> SimpleUploadedFile:
    """A CSV file of one domain; STUDYID and DOMAIN are filled in."""
    full = [{"STUDYID": study.protocol_id, "DOMAIN": domain, **row} for row in rows]
    names = list(dict.fromkeys(name for row in full for name in row))
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names)
    writer.writeheader()
    writer.writerows(full)
    return SimpleUploadedFile(f"{domain.lower()}.csv", text.getvalue().encode())


def demographics(number: int, **values: Any) -> dict[str, Any]:
    """A DM row of subject 01-701-<number>."""
    subject_id = f"01-701-{number}"
    start = {"USUBJID": subject_id, "SUBJID": str(number), "SITEID": "701", "RFSTDTC": "2013-04-26"}
    return {**start, "SEX": "F", "AGE": 70, "DMDTC": "2013-04-11", "ARM": "MARKER-ARM", **values}


def event(number: int, term: str, **values: Any) -> dict[str, Any]:
    """An AE row of subject 01-701-<number>."""
    return {"USUBJID": f"01-701-{number}", "AESEQ": 1, "AESPID": "E1", "AETERM": term, "AEDECOD": term, **values}


def checked(user: User, study: Study, files: Sequence[SimpleUploadedFile], reason: str = "Transfer 1") -> ImportRun:
    """An import that was checked and waits to be confirmed."""
    run = start_upload(
        principal=principal_of(user), user=user, study=study, uploads=files, reason=reason, check_only=True
    )
    return finished(run)


def imported(user: User, study: Study, files: Sequence[SimpleUploadedFile], reason: str = "Transfer 1") -> ImportRun:
    """An import that was checked, confirmed and written."""
    run = checked(user, study, files, reason)
    return finished(confirm_import(principal=principal_of(user), user=user, run=run, reason=reason))


def finished(run: ImportRun) -> ImportRun:
    """The run after its job has ended."""
    assert run.job_id is not None
    with TestCase.captureOnCommitCallbacks(execute=True):
        run_job(run.job_id)
    run.refresh_from_db()
    return run
