"""What a page shows does not hang on the words of one sponsor: categories, visits, a subject without demographics."""

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.studies.models import Subject
from apps.studies.services.receiving import note_domains
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, SubjectFactory, write
from tests.twins.web.subjects import page_url, panel_url, reader, result
from tests.twins.web.test_as_recorded import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    found: Subject = SubjectFactory(site=SiteFactory(code="701"))
    return found


@pytest.fixture
def client(subject: Subject) -> Client:
    return reader(Role.MEDICAL_MONITOR, subject)[0]


def panel(client: Client, subject: Subject, name: str, query: str = "") -> str:
    return words(client.get(panel_url(subject, name, query)).content)


CALCIUM = {"LBTESTCD": "CA", "LBTEST": "Calcium", "LBSTRESU": "mmol/L"}


@pytest.mark.parametrize("category", ["BIOCHEMISTRY", "Clinical Chemistry", "LFT", None])
def test_key_tests_are_shown_in_whatever_category_they_were_put(
    client: Client, subject: Subject, category: str | None
) -> None:
    other = result(2.1, "2013-06-05", **CALCIUM, LBCAT=category)
    write(subject, ("DM", DEMOGRAPHICS), ("LB", result(30, "2013-06-05", LBCAT=category)), ("LB", other))
    shown = panel(client, subject, "laboratory")
    assert "1 of 2 tests" in shown
    assert "30 U/L" in shown
    assert "Calcium" not in shown


def test_of_a_subject_without_any_key_test_every_test_is_shown(client: Client, subject: Subject) -> None:
    write(subject, ("DM", DEMOGRAPHICS), ("LB", result(2.1, "2013-06-05", **CALCIUM, LBCAT="MINERALS")))
    shown = panel(client, subject, "laboratory")
    assert "Laboratory, minerals 1 of 1 tests" in shown
    assert "No laboratory result" not in shown


def test_a_key_test_of_blood_is_not_one_of_urine(client: Client, subject: Subject) -> None:
    creatinine = {"LBTESTCD": "CREAT", "LBTEST": "Creatinine", "LBSTRESU": "mmol/L"}
    urine = result(9, "2013-06-05", **creatinine, LBSPEC="URINE", LBCAT="CHEMISTRY")
    write(subject, ("DM", DEMOGRAPHICS), ("LB", result(30, "2013-06-05")), ("LB", urine))
    assert "Creatinine, urine" not in panel(client, subject, "laboratory")
    assert "Creatinine, urine" in panel(client, subject, "laboratory", "?lab=all")


def test_categories_with_key_tests_stand_before_the_others(client: Client, subject: Subject) -> None:
    haemoglobin = {"LBTESTCD": "HGB", "LBTEST": "Hemoglobin", "LBSTRESU": "g/L"}
    write(
        subject,
        ("DM", DEMOGRAPHICS),
        ("LB", result(2.1, "2013-06-05", **CALCIUM, LBCAT="A")),
        ("LB", result(130, "2013-06-05", **haemoglobin, LBCAT="B")),
        ("LB", result(30, "2013-06-05", LBCAT="C")),
    )
    shown = panel(client, subject, "laboratory", "?lab=all")
    assert shown.index("Laboratory, c ") < shown.index("Laboratory, b ") < shown.index("Laboratory, a ")


def test_a_subject_without_demographics_has_a_timeline_all_the_same(client: Client, subject: Subject) -> None:
    visit = {"VISITNUM": 4, "VISIT": "VISIT 4", "SVSTDTC": "2013-05-09"}
    write(subject, ("AE", SEIZURE), ("SV", visit), ("DS", {"DSDECOD": "DEATH", "DSSTDTC": "2013-08-01"}))
    shown = panel(client, subject, "timeline")
    assert "No visit, event or medication with a date" not in shown
    assert "V4" in shown
    assert "Study drug not in the data" in shown
    assert "day 1 is" not in shown


def test_lanes_of_what_never_came_say_so_and_nobody_is_said_to_go_on(client: Client, subject: Subject) -> None:
    write(subject, ("DM", DEMOGRAPHICS), ("MH", {"MHTERM": "GOUT", "MHDTC": "2013-04-11"}))
    shown = panel(client, subject, "timeline")
    assert "0 recorded" not in shown
    assert shown.count("not in the data") == 2 * 3, "visits, events and medications, wide and narrow"
    assert "ongoing" not in shown.partition("Key to the timeline")[0]
    note_domains(subject.study, {("AE", True), ("CM", True), ("SV", True), ("DS", True)})
    shown = panel(client, subject, "timeline")
    assert "not in the data" not in shown
    assert "0 recorded" in shown


@pytest.mark.parametrize(("received", "status"), [(False, "randomised"), (True, "ongoing")])
def test_who_is_in_the_study_is_known_where_it_is_known_who_left(
    client: Client, subject: Subject, *, received: bool, status: str
) -> None:
    write(subject, ("DM", {**DEMOGRAPHICS, "RFSTDTC": "2013-04-26"}))
    if received:
        note_domains(subject.study, {("DS", True)})
    assert f"{subject.subject_id} {status}" in words(client.get(page_url(subject)).content)
