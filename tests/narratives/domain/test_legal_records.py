"""What a study may legally record is told as it is, and the check accepts every way of telling it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.narratives.domain.facts.fact import Role
from apps.studies.domain.clinical.codelists import (
    ACTION,
    CAUSALITY,
    DISPOSITION,
    FREQUENCY,
    OUTCOME,
    ROUTE,
    SEVERITY,
    SEX,
)
from apps.studies.domain.clinical.seriousness import CRITERIA
from tests.narratives.building import changed, seizure_rows
from tests.narratives.domain.drafting import blocked_in, codes_of, fact_in, facts_of, told_in

SEIZURE = "PARTIAL SEIZURES WITH SECONDARY GENERALISATION"


@pytest.mark.parametrize(("last", "day"), [("2016-01-19", "999"), ("2016-01-20", "1000"), ("2046-01-19", "11957")])
def test_a_late_study_day_is_written_as_one_number(last: str, day: str) -> None:
    rows = changed(changed(seizure_rows(), "DM/1", RFXENDTC=last), "AE/1", AEENDTC=last)
    assert f"(day {day})" in told_in(rows)
    assert not blocked_in(rows)


def test_an_early_study_day_is_written_as_one_number() -> None:
    rows = changed(seizure_rows(), "AE/1", AESTDTC="2009-01-02")
    assert "(day −1575)" in told_in(rows)
    assert not blocked_in(rows)


# The variable of each codelist and a record that a narrative tells it of.
_TOLD_OF = (
    ("AEOUT", "AE/1", OUTCOME),
    ("AEOUT", "AE/4", OUTCOME),
    ("AEREL", "AE/1", CAUSALITY),
    ("AEREL", "AE/4", CAUSALITY),
    ("AEACN", "AE/1", ACTION),
    ("AESEV", "AE/1", SEVERITY),
    ("AESEV", "AE/2", SEVERITY),
    ("AESEV", "AE/3", SEVERITY),
    ("AESEV", "AE/4", SEVERITY),
    ("CMDOSFRQ", "CM/1", FREQUENCY),
    ("CMDOSFRQ", "CM/2", FREQUENCY),
    ("CMROUTE", "CM/2", ROUTE),
    ("DSDECOD", "DS/1", DISPOSITION),
    ("SEX", "DM/1", SEX),
)


@pytest.mark.parametrize(
    ("variable", "record", "code"),
    [(variable, record, term.code) for variable, record, codelist in _TOLD_OF for term in codelist.terms],
)
def test_every_term_of_every_codelist_is_told_and_read_back(variable: str, record: str, code: str) -> None:
    assert not blocked_in(changed(seizure_rows(), record, **{variable: code}))


@given(
    severity=st.sampled_from([term.code for term in SEVERITY.terms]),
    later=st.sampled_from([term.code for term in SEVERITY.terms]),
    outcome=st.sampled_from([term.code for term in OUTCOME.terms]),
    causality=st.sampled_from([term.code for term in CAUSALITY.terms]),
    criteria=st.sets(st.sampled_from(sorted(CRITERIA))),
    record=st.sampled_from(["AE/1", "AE/2", "AE/4"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_combination_of_judgements_is_told_and_read_back(
    severity: str, later: str, outcome: str, causality: str, criteria: set[str], record: str
) -> None:
    judged = {"AESEV": severity, "AEOUT": outcome, "AEREL": causality, **dict.fromkeys(criteria, "Y")}
    rows = changed(changed(seizure_rows(), record, **judged), "AE/3", AESEV=later)
    assert not blocked_in(rows)


def test_a_severity_that_sounds_like_an_outcome_or_a_criterion_is_told_as_a_severity() -> None:
    grave = changed(seizure_rows(), "AE/1", AESEV="LIFE THREATENING")
    assert "generalisation (life-threatening in severity)" in told_in(grave)
    fatal = changed(seizure_rows(), "AE/4", AESEV="FATAL")
    assert "visual hallucination (fatal in severity)" in told_in(fatal)


def test_a_fatal_severity_is_no_fatal_outcome() -> None:
    facts = facts_of(changed(seizure_rows(), "AE/1", AESEV="FATAL"))
    term, severity, outcome = (fact_in(facts, role, SEIZURE) for role in (Role.TERM, Role.SEVERITY, Role.OUTCOME))
    assert not codes_of(facts, "The partial seizures were rated as fatal in severity.", term, severity)
    assert "V_OUTCOME" in codes_of(facts, "The outcome of the partial seizures was fatal.", term, severity)
    assert "V_SEVERITY" in codes_of(facts, "The partial seizures were rated as fatal in severity.", term, outcome)


def test_a_life_threatening_severity_is_no_criterion() -> None:
    facts = facts_of(changed(seizure_rows(), "AE/1", AESEV="LIFE THREATENING"))
    term, severity, criterion = (fact_in(facts, role, SEIZURE) for role in (Role.TERM, Role.SEVERITY, Role.CRITERION))
    assert not codes_of(facts, "The partial seizures were life-threatening in severity.", term, severity)
    assert "V_SERIOUSNESS" in codes_of(facts, "The partial seizures were a life-threatening event.", term, severity)
    assert "V_SEVERITY" in codes_of(facts, "The partial seizures were life-threatening in severity.", term, criterion)
