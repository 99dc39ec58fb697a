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
from apps.studies.domain.dates import InvalidDateError, parse
from tests.narratives.building import Rows, changed, seizure_rows, without
from tests.narratives.domain.drafting import blocked_in, codes_of, fact_in, facts_of, told_in, wordings_of

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
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
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


_YEAR, _MONTH, _DAY = st.sampled_from(["2013", "2014", "-"]), st.sampled_from(["06", "12", "-"]), st.just("02")
_TIME = st.sampled_from(["T08", "T08:40", "T-:40", "T08:40:12.5", "T08:40Z", "T08:40+02:00"])


def _is_legal(text: str) -> bool:
    try:
        parse(text)
    except InvalidDateError:
        return False
    return True


_SINGLE = st.one_of(
    _YEAR,
    st.builds("-".join, st.tuples(_YEAR, _MONTH)),
    st.builds("-".join, st.tuples(_YEAR, _MONTH, _DAY)),
    st.builds(
        lambda parts, time: "-".join(parts) + time, st.tuples(_YEAR, _MONTH, st.just("02") | st.just("-")), _TIME
    ),
).filter(_is_legal)
LEGAL_DATES = st.one_of(_SINGLE, st.builds("/".join, st.tuples(_SINGLE, _SINGLE)).filter(_is_legal))
# The records that a narrative tells dates of.
_DATED = (
    ("DM/1", "RFXSTDTC"), ("DM/1", "RFXENDTC"), ("DM/1", "RFENDTC"), ("DM/1", "RFSTDTC"), ("DM/1", "DTHDTC"),
    ("MH/1", "MHSTDTC"), ("MH/2", "MHSTDTC"), ("AE/1", "AESTDTC"), ("AE/1", "AEENDTC"), ("AE/2", "AEDTC"),
    ("AE/2", "AESTDTC"), ("AE/3", "AESTDTC"), ("AE/4", "AESTDTC"), ("CM/1", "CMSTDTC"), ("CM/1", "CMENDTC"),
    ("CM/2", "CMSTDTC"), ("CM/2", "CMENDTC"), ("LB/1", "LBDTC"), ("LB/2", "LBDTC"), ("DS/1", "DSSTDTC"),
)  # fmt: skip


@given(LEGAL_DATES, st.sampled_from(_DATED))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_legal_form_of_a_date_is_told_and_read_back(text: str, place: tuple[str, str]) -> None:
    record, variable = place
    assert not blocked_in(changed(seizure_rows(), record, **{variable: text}))


@given(st.dictionaries(st.sampled_from(_DATED), LEGAL_DATES, min_size=2))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_dates_of_every_legal_form_are_told_and_read_back_beside_each_other(dates: dict[tuple[str, str], str]) -> None:
    rows = seizure_rows()
    for (record, variable), text in dates.items():
        rows = changed(rows, record, **{variable: text})
    assert not blocked_in(rows)


@pytest.mark.parametrize(
    ("onset", "told"),
    [
        ("2013-06-01/2013-06-03", "on a day from 01 Jun 2013 to 03 Jun 2013"),
        ("2013-05/2013-06", "on a day from May 2013 to Jun 2013"),
        ("2012/2013", "on a day from 2012 to 2013"),
        ("2013-06-01T08:40/2013-06-01T09:10", "on 01 Jun 2013"),
        ("2013---02", "on 02 (month not known) 2013"),
        ("--06-02", "on 02 Jun (year not known)"),
        ("----02", "on 02 (month not known) (year not known)"),
        ("--06", "in Jun (year not known)"),
        ("-----T08:40", "on a date not known"),
    ],
)
def test_a_date_is_told_as_far_as_it_is_known(onset: str, told: str) -> None:
    assert told in told_in(changed(seizure_rows(), "AE/1", AESTDTC=onset))


@pytest.mark.parametrize(
    "lie",
    [
        "The partial seizures began on a day from 01 Jun 2013 to 04 Jun 2013.",
        "The partial seizures began on a day from 02 Jun 2013 to 03 Jun 2013.",
        "The partial seizures began on 01 Jun 2013.",
        "The partial seizures began on 03 Jun 2013.",
        "The partial seizures began on 01 Jun 2013 and 03 Jun 2013.",
        "The partial seizures resolved on a day from 01 Jun 2013 to 03 Jun 2013.",
    ],
)
def test_an_interval_is_told_with_both_of_its_ends(lie: str) -> None:
    facts = facts_of(changed(seizure_rows(), "AE/1", AESTDTC="2013-06-01/2013-06-03"))
    cited = [fact_in(facts, role, SEIZURE) for role in (Role.TERM, Role.ONSET)]
    assert not codes_of(facts, "The partial seizures began on a day from 01 Jun 2013 to 03 Jun 2013.", *cited)
    assert codes_of(facts, lie, *cited)


