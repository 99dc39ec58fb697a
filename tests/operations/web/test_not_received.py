"""Counts of what a study never received are not 0: study, subjects and home say what is not in the data."""

import pytest

from apps.accounts.domain.roles import Role
from apps.studies.services.receiving import note_domains
from tests.factories import DEMOGRAPHICS, SubjectFactory, person, write
from tests.operations.web.reading import text_of

PAGES = ["/", "/studies/TRIAL/", "/studies/TRIAL/subjects/"]


@pytest.fixture
def physician(study):
    return person(Role.SAFETY_PHYSICIAN, study)


@pytest.fixture
def demographics_only(site, integrator):
    write(SubjectFactory(site=site, subject_id="01-701-1"), ("DM", DEMOGRAPHICS), user=integrator)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_counts_names_what_the_study_never_received(page, study, demographics_only, physician, signed_in):
    named = "Not in the data of this study: adverse events (AE), how participation ended (DS), laboratory results (LB)"
    assert named in text_of(signed_in(physician).get(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_page_of_counts_says_nothing_where_all_of_it_came(page, study, demographics_only, physician, signed_in):
    note_domains(study, {("AE", True), ("DS", True), ("LB", True)})
    assert "Not in the data" not in text_of(signed_in(physician).get(page))


@pytest.mark.parametrize("page", PAGES)
def test_a_study_without_any_data_misses_nothing_in_particular(page, study, physician, signed_in):
    assert "Not in the data" not in text_of(signed_in(physician).get(page))


def test_totals_and_sites_show_no_number_of_it(study, demographics_only, physician, signed_in):
    text = text_of(signed_in(physician).get("/studies/TRIAL/"))
    for name in ("Ongoing", "Completed", "Discontinued", "Subjects with a serious event"):
        assert f"{name} not in the data" in text
    assert "randomised = " not in text.replace("1 randomised.", "")
    assert "All 1 1 not in the data not in the data not in the data not in the data not in the data" in text


def test_totals_are_numbers_where_it_came(study, demographics_only, physician, signed_in):
    note_domains(study, {("AE", True), ("DS", True), ("LB", True)})
    text = text_of(signed_in(physician).get("/studies/TRIAL/"))
    assert "Completed 0 Discontinued 0" in text
    assert "1 randomised = 1 ongoing + 0 completed + 0 discontinued" in text


def test_the_list_of_subjects_counts_no_events_that_never_came(study, demographics_only, physician, signed_in):
    client = signed_in(physician)
    text = text_of(client.get("/studies/TRIAL/subjects/"))
    for name in ("Serious event", "Discontinued for AE", "ALT or AST above 3 × ULN", "Hy’s law criteria"):
        assert f"{name} not in the data" in text
    assert "Died 0" in text
    assert "01-701-1 701 69 F Randomised not recorded not in the data" in text
    note_domains(study, {("AE", True), ("DS", True), ("LB", True)})
    text = text_of(client.get("/studies/TRIAL/subjects/"))
    assert "not in the data" not in text
    assert "Serious event 0 Discontinued for AE 0" in text
    assert "01-701-1 701 69 F Ongoing" in text


def test_home_says_no_number_of_what_never_came(study, demographics_only, physician, signed_in):
    client = signed_in(physician)
    text = text_of(client.get("/"))
    assert "0 deaths and 0 signed narratives gone stale" in text
    assert "new serious event" not in text.partition("Changed, most serious first")[0]
    assert "discontinued." not in text
    assert "Laboratory results are not in the data of this study." in text
    assert "No subject above 3" not in text
    note_domains(study, {("AE", True), ("DS", True), ("LB", True)})
    text = text_of(client.get("/"))
    assert "0 deaths , 0 new serious events and 0 signed narratives gone stale . 0 subjects discontinued." in text
    assert "No subject above 3 × ULN for ALT or AST." in text
