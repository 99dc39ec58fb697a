"""The panels on real subjects of the CDISC pilot, against the figures counted from its files."""

import pytest

from apps.studies.domain.clinical.laboratory import peak_of
from apps.twins.web.addresses import Addresses
from apps.twins.web.event_words import contradiction
from apps.twins.web.header import header_of
from apps.twins.web.laboratory_source import Units, laboratory_tests
from apps.twins.web.liver import liver_lead
from apps.twins.web.problems import problem_of
from tests.narratives import pilot
from tests.narratives.building import RECEIVED
from tests.pilot.package import ABSENT, IS_HERE

pytestmark = [pytest.mark.pilot, pytest.mark.skipif(not IS_HERE, reason=ABSENT)]
HERE = Addresses("CDISCPILOT01", "01-718-1371")


def test_a_seizure_that_was_not_related_did_not_end_the_participation_of_01_718_1371() -> None:
    twin = pilot.pilot_twin("01-718-1371")
    facts = {fact.label: fact.shown.value for fact in header_of(twin, HERE, RECEIVED, is_unblinded=False).facts}
    assert facts["Reason for leaving"] == "Adverse event: application site irritation"
    problems = [problem_of(event, twin, HERE, is_unblinded=False, is_new=False) for event in twin.events()]
    seizure = next(problem for problem in problems if problem.is_serious)
    assert seizure.causality.value == "Not related"
    assert seizure.action.value == ""
    assert seizure.action.why == "not_recorded"


def test_application_site_irritation_of_01_718_1371_is_one_event_with_two_severities() -> None:
    twin = pilot.pilot_twin("01-718-1371")
    found = [
        problem_of(event, twin, HERE, is_unblinded=False, is_new=False)
        for event in twin.events()
        if event.term == "APPLICATION SITE IRRITATION"
    ]
    assert [[stretch.shown.value for stretch in problem.stretches] for problem in found] == [["mild", "moderate"]]
    assert found[0].row_count == 2


def test_the_peak_bilirubin_of_01_705_1186_is_that_of_its_own_sample() -> None:
    tests = {test.code: test for test in laboratory_tests(pilot.pilot_twin("01-705-1186"), Units.STANDARD)}
    peak = peak_of(tests["BILI"].rows)
    assert peak is not None
    assert peak.multiple == 5.94
    assert [test.code for test in tests.values()][:6] == ["ALT", "AST", "ALP", "BILI", "GGT", "CREAT"]


def test_every_event_whose_flag_contradicts_its_criteria_says_so() -> None:
    events = [event for subject_id in pilot.subjects() for event in pilot.pilot_twin(subject_id).events()]
    told = [event for event in events if contradiction(event).startswith("AESER says not serious")]
    assert len(events) == 882
    assert sum(row.text("AESER") == "N" for event in told for row in event.rows if event.criteria) == 32


def test_01_705_1186_leads_with_its_liver_and_does_not_meet_the_criteria() -> None:
    lead = liver_lead(pilot.pilot_twin("01-705-1186"), HERE)
    assert lead is not None
    told = {peak.name: (peak.shown.value.replace("\u00a0", " "), peak.on) for peak in lead.peaks}
    assert lead.is_combined
    assert told["ALT"] == ("3.34 × ULN", "29 Jan 2014")
    assert told["bilirubin"] == ("5.94 × ULN", "26 Jan 2014")
    assert lead.criteria == "Biochemical criteria of Hy’s law: not met, ALP reached 2 × ULN."
    assert lead.pattern == "R 0.59, cholestatic pattern"