def test_a_sample_of_one_day_is_not_told_with_one_of_several_days() -> None:
    rows = changed(seizure_rows(), "LB/1", LBDTC="2013-05-24/2013-05-26")
    assert "on a day from 24 May 2013 to 26 May 2013" in told_in(rows)
    assert not blocked_in(rows)


def test_what_is_masked_in_a_date_is_not_made_up() -> None:
    facts = facts_of(changed(seizure_rows(), "AE/1", AESTDTC="2013---02"))
    cited = [fact_in(facts, role, SEIZURE) for role in (Role.TERM, Role.ONSET)]
    for lie in ("02 Jun 2013", "2013", "02 Jun (year not known)"):
        assert "V_VALUE" in codes_of(facts, f"The partial seizures began on {lie}.", *cited)


def test_what_is_recorded_is_told_where_no_event_has_an_onset() -> None:
    rows = changed(changed(seizure_rows(), "AE/1", AESTDTC=None, AEENDTC=None), "AE/2", AESTDTC=None)
    rows = changed(rows, "AE/3", AESTDTC=None)
    told = told_in(rows)
    assert "Concomitant medication taken twice daily was ASA 325\u00a0mg (since 2011)." in told
    assert "topical hydrocortisone (since 24 May 2013, until 20 Jun 2013)" in told
    assert "Whether medication was started on or after onset could not be determined." in told
    assert "Bilirubin was high at 124.83\u00a0µmol/L" in told or "bilirubin was high at 124.83\u00a0µmol/L" in told
    assert "no concomitant medication" not in told.lower()
    assert "were not in the data within" not in told
    assert not blocked_in(rows)


def test_a_medication_is_not_said_to_be_over_before_an_onset_that_nobody_recorded() -> None:
    rows = changed(changed(seizure_rows(), "AE/1", AESTDTC=None, AEENDTC=None), "CM/1", CMENDTC="2013-05-01")
    assert "Other recorded medication was ASA" in told_in(rows)
    assert not blocked_in(rows)


def test_what_is_recorded_is_told_where_neither_events_nor_doses_are_dated() -> None:
    rows = without(seizure_rows(), "AE/1", "AE/2", "AE/3", "DS/1", "RELREC/R1-0", "RELREC/R1-1", "RELREC/R1-2")
    rows = changed(rows, "DM/1", RFXSTDTC=None, RFXENDTC=None, DTHFL="Y")
    told = told_in(rows)
    assert "ASA 325" in told
    assert "124.83" in told
    assert not blocked_in(rows)


_SHORT = "PARTIAL SEIZURES"


def _two_events(first: str, second: str) -> Rows:
    rows = changed(seizure_rows(), "AE/1", AETERM=first, AEDECOD=first)
    return changed(rows, "AE/4", AETERM=second, AEDECOD=second, AESER="Y", AESTDTC="2013-06-10", AEENDTC="2013-06-12")


@pytest.mark.parametrize(("first", "second"), [(SEIZURE, _SHORT), (_SHORT, SEIZURE)])
def test_an_event_whose_short_term_is_the_term_of_another_keeps_its_own(first: str, second: str) -> None:
    rows = _two_events(first, second)
    told = told_in(rows)
    assert "the partial seizures with secondary generalisation" in told
    assert "the partial seizures were" in told or "the partial seizures resolved" in told
    assert not blocked_in(rows)


def test_two_events_with_one_short_term_are_called_by_their_terms() -> None:
    rows = _two_events(SEIZURE, "PARTIAL SEIZURES WITH AURA")
    for sentences in wordings_of(rows):
        assert not any("the partial seizures " in s.text and "seizures with" not in s.text for s in sentences)
    assert not blocked_in(rows)


def test_a_term_names_the_event_of_that_term_and_none_that_is_shortened_to_it() -> None:
    facts = facts_of(changed(_two_events(SEIZURE, _SHORT), "AE/4", AEOUT="NOT RECOVERED/NOT RESOLVED"))
    long, outcome, short = (
        fact_in(facts, role, term)
        for role, term in ((Role.TERM, SEIZURE), (Role.OUTCOME, SEIZURE), (Role.TERM, _SHORT))
    )
    lie = "The partial seizures with secondary generalisation were recorded and the partial seizures resolved."
    assert "V_OUTCOME" in codes_of(facts, lie, long, outcome, short)
    assert not codes_of(facts, "The partial seizures resolved.", long, outcome)


