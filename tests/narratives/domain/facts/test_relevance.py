"""Who needs a narrative, and which days around the events matter."""

from datetime import date

import pytest

from apps.narratives.domain.facts.relevance import is_within, qualifying_events, relevance_window
from apps.studies.domain.clinical.spans import Span
from tests.narratives import pilot
from tests.narratives.building import Rows, changed, death_rows, seizure_rows, twin_of, without
from tests.pilot.package import ABSENT, IS_HERE


def test_serious_events_and_causes_of_discontinuation_qualify_and_others_do_not() -> None:
    found = qualifying_events(twin_of(seizure_rows()))
    assert [event.term for event in found.events] == [
        "APPLICATION SITE IRRITATION",
        "PARTIAL SEIZURES WITH SECONDARY GENERALISATION",
    ]
    assert (found.has_died, found.has_serious_event, found.is_discontinued_for_event) == (False, True, True)


def test_a_criterion_qualifies_although_the_flag_is_not_set() -> None:
    rows = changed(seizure_rows(), "AE/1", AESER="N")
    assert qualifying_events(twin_of(rows)).has_serious_event


def test_without_a_relation_the_discontinuation_has_no_event() -> None:
    rows = without(seizure_rows(), "AE/1", "RELREC/R1-0", "RELREC/R1-1", "RELREC/R1-2")
    found = qualifying_events(twin_of(rows))
    assert (found.events, found.is_discontinued_for_event, found.is_needed) == ((), True, True)


def test_nothing_to_report_needs_no_narrative() -> None:
    rows = without(seizure_rows(), "AE/1", "DS/1", "RELREC/R1-0", "RELREC/R1-1", "RELREC/R1-2")
    assert not qualifying_events(twin_of(rows)).is_needed


@pytest.mark.parametrize(
    "rows",
    [
        {"DM/1": ("DM", {"DTHFL": "Y"})},
        {"DM/1": ("DM", {"DTHDTC": "2013-01-01"})},
        {"DS/1": ("DS", {"DSDECOD": "DEATH"})},
        {"AE/1": ("AE", {"AEDECOD": "X", "AEOUT": "FATAL"})},
    ],
)
def test_a_death_is_known_from_any_domain(rows: Rows) -> None:
    assert twin_of(rows).death is not None


def test_the_window_is_thirty_days_either_side_of_an_event() -> None:
    twin = twin_of(death_rows())
    assert relevance_window(twin, qualifying_events(twin).events) == [Span(date(2014, 10, 1), date(2014, 11, 30))]


def test_without_events_the_window_is_around_the_dosing() -> None:
    twin = twin_of(without(death_rows(), "AE/1"))
    assert relevance_window(twin, []) == [Span(date(2014, 4, 11), date(2014, 12, 1))]


@pytest.mark.parametrize("rows", [{}, without(death_rows(), "AE/1", "DM/1")])
def test_without_events_or_dates_of_dosing_every_day_counts(rows: Rows) -> None:
    assert relevance_window(twin_of(rows), []) == [Span(None, None)]


def test_an_event_without_an_onset_may_have_begun_on_any_day() -> None:
    twin = twin_of(changed(death_rows(), "AE/1", AESTDTC=None, AEENDTC=None))
    assert relevance_window(twin, qualifying_events(twin).events) == [Span(None, None)]
    ended = twin_of(changed(death_rows(), "AE/1", AESTDTC=None))
    assert relevance_window(ended, qualifying_events(ended).events) == [Span(None, date(2014, 11, 30))]


def test_a_partial_date_widens_from_its_bounds() -> None:
    twin = twin_of(changed(death_rows(), "AE/1", AESTDTC="2014-10", AEENDTC=None))
    assert relevance_window(twin, qualifying_events(twin).events) == [Span(date(2014, 9, 1), date(2014, 11, 30))]


def test_the_calendar_has_ends() -> None:
    twin = twin_of(changed(death_rows(), "AE/1", AESTDTC="0001-01-02", AEENDTC="9999-12-30"))
    assert relevance_window(twin, qualifying_events(twin).events) == [Span(None, None)]


def test_what_overlaps_a_window_is_within_it() -> None:
    window = [Span(date(2013, 1, 1), date(2013, 1, 31))]
    assert is_within(window, "2012-12", "2013-01-01")
    assert not is_within(window, "2013-02-01", None)


@pytest.mark.pilot
@pytest.mark.skipif(not IS_HERE, reason=ABSENT)
def test_the_pilot_needs_102_narratives() -> None:
    found = [qualifying_events(pilot.pilot_twin(subject)) for subject in pilot.subjects()]
    serious = [item for item in found if item.has_serious_event or item.has_died]
    assert sum(item.is_needed for item in found) == 102
    assert len(serious) == 25
    assert sum(item.is_discontinued_for_event for item in found) == 92
    assert sum(item.is_discontinued_for_event for item in serious) == 15
    assert sum(item.has_died for item in found) == 3
