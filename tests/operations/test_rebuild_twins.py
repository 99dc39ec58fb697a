"""Derived data that were lost are said to be absent, and are made again from the ledger as they were."""

import re
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.operations.selectors.laboratory import laboratory_signals
from apps.operations.services.verifying import verify
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import RecordChange
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.receiving import note_domains
from apps.twins.domain.archive import unpack
from apps.twins.domain.facts import DEFINITION_VERSION
from apps.twins.domain.twin import Twin
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


def outdate() -> None:
    """As after an upgrade, until the watch has been there: what an earlier definition made of the data."""
    TwinSummary.objects.update(
        definition_version=DEFINITION_VERSION - 1, status="died", is_dead=True, age=33, age_years=33, event_count=77,
        serious_count=66, serious_by_flag=True, is_discontinued_for_ae=True, words="OLDWORD", last_visit="OLD VISIT",
        has_transaminase_over_3_uln=True, meets_liver_criteria=True, reference_on="2001-01-01",
    )  # fmt: skip


absences = pytest.mark.parametrize("make_absent", [forget, outdate])


@absences
@pytest.mark.parametrize("path", ["/", "/studies/TRIAL/", "/studies/TRIAL/subjects/"])
def test_a_page_knows_that_its_derived_data_are_absent(
    study: Study, path: str, make_absent: Callable[[], None]
) -> None:
    assert "missing-lines" not in page(study, path)
    make_absent()
    assert "The summaries of 2 subjects are missing" in page(study, path)
    call_command("rebuild_twins")
    assert "missing-lines" not in page(study, path)


@absences
def test_totals_do_not_count_the_absent_as_in_screening(study: Study, make_absent: Callable[[], None]) -> None:
    make_absent()
    shown = page(study, "/studies/TRIAL/")
    assert "3 screened = 0 screen failures + 1 in screening + 0 randomised + 2 whose summary is missing." in shown
    assert not {"66", "77", "132", "154"} & set(re.findall(r"\d+", re.sub(r"<[^>]*>", " ", shown)))


QUICK = ["serious", "discontinued", "died", "liver", "hys-law"]


@absences
@pytest.mark.parametrize("query", [*(f"quick={key}" for key in QUICK), "search=oldword", "status=died"])
def test_no_filter_finds_what_an_earlier_definition_said(
    study: Study, query: str, make_absent: Callable[[], None]
) -> None:
    make_absent()
    assert "0 of 3 subjects" in page(study, f"/studies/TRIAL/subjects/?{query}")


def test_no_signal_is_counted_by_an_earlier_definition(study: Study) -> None:
    outdate()
    signals = laboratory_signals(principal_of(person(Role.MEDICAL_MONITOR, study)), study)
    assert (signals.count, signals.criteria, signals.checked) == (0, (), 1)


@pytest.mark.parametrize("sort", ["age", "-age", "events", "-events", "status", "-serious"])
def test_what_is_absent_stands_last_in_every_order(study: Study, sort: str) -> None:
    outdate()
    call_command("rebuild_twins", "--all", "--from", "S-2")
    shown = page(study, f"/studies/TRIAL/subjects/?sort={sort}")
    assert shown.index("S-2") < shown.index("S-1")


@absences
def test_a_row_does_not_say_nought_for_what_is_absent(study: Study, make_absent: Callable[[], None]) -> None:
    make_absent()
    note_domains(study, {("LB", True)})
    shown = page(study, "/studies/TRIAL/subjects/?search=S-1")
    assert "summary missing" in shown
    assert "Old visit" not in shown
    assert "0 subjects checked" not in page(study, "/")
    assert "1 subjects checked" in page(study, "/")


@absences
def test_the_api_does_not_pass_absence_off_as_a_state(study: Study, make_absent: Callable[[], None]) -> None:
    client = APIClient()
    client.force_authenticate(person(Role.MEDICAL_MONITOR, study))

    def states() -> dict[str, str]:
        found = client.get("/api/v1/studies/TRIAL/subjects/").json()["results"]
        return {line["subject_id"]: line["status"] for line in found}

    assert states() == {"S-1": "died", "S-2": "ongoing", "S-3": ""}
    make_absent()
    assert states() == {"S-1": "unknown", "S-2": "unknown", "S-3": ""}


def test_a_blinded_reader_is_told_the_same_number(study: Study) -> None:
    """A subject of whom only treatment is known has a line like any other."""
    hidden: Subject = SubjectFactory(site=study.sites.first(), subject_id="S-4")
    write(hidden, ("EX", {"EXTRT": "MARKER-DRUG", "EXSTDTC": "2013-04-26"}))
    assert "missing-lines" not in page(study, "/studies/TRIAL/")


def test_a_subject_that_cannot_be_summed_up_keeps_no_other_from_it(
    study: Study, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(rebuilding, "MOST_HEALED", 1)
    broken = Subject.objects.get(subject_id="S-1")
    load = rebuilding.load_twin

    def failing(subject: Subject, audience: Audience, version: int) -> Twin:
        if subject == broken:
            raise ValueError("MARKER-DRUG cannot be read")
        return load(subject, audience, version)

    monkeypatch.setattr(rebuilding, "load_twin", failing)
    forget()
    heal_lines()
    assert [line.subject.subject_id for line in TwinSummary.objects.all()] == ["S-2"]
    assert f"line_not_healed subject={broken.pk} error=ValueError" in caplog.text
    assert "MARKER" not in caplog.text
    assert "S-1" not in caplog.text


def test_trouble_of_the_database_ends_the_round(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every other subject would meet it too, and the watch tells of it."""

    def gone(*_: object) -> Twin:
        raise OperationalError("gone")

    monkeypatch.setattr(rebuilding, "load_twin", gone)
    forget()
    with pytest.raises(OperationalError):
        heal_lines()


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
