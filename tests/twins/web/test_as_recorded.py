"""Dates and ages are told as they were recorded, on every page: no day is made up, no unit taken for another."""

import re
from datetime import date
from typing import Any

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.operations.selectors.overview import subject_lines as lines_of_totals
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import principal_of
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.summary import summarise
from apps.twins.domain.twin import Twin
from tests.factories import StudyFactory, person, treated_subject, write
from tests.twins.web.subjects import page_url, panel_url, reader

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    return found


def words(markup: bytes) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup.decode()).split())


def head(subject: Subject) -> str:
    client, _ = reader(Role.MEDICAL_MONITOR, subject)
    return words(client.get(page_url(subject)).content)


def listed(study: Study, query: str = "") -> str:
    client = Client()
    client.force_login(person(Role.MEDICAL_MONITOR, study))
    return words(client.get(f"/studies/{study.code}/subjects/{query}").content)


def twin_of(*records: tuple[str, dict[str, Any]]) -> Twin:
    changes = (
        RecordChange(Operation.INSERT, f"{domain}/{number}", domain, values)
        for number, (domain, values) in enumerate(records)
    )
    return DigitalTwinFactory().build("S-1", changes)


def left(on: str | None) -> tuple[str, dict[str, Any]]:
    return "DS", {"DSTERM": "X", "DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": on}


def visit(number: float, name: str, on: str | None) -> tuple[str, dict[str, Any]]:
    return "SV", {"VISITNUM": number, "VISIT": name, "SVSTDTC": on}


DATES = {
    "2013": "2013",
    "2013-06": "Jun 2013",
    "2013-06-02": "02 Jun 2013",
    "2013-06-02T08:40": "02 Jun 2013",
}


@pytest.mark.parametrize("on", DATES)
def test_no_day_is_made_up_for_a_death(study: Study, on: str) -> None:
    subject = treated_subject(study)
    write(subject, ("DM", {"DTHFL": "Y", "DTHDTC": on}))
    assert f"died {DATES[on]} " in head(subject)


@pytest.mark.parametrize("on", DATES)
def test_no_day_is_made_up_for_who_left_or_for_a_visit(study: Study, on: str) -> None:
    subject = treated_subject(study)
    write(subject, left(on), visit(4, "WEEK 2", on))
    shown = head(subject)
    assert f"discontinued {DATES[on]} " in shown
    assert f"Week 2 {DATES[on]} " in shown
    assert f"Week 2, {DATES[on]} " in listed(study)
    assert "01 Jan" not in shown + listed(study)


@pytest.mark.parametrize(
    ("on", "month"), [("2013", None), ("2013-06", date(2013, 6, 1)), ("2013-06-20", date(2013, 6, 20))]
)
def test_a_start_of_which_the_year_alone_is_known_is_in_no_month_of_enrolment(
    study: Study, on: str, month: date | None
) -> None:
    write(treated_subject(study), ("DM", {"RFSTDTC": on}))
    (line,) = lines_of_totals(principal_of(person(Role.MEDICAL_MONITOR, study)), study)
    assert (line.reference_on, line.is_randomised) == (month, True)


def test_partial_dates_of_visits_stand_in_their_order(study: Study) -> None:
    for name, on in (("S-1", "2013-07"), ("S-2", "2012"), ("S-3", None), ("S-4", "2013-06-30T10:00")):
        write(treated_subject(study, subject_id=name), visit(4, "WEEK 2", on))
    shown = listed(study, "?sort=visit")
    assert sorted(("S-1", "S-2", "S-3", "S-4"), key=shown.index) == ["S-2", "S-4", "S-1", "S-3"]
    shown = listed(study, "?sort=-visit")
    assert sorted(("S-1", "S-2", "S-3", "S-4"), key=shown.index) == ["S-1", "S-4", "S-2", "S-3"]


AGES = [
    (69, "YEARS", "69 years", "69 F"),
    (1, "YEARS", "1 year,", "1 F"),
    (0, "YEARS", "0 years", "0 F"),
    (2.5, "YEARS", "2.5 years", "2.5 F"),
    (7, "MONTHS", "7 months", "7 months F"),
    (1, "MONTHS", "1 month,", "1 month F"),
    (0, "MONTHS", "0 months", "0 months F"),
    (3, "WEEKS", "3 weeks", "3 weeks F"),
    (12, "DAYS", "12 days", "12 days F"),
    (30, "HOURS", "30 hours", "30 hours F"),
    (7, "DECADE", "7 decades", "7 decades F"),
    (7, "Month", "7 months", "7 months F"),
    (4, "FORTNIGHTS", "4 FORTNIGHTS", "4 FORTNIGHTS F"),
    (69, None, "69 years", "69 F"),
]


