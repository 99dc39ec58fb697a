"""Totals that add up, whatever the subjects are."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from apps.operations.domain.totals import SubjectLine, by_site, enrolment_months, totals_of
from apps.twins.domain.drawing.enrolment import EnrolmentMonth
from apps.twins.domain.summary import SubjectStatus

LINES = st.lists(
    st.builds(
        SubjectLine,
        site=st.sampled_from(["701", "702", "703"]),
        status=st.one_of(st.none(), st.sampled_from(SubjectStatus)),
        reference_on=st.one_of(st.none(), st.dates(date(2012, 1, 1), date(2014, 12, 31))),
        event_count=st.integers(0, 9),
        is_serious=st.booleans(),
        is_serious_by_flag=st.booleans(),
        is_discontinued_for_ae=st.booleans(),
        is_dead=st.booleans(),
    ),
    max_size=40,
)


def line(status: SubjectStatus, on: date | None = None, site: str = "701") -> SubjectLine:
    return SubjectLine(site, status, on, 0, False, False, False, status is SubjectStatus.DIED)


@given(LINES)
def test_totals_add_up(lines):
    totals = totals_of(lines)
    others = totals.not_in_dm + totals.unknown
    assert totals.screened == totals.screen_failures + totals.in_screening + totals.randomised + others
    assert totals.randomised == totals.ongoing + totals.completed + totals.discontinued


@given(LINES)
def test_sites_add_up_to_the_study(lines):
    sites = by_site(lines, ["701", "702", "703"])
    assert sum(found.totals.screened for found in sites) == len(lines)
    assert sum(found.totals.events for found in sites) == totals_of(lines).events


def test_a_subject_without_demographics_is_neither_in_screening_nor_randomised():
    totals = totals_of([line(SubjectStatus.NOT_IN_DM), line(SubjectStatus.ONGOING)])
    assert (totals.screened, totals.in_screening, totals.randomised, totals.not_in_dm) == (2, 0, 1, 1)


def test_a_subject_without_derived_data_is_in_no_state_but_screened():
    totals = totals_of([line(None, date(2013, 2, 1)), line(SubjectStatus.SCREENING)])
    assert (totals.screened, totals.in_screening, totals.randomised, totals.unknown) == (2, 1, 0, 1)
    assert enrolment_months([line(None, date(2013, 2, 1))]) == []


def test_the_dead_are_counted_among_the_discontinued():
    totals = totals_of([line(SubjectStatus.DIED), line(SubjectStatus.DISCONTINUED)])
    assert (totals.discontinued, totals.deaths) == (2, 1)


def test_a_site_without_subjects_has_zeros():
    assert by_site([], ["701"])[0].totals.screened == 0


def test_enrolment_runs_from_the_first_month_to_the_last_without_a_gap():
    ongoing = SubjectStatus.ONGOING
    lines = [line(ongoing, date(2012, 11, 30)), line(ongoing, date(2013, 2, 1)), line(ongoing, date(2013, 2, 28))]
    assert enrolment_months(lines) == [
        EnrolmentMonth(date(2012, 11, 1), 1),
        EnrolmentMonth(date(2012, 12, 1), 0),
        EnrolmentMonth(date(2013, 1, 1), 0),
        EnrolmentMonth(date(2013, 2, 1), 2),
    ]


def test_who_was_not_randomised_or_has_no_start_is_not_in_the_chart():
    assert enrolment_months([line(SubjectStatus.SCREEN_FAILURE, date(2013, 1, 1)), line(SubjectStatus.ONGOING)]) == []


def test_a_start_that_no_trial_can_have_is_not_drawn() -> None:
    """Such a day may have been stored before it was refused; it drew the months of eight thousand years."""
    lines = [line(SubjectStatus.ONGOING, day) for day in (date(2013, 4, 26), date(9999, 12, 31), date(1, 1, 1))]
    assert enrolment_months(lines) == [EnrolmentMonth(date(2013, 4, 1), 1)]
    assert [found.is_dated for found in lines] == [True, False, False]