@pytest.mark.parametrize("variable", ["RFXSTDTC", "RFXENDTC"])
def test_no_sentence_has_two_blanks_in_a_row(variable: str) -> None:
    assert "  " not in told_in(changed(seizure_rows(), "DM/1", **{variable: None}))


@pytest.mark.parametrize(("dose", "told"), [("200-400", "“200-400 mg”"), ("<1", "“<1 mg”"), ("1 to 2", "“1 to 2 mg”")])
def test_a_dose_that_was_recorded_as_words_is_quoted(dose: str, told: str) -> None:
    rows = changed(seizure_rows(), "CM/1", CMDOSE=None, CMDOSTXT=dose)
    assert told in told_in(rows)
    assert not blocked_in(rows)
    assert not blocked_in(changed(rows, "CM/1", CMDOSU=None))


def test_words_of_a_dose_are_quoted_as_they_were_recorded() -> None:
    facts = facts_of(changed(seizure_rows(), "CM/1", CMDOSE=None, CMDOSTXT="200-400"))
    cited = [fact_in(facts, role, "ASA") for role in (Role.TERM, Role.AMOUNT)]
    assert not codes_of(facts, "She was taking ASA “200-400 mg”.", *cited)
    for lie in ("“200-500 mg”", "“200-400 g”", "“200-400 mg daily”"):
        assert "V_QUOTE" in codes_of(facts, f"She was taking ASA {lie}.", *cited)


def test_a_quoted_dose_belongs_to_the_drug_that_it_stands_behind() -> None:
    rows = changed(seizure_rows(), "CM/1", CMDOSE=None, CMDOSTXT="200-400")
    facts = facts_of(changed(rows, "CM/2", CMTRT="IBUPROFEN", CMDOSE=None, CMDOSTXT="1 to 2", CMDOSU="g"))
    cited = [fact_in(facts, role, term) for term in ("ASA", "IBUPROFEN") for role in (Role.TERM, Role.AMOUNT)]
    assert not codes_of(facts, "She was taking ASA “200-400 mg” and ibuprofen “1 to 2 g”.", *cited)
    assert "V_ROLE" in codes_of(facts, "She was taking ASA “1 to 2 g” and ibuprofen “200-400 mg”.", *cited)


@pytest.mark.parametrize("unit", ["10*9/L", "10^9/L", "[IU]/L", "{cells}/uL", "mm[Hg]", "#/uL", "mL/min/1.73m2", "%"])
def test_a_unit_in_the_spelling_of_a_laboratory_is_no_markup(unit: str) -> None:
    assert not blocked_in(changed(seizure_rows(), "LB/2", LBORRES="30", LBORRESU=unit, LBORNRLO="35", LBORNRHI="46"))


@pytest.mark.parametrize("age", [0.5, 2.5, 17.75, 69.0])
def test_an_age_may_have_decimals(age: float) -> None:
    rows = changed(seizure_rows(), "DM/1", AGE=age)
    assert f"{age}-year-old" in told_in(rows)
    assert not blocked_in(rows)


@pytest.mark.parametrize(
    "term",
    [
        "RASH, ITCHING, SWELLING", "STROKE; ISCHAEMIC", "HALLUCINATION, VISUAL AND AUDITORY", "50% BURN", "COVID-19",
        "SJÖGREN'S SYNDROME", "TYPE 2 DIABETES MELLITUS", "ELECTROCARDIOGRAM QT PROLONGED >500 MS",
    ],
)  # fmt: skip
def test_a_term_may_hold_signs_that_part_a_sentence(term: str) -> None:
    rows = changed(seizure_rows(), "AE/1", AETERM=term, AEDECOD=term)
    third = {"AESPID": "E30", "AEDECOD": "FALL", "AESER": "Y", "AESTDTC": "2013-06-04"}
    assert not blocked_in(rows)
    assert not blocked_in(changed(rows, "AE/9", **third))


@pytest.mark.parametrize("term", ["HOSPITALISATION", "OVERDOSE", "CANCER", "DEATH", "DISABILITY"])
def test_an_event_may_be_called_as_a_criterion_is(term: str) -> None:
    met = dict.fromkeys(CRITERIA, "Y")
    for criteria in (met, {"AESHOSP": None, "AESCAN": "Y"}, {"AESOD": "Y"}):
        assert not blocked_in(changed(seizure_rows(), "AE/1", AETERM=term, AEDECOD=term, **criteria))
