"""Derived data that were lost are said to be absent, and are made again from the ledger as they were."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.operations.services.verifying import verify
from apps.studies.domain.changes import RecordChange
from apps.studies.models import Study, Subject
from apps.twins.domain.archive import unpack
from apps.twins.models import TwinSnapshot, TwinSummary
from apps.twins.services import rebuilding
from apps.twins.services.rebuilding import heal_lines
from tests.factories import StudyFactory, SubjectFactory, person, treated_subject, write

pytestmark = pytest.mark.django_db
DEATH = {"DTHFL": "Y", "DTHDTC": "2013-08-02"}


@pytest.fixture
def study() -> Study:
    """Two subjects with data, one of them dead and with snapshots, and one of whom nothing is known yet."""
    study: Study = StudyFactory(code="TRIAL")
    subject = treated_subject(study, subject_id="S-1")
    for number in range(26):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": ("POSSIBLE", "NONE")[number % 2]}))
    write(subject, ("DM", DEATH), ("EX", {"EXTRT": "MARKER-DRUG", "EXSTDTC": "2013-04-26"}))
    treated_subject(study, subject_id="S-2")
    SubjectFactory(site=subject.site, subject_id="S-3")
    return study


def kept() -> tuple[list[object], list[object]]:
    """Everything that is derived; PostgreSQL gives values back in another order of their names."""
    snapshots = TwinSnapshot.objects.order_by("subject", "audience", "version")
    columns = ("subject", "audience", "version", "fold_version", "payload")
    return (
        list(TwinSummary.objects.order_by("pk").values()),
        [(*row[:4], sorted(map(str, map(_plain, unpack(bytes(row[4])))))) for row in snapshots.values_list(*columns)],
    )


def _plain(change: RecordChange) -> tuple[object, ...]:
    return change.record_id, change.domain, sorted(change.values.items()), change.target


def forget() -> None:
    """As after `migrate twins zero` and forward."""
    TwinSummary.objects.all().delete()
    TwinSnapshot.objects.all().delete()


def page(study: Study, path: str) -> str:
    client = Client()
    client.force_login(person(Role.MEDICAL_MONITOR, study))
    return " ".join(client.get(path).content.decode().split())


def test_everything_derived_is_made_again_as_it_was(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept()
    assert len(before[0]) == 2
    assert len(before[1]) == 2
    forget()
    call_command("rebuild_twins")
    assert kept() == before
    assert "Rebuilt 2 of 2 subjects." in capsys.readouterr().out
    assert verify(tell=pytest.fail, progress=lambda *_: None).broken_count == 0


def test_it_goes_on_where_it_was_stopped(study: Study, capsys: pytest.CaptureFixture[str]) -> None:
    before = kept()
    TwinSummary.objects.filter(subject__subject_id="S-2").delete()
    TwinSummary.objects.filter(subject__subject_id="S-1").update(is_dead=False)
    call_command("rebuild_twins")
    assert "Rebuilt 1 of 1 subjects." in capsys.readouterr().out
    assert not TwinSummary.objects.get(subject__subject_id="S-1").is_dead
    call_command("rebuild_twins", "--all", "--from", "S-2")
    assert not TwinSummary.objects.get(subject__subject_id="S-1").is_dead
    call_command("rebuild_twins", "--all", "--study", "TRIAL")
    assert kept() == before


def test_a_study_that_is_locked_is_rebuilt_too(study: Study) -> None:
    forget()
    Study.objects.update(state="locked")
    call_command("rebuild_twins")
    assert TwinSummary.objects.count() == 2


def test_an_unknown_study_is_said_so() -> None:
    with pytest.raises(CommandError, match="no study NOWHERE"):
        call_command("rebuild_twins", "--study", "NOWHERE")


@pytest.mark.parametrize("path", ["/", "/studies/TRIAL/", "/studies/TRIAL/subjects/"])
def test_a_page_knows_that_its_derived_data_are_absent(study: Study, path: str) -> None:
    assert "missing-lines" not in page(study, path)
    forget()
    assert "The summaries of 2 subjects are missing" in page(study, path)
    call_command("rebuild_twins")
    assert "missing-lines" not in page(study, path)


def test_totals_do_not_count_the_absent_as_in_screening(study: Study) -> None:
    forget()
    assert "3 screened = 0 screen failures + 1 in screening + 0 randomised + 2 whose summary is missing." in page(
        study, "/studies/TRIAL/"
    )


def test_a_row_does_not_say_nought_for_what_is_absent(study: Study) -> None:
    forget()
    shown = page(study, "/studies/TRIAL/subjects/?search=S-1")
    assert "summary missing" in shown
    assert "0 subjects checked" not in page(study, "/")
    assert "1 subjects checked" in page(study, "/")


def test_the_api_does_not_pass_absence_off_as_a_state(study: Study) -> None:
    client = APIClient()
    client.force_authenticate(person(Role.MEDICAL_MONITOR, study))

    def states() -> dict[str, str]:
        found = client.get("/api/v1/studies/TRIAL/subjects/").json()["results"]
        return {line["subject_id"]: line["status"] for line in found}

    assert states() == {"S-1": "died", "S-2": "ongoing", "S-3": ""}
    forget()
    assert states() == {"S-1": "unknown", "S-2": "unknown", "S-3": ""}


def test_a_blinded_reader_is_told_the_same_number(study: Study) -> None:
    """A subject of whom only treatment is known has a line like any other."""
    hidden: Subject = SubjectFactory(site=study.sites.first(), subject_id="S-4")
    write(hidden, ("EX", {"EXTRT": "MARKER-DRUG", "EXSTDTC": "2013-04-26"}))
    assert "missing-lines" not in page(study, "/studies/TRIAL/")


def test_lines_of_an_earlier_definition_are_said_to_be_absent_and_summed_up_again(
    study: Study, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After an upgrade a list must not show what an earlier definition made of the data."""
    before = {line.subject_id: line.is_dead for line in TwinSummary.objects.all()}
    TwinSummary.objects.update(definition_version=1, is_dead=False, status="ongoing")
    monkeypatch.setattr(rebuilding, "MOST_HEALED", 1)
    client = Client()
    client.force_login(person(Role.CRA, study), backend="django.contrib.auth.backends.ModelBackend")
    assert "2 subjects" in client.get("/").content.decode()
    heal_lines()
    assert TwinSummary.objects.filter(definition_version=1).count() == 1
    heal_lines()
    heal_lines()
    assert {line.subject_id: line.is_dead for line in TwinSummary.objects.all()} == before
    assert not TwinSummary.objects.filter(definition_version=1).exists()