@pytest.mark.parametrize(("age", "unit", "told", "in_list"), AGES)
def test_an_age_is_told_in_the_unit_it_was_recorded_in(
    study: Study, age: float, unit: str | None, told: str, in_list: str
) -> None:
    subject = treated_subject(study)
    write(subject, ("DM", {"AGE": age, "AGEU": unit}))
    assert told in head(subject)
    assert f" {in_list} " in listed(study)


def test_ages_in_different_units_stand_in_one_order(study: Study) -> None:
    for name, age, unit in (("S-1", 2, "YEARS"), ("S-2", 7, "MONTHS"), ("S-3", 4, "FORTNIGHTS"), ("S-4", 30, "DAYS")):
        write(treated_subject(study, subject_id=name), ("DM", {"AGE": age, "AGEU": unit}))
    shown = listed(study, "?sort=age")
    assert sorted(("S-1", "S-2", "S-3", "S-4"), key=shown.index) == ["S-4", "S-2", "S-1", "S-3"]


@pytest.mark.parametrize("age", [-1, 2_000_000])
def test_an_age_that_nobody_can_have_is_not_told(study: Study, age: int) -> None:
    """As databases may hold that are older than the limits of what is written."""
    summary = summarise(twin_of(("DM", {"AGE": age, "AGEU": "YEARS", "SEX": "F"})))
    assert (summary.age, summary.age_unit, summary.age_years) == (None, "", None)


UNDATED = [
    [visit(4, "WEEK 2", "2013-05-09"), visit(5, "WEEK 4", None)],
    [visit(5, "WEEK 4", None), visit(4, "WEEK 2", "2013-05-09")],
    [visit(4, "WEEK 2", "2013-05-09"), visit(3, "BASELINE", "2013-05"), visit(9, "FOLLOW-UP", None)],
    [visit(4, "WEEK 2", "2013-05-09T11:00"), visit(3, "BASELINE", "2013-05-09T10:00")],
]


@pytest.mark.parametrize("visits", UNDATED)
def test_head_and_list_name_one_last_visit(study: Study, visits: list[tuple[str, dict[str, Any]]]) -> None:
    """A visit that is planned and not dated has not been."""
    subject = treated_subject(study)
    write(subject, *visits)
    assert "Last visit Week 2 09 May 2013" in head(subject)
    assert "Week 2, 09 May 2013" in listed(study)


@pytest.mark.parametrize("on", [None, "2013-05-09"])
# Ids of records come of the subject's: whichever of two rows has the greater one, the number decides.
@pytest.mark.parametrize("name", ["S-1", "S-2", "S-3", "S-4", "S-5", "S-6"])
def test_of_visits_on_one_date_or_none_the_last_by_number_is_named(study: Study, name: str, on: str | None) -> None:
    subject = treated_subject(study, subject_id=name)
    write(subject, visit(4, "WEEK 2", on), visit(5, "WEEK 4", on))
    assert "Last visit Week 4" in head(subject)
    assert f" Week 4{', 09 May 2013' if on else ' '}" in listed(study)


ENDS = [
    ({}, "end not recorded"),
    ({"CMENRF": "AFTER"}, "ongoing"),
    ({"CMENRTPT": "ONGOING", "CMENTPT": "END OF STUDY"}, "ongoing"),
    ({"CMENRTPT": "UNKNOWN"}, "end not recorded"),
    ({"CMENDTC": "2013-05"}, "May 2013"),
]


@pytest.mark.parametrize(("values", "expected"), ENDS)
def test_a_medication_goes_on_only_where_the_record_says_so(
    study: Study, values: dict[str, Any], expected: str
) -> None:
    subject = treated_subject(study)
    write(subject, ("CM", {"CMSPID": "1", "CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-02", **values}))
    client, _ = reader(Role.MEDICAL_MONITOR, subject)
    shown = words(client.get(panel_url(subject, "medications")).content)
    assert f"02 May 2013 {expected}" in shown
