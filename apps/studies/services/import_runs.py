"""Starts, cancels and discards import runs; page, API and command all come through here."""

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, InvalidInputError
from apps.core.models import JobState
from apps.core.services.jobs import enqueue, request_cancel
from apps.studies.domain.principal import Principal
from apps.studies.domain.readers.encodings import NAMED
from apps.studies.models import CheckedLine, ImportRun, ImportState, Study
from apps.studies.selectors.access import require, require_active
from apps.studies.selectors.records import record_reader
from apps.studies.services.import_receipts import close_run, tell_moved
from apps.studies.services.sources import PACKAGED, forget_files, keep_path, keep_uploads, kept_for
from apps.studies.services.upload_names import require_short_names

CHECK, COMMIT = "check", "commit"


def start_upload(  # noqa: PLR0913 - what a form of an import asks
    *,
    principal: Principal,
    user: User,
    study: Study,
    uploads: "Iterable[UploadedFile[Any]]",
    reason: str = "",
    is_dry_run: bool = False,
    check_only: bool = False,
    encoding: str = "",
) -> ImportRun:
    """Take uploaded files and check them; without `check_only` they are imported next.

    *encoding* is that of text which is not UTF-8 (`readers/encodings.py`); empty lets the portal find out. Raises
    NotAllowedError without the right or in a study that takes no changes, InvalidInputError without files.
    """
    require(principal, Permission.IMPORT_DATA, study)
    require_active(study)
    files = list(uploads)
    if not files:
        raise InvalidInputError("No file was sent. Choose the files of one data cut: XPT, Parquet, CSV or a zip.")
    require_short_names(file.name for file in files)
    names = ", ".join(file.name or "" for file in files)
    # Kept with the run, because the import must go on in this projection whatever is granted meanwhile.
    is_blinded = record_reader(principal, study).is_blinded
    run = _new_run(study, names[:500], user, reason, is_dry_run=is_dry_run, is_from_blinded=is_blinded)
    run.encoding = _known_encoding(encoding)
    with kept_for(run.pk) as folder:
        keep_uploads(folder, files)
        return _make(run, CHECK if check_only or is_dry_run else COMMIT)


def start_from_path(
    *, study: Study, source: str, reason: str, is_dry_run: bool, user: User | None = None, encoding: str = ""
) -> ImportRun:
    """Import a folder, zip, file or packaged study on behalf of the operator of the machine."""
    require_active(study)
    run = _new_run(study, source, user, reason, is_dry_run=is_dry_run)
    run.is_packaged = source.startswith(PACKAGED)
    run.encoding = _known_encoding(encoding)
    with kept_for(run.pk) as folder:
        keep_path(folder, source)
        return _make(run, CHECK if is_dry_run else COMMIT)


def confirm_import(*, principal: Principal, user: User, run: ImportRun, reason: str) -> ImportRun:
    """Import what was checked, in the name of who confirms it.

    Raises ConflictError unless a check is waiting, InvalidInputError without a reason.
    """
    require(principal, Permission.IMPORT_DATA, run.study)
    require_active(run.study)
    if not reason.strip():
        raise InvalidInputError("Give the reason for this import; it is kept in the audit trail.")
    # By who gives the reason: the person who confirms may know more than the one who sent the files.
    is_reason_open = record_reader(principal, run.study).is_blinded
    with transaction.atomic():
        # The condition is in the statement that moves the run, so that of two people at once one is refused.
        moved = ImportRun.objects.filter(pk=run.pk, state=ImportState.CHECKED, is_dry_run=False).update(
            reason=reason.strip(), is_reason_open=is_reason_open, confirmed_by=user, state=ImportState.IMPORTING
        )
        if not moved:
            raise ConflictError("This import is not waiting to be confirmed. Open it again to see how it stands.")
        run.refresh_from_db()
        tell_moved(run)
        return _queue(run, COMMIT)


def cancel_import(*, principal: Principal, run: ImportRun) -> None:
    """Stop a running import at the next whole subject; what is in stays and the receipt names it."""
    require(principal, Permission.IMPORT_DATA, run.study)
    if run.job is None or run.state not in {ImportState.CHECKING, ImportState.IMPORTING}:
        raise ConflictError("This import is not running.")
    request_cancel(run.job)
    run.job.refresh_from_db(fields=["state"])
    if run.job.state == JobState.CANCELLED:
        # No worker had begun; nobody else will end the run.
        close_run(run, ImportState.CANCELLED)


def discard_import(*, principal: Principal, run: ImportRun) -> None:
    """Put a checked import aside: nothing was written, its files are removed."""
    require(principal, Permission.IMPORT_DATA, run.study)
    if not ImportRun.objects.filter(pk=run.pk, state=ImportState.CHECKED).update(
        state=ImportState.DISCARDED, finished_at=timezone.now()
    ):
        raise ConflictError("Only an import that is waiting to be confirmed can be discarded.")
    CheckedLine.objects.filter(run=run).delete()
    forget_files(run)
    tell_moved(run)


def _known_encoding(encoding: str) -> str:
    if encoding and encoding not in NAMED:
        raise InvalidInputError(f"Got the encoding {encoding[:20]!r}, expected one of {', '.join(NAMED)}.")
    return encoding


def _new_run(
    study: Study, source: str, user: User | None, reason: str, *, is_dry_run: bool, is_from_blinded: bool = False
) -> ImportRun:
    return ImportRun(
        study=study,
        source=source,
        reason=reason or "Data cut imported",
        requested_by=user,
        is_from_blinded=is_from_blinded,
        # The product's own words tell nothing, nor do those of somebody who knows nothing.
        is_reason_open=is_from_blinded or not reason,
        is_dry_run=is_dry_run,
    )


def _make(run: ImportRun, mode: str) -> ImportRun:
    """The run and its job in one transaction, once its files are there: all of them or none."""
    with transaction.atomic():
        # Runs are numbered without a gap: two uploads at once would count the same and one would fail.
        Study.objects.select_for_update().get(pk=run.study_id)
        run.number = ImportRun.objects.filter(study_id=run.study_id).count() + 1
        run.save(force_insert=True)
        tell_moved(run)
        return _queue(run, mode)


def _queue(run: ImportRun, mode: str) -> ImportRun:
    """Imports into one study run one after the other; checks of it write nothing and need not wait."""
    code, by = run.study.code, run.decided_by
    run.job = enqueue(
        kind="import",
        payload={"run": str(run.pk), "mode": mode},
        requested_by_id=by.pk if by else None,
        key=f"{run.pk}:{mode}",
        scope=code,
        lane=f"import {code}" if mode == COMMIT else "",
    )
    run.save(update_fields=["job"])
    return run
