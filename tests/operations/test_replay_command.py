"""`replay_study`: returns when everything that was held back is in, or says why not."""

import io
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from apps.core.models import Job
from apps.core.services.jobs import JobRun
from apps.studies.domain.readers.package import read_package
from apps.studies.domain.readers.source import open_source_spec
from apps.studies.models import HeldBack, ImportRun, Study, StudyState, Subject
from apps.studies.services.import_commit import commit_package
from tests.factories import StudyFactory
from tests.studies.services.packages import ae, dm, files_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def study(tmp_path: Path) -> Study:
    """A study of which one subject is known up to a day."""
    source = tmp_path / "cut"
    source.mkdir()
    for file in files_of({"DM": [dm(1)], "AE": [ae(1, "E1", "RASH"), ae(1, "E2", "GOUT", AEDTC="2013-07-01")]}):
        (source / str(file.name)).write_bytes(file.read())
    found: Study = StudyFactory(code="HELD", protocol_id="S1")
    run = ImportRun.objects.create(study=found, number=1, source=str(source), reason="First load")
    package, until = read_package(open_source_spec(str(source))), date(2013, 6, 1)
    commit_package(run, package, JobRun(Job.objects.create(kind="import")), known_until={"01-701-1": until})
    HeldBack.objects.create(subject=Subject.objects.get(), source=str(source), known_until=until)
    return found


@pytest.mark.parametrize("speed", [("--all",), ("--speed", "1000")])
def test_it_returns_when_everything_is_in(study: Study, speed: tuple[str, ...]) -> None:
    out = io.StringIO()
    call_command("replay_study", study.code, *speed, stdout=out)
    assert "Everything that was held back is in." in out.getvalue()
    assert not HeldBack.objects.exists()
    assert Subject.objects.get().records.filter(domain="AE").count() == 2


def test_a_complete_study_says_so(study: Study) -> None:
    HeldBack.objects.all().delete()
    with pytest.raises(CommandError, match="complete"):
        call_command("replay_study", study.code)


def test_a_study_that_is_not_there_or_locked_is_an_error(study: Study) -> None:
    with pytest.raises(CommandError, match="no study NOTHING"):
        call_command("replay_study", "NOTHING")
    Study.objects.update(state=StudyState.LOCKED)
    with pytest.raises(CommandError, match="locked"):
        call_command("replay_study", study.code)


def test_a_speed_must_be_above_0(study: Study) -> None:
    with pytest.raises(CommandError, match="above 0"):
        call_command("replay_study", study.code, "--speed", "0")


def test_a_replay_that_fails_is_an_error_of_the_command(study: Study) -> None:
    HeldBack.objects.update(source="/nowhere/at/all")
    with pytest.raises(CommandError, match=r"\S"):
        call_command("replay_study", study.code, "--all")
    assert HeldBack.objects.exists()
