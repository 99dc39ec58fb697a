"""The facts of a narrative: what is relevant, what is missing, and what must never be among them."""

import pytest

from apps.narratives.domain.facts.fact import Absence, Role
from apps.narratives.domain.facts.fact_set import EntityKind
from apps.narratives.domain.facts.laboratory import most_abnormal
from apps.studies.domain.clinical.laboratory import out_of_range, times_upper_limit
from apps.studies.domain.clinical.records import ClinicalRecord
from tests.narratives.building import Rows, changed, death_rows, facts_in, result, seizure_rows, twin_of, without
from tests.narratives.domain.drafting import fact_in, facts_of, report_of, sentence_on, text_of

SEIZURE = "PARTIAL SEIZURES WITH SECONDARY GENERALISATION"


def test_treatment_is_never_among_the_facts() -> None:
    rows: Rows = {
        **changed(seizure_rows(), "DM/1", ARM="Xanomeline High Dose", ACTARMCD="Xan_Hi"),
        "EX/1": ("EX", {"EXTRT": "XANOMELINE", "EXDOSE": 81, "EXSTDTC": "2013-05-09"}),
        "SE/1": ("SE", {"ETCD": "HIGH", "SESTDTC": "2013-05-09"}),
    }
    text = str(facts_in(twin_of(rows)).as_json()).lower()
    assert not any(word in text for word in ("xanomeline", "xan_hi", "high dose", "ex/1", "se/1"))


def test_dose_and_group_are_withheld() -> None:
    facts = facts_of(seizure_rows())
    assert fact_in(facts, Role.DOSE).absence is Absence.WITHHELD
    assert fact_in(facts, Role.GROUP).absence is Absence.WITHHELD


def test_a_blank_action_is_not_recorded_and_never_none() -> None:
    action = fact_in(facts_of(seizure_rows()), Role.ACTION)
    assert (action.value, action.absence) == (None, Absence.NOT_RECORDED)


def test_onset_is_judged_against_the_doses() -> None:
    def timing(**event: str | None) -> tuple[object, object]:
        facts = facts_of(changed(seizure_rows(), "AE/1", **event))
        about = fact_in(facts, Role.TERM, SEIZURE).about
        code = facts.get(about, Role.DOSE_TIMING)
        days = facts.get(about, Role.ONSET_AFTER_LAST_DOSE) or facts.get(about, Role.ONSET_BEFORE_FIRST_DOSE)
        return (code.value if code else None), (days.value if days else None)

    assert timing() == ("DURING DOSING", None)
    assert timing(AESTDTC="2013-04-20") == ("BEFORE FIRST DOSE", 6)
    assert timing(AESTDTC="2013-08-01", AEENDTC=None) == ("DAY OF LAST DOSE", None)
    assert timing(AESTDTC="2013-08-03", AEENDTC=None) == ("AFTER LAST DOSE", 2)
    assert timing(AESTDTC="2013-06", AEENDTC=None) == (None, None)


def test_without_a_last_dose_only_the_first_counts() -> None:
    facts = facts_of(changed(seizure_rows(), "DM/1", RFXENDTC=None))
    assert fact_in(facts, Role.DOSE_TIMING, SEIZURE).value == "AFTER FIRST DOSE"
    assert fact_in(facts, Role.LAST_DOSE).absence is Absence.NOT_RECORDED


def test_without_demographics_the_facts_say_what_they_can() -> None:
    facts = facts_of(without(seizure_rows(), "DM/1"))
    assert fact_in(facts, Role.SUBJECT_ID).value == "01-999-0001"
    assert fact_in(facts, Role.DOSE_TIMING).absence is Absence.UNDETERMINED


def test_severity_history_is_kept_only_where_severity_changed() -> None:
    facts = facts_of(seizure_rows())
    irritation = fact_in(facts, Role.TERM, "APPLICATION SITE IRRITATION").about
    assert [fact.value for fact in facts.all(irritation, Role.RECORDED_SEVERITY)] == ["MILD", "MODERATE"]
    assert facts.get(fact_in(facts, Role.TERM, SEIZURE).about, Role.RECORDED_SEVERITY) is None


def test_the_cause_of_discontinuation_comes_from_the_relation_alone() -> None:
    facts = facts_of(seizure_rows())
    assert [fact.value for fact in facts.facts if fact.role is Role.CAUSE] == ["APPLICATION SITE IRRITATION"]
    unrelated = facts_of(without(seizure_rows(), "RELREC/R1-0", "RELREC/R1-1", "RELREC/R1-2"))
    assert fact_in(unrelated, Role.CAUSE).absence is Absence.NOT_RECORDED


def test_reported_words_are_a_fact_only_where_they_differ_from_the_term() -> None:
    facts = facts_of(changed(seizure_rows(), "AE/1", AETERM="two fits"))
    assert fact_in(facts, Role.VERBATIM).value == "two fits"
    assert not [fact for fact in facts_of(seizure_rows()).facts if fact.role is Role.VERBATIM]


def test_masked_history_is_no_history() -> None:
    rows = changed(without(seizure_rows(), "MH/2"), "MH/3", MHDECOD=None)
    facts = facts_of(rows)
    assert not facts.of_kind(EntityKind.PRESENT_CONDITION)
    assert fact_in(facts, Role.HISTORY).absence is Absence.NOT_RECORDED


def test_reported_history_counts_where_it_is_not_coded() -> None:
    facts = facts_of(changed(seizure_rows(), "MH/3", MHDECOD=None, MHTERM="ESSENTIAL TREMOR"))
    assert fact_in(facts, Role.TERM, "ESSENTIAL TREMOR").sources == ("MH/3.MHTERM",)


def test_medication_started_at_or_after_onset_is_kept_apart() -> None:
    facts = facts_of(seizure_rows())
    (before,), (later,) = facts.of_kind(EntityKind.MEDICATION), facts.of_kind(EntityKind.LATER_MEDICATION)
    assert fact_in(facts, Role.TERM, "ASA").about == before.id
    assert fact_in(facts, Role.TERM, "HYDROCORTISONE, TOPICAL").about == later.id


def test_medication_that_ended_before_the_window_is_left_out() -> None:
    rows = changed(seizure_rows(), "CM/1", CMENDTC="2012-01-01")
    assert not facts_of(rows).of_kind(EntityKind.MEDICATION)


def test_what_is_missing_altogether_is_said_to_be() -> None:
    facts = facts_of({"DM/1": ("DM", {"AGE": 70, "SEX": "F"})})
    absent = {fact.role for fact in facts.facts if fact.is_absent}
    expected = {Role.QUALIFYING, Role.HISTORY, Role.MEDICATION, Role.DISEASE, Role.LABORATORY, Role.NO_DISPOSITION}
    assert expected <= absent
    assert Role.MEASURES not in absent


def test_events_without_later_medication_have_unrecorded_measures() -> None:
    assert fact_in(facts_of(death_rows()), Role.MEASURES).absence is Absence.NOT_RECORDED


def test_normal_results_are_one_fact() -> None:
    facts = facts_of(without(seizure_rows(), "LB/1", "LB/2"))
    assert fact_in(facts, Role.LABORATORY).value == "NONE OUTSIDE RANGE"


def test_the_most_abnormal_result_of_each_test_is_told() -> None:
    rows = changed(
        seizure_rows(), "LB/4", **result("BILI", "Bilirubin", 42, "umol/L", 3, 21, "HIGH"), LBDTC="2013-05-30"
    )
    facts = facts_of(rows)
    assert fact_in(facts, Role.RESULT, "Bilirubin").value == 124.83
    assert fact_in(facts, Role.MULTIPLE, "Bilirubin").value == 5.94
    assert fact_in(facts, Role.LOWER, "Albumin").value == 35


def test_results_outside_the_window_do_not_count() -> None:
    facts = facts_of(changed(seizure_rows(), "LB/1", LBDTC="2013-01-01"))
    assert not [fact for fact in facts.facts if fact.role is Role.MULTIPLE]


@pytest.mark.parametrize(
    ("values", "direction"),
    [
        ({"LBSTRESN": 5, "LBSTNRHI": 4}, "HIGH"),
        ({"LBSTRESN": 2, "LBSTNRLO": 3, "LBSTNRHI": 4}, "LOW"),
        ({"LBSTRESN": 3, "LBSTNRLO": 3, "LBSTNRHI": 4}, None),
        ({"LBSTRESN": 3}, None),
        ({"LBSTRESN": 9, "LBSTNRHI": 4, "LBNRIND": "NORMAL"}, "HIGH"),
        ({"LBNRIND": "LOW"}, "LOW"),
        ({}, None),
    ],
)
def test_direction_follows_the_range_and_else_the_flag(values: dict[str, str | int], direction: str | None) -> None:
    assert out_of_range(ClinicalRecord("LB/1", "LB", values)) == direction


def test_multiples_round_half_up_and_need_a_limit() -> None:
    assert times_upper_limit(ClinicalRecord("LB/1", "LB", {"LBSTRESN": 1.005, "LBSTNRHI": 1})) == 1.01
    assert times_upper_limit(ClinicalRecord("LB/1", "LB", {"LBSTRESN": 1.005})) is None


def test_a_result_without_limits_still_has_an_order() -> None:
    rows = [
        ClinicalRecord("LB/1", "LB", {"LBTESTCD": "X", "LBSTRESN": 5, "LBNRIND": "HIGH"}),
        ClinicalRecord("LB/2", "LB", {"LBTESTCD": "X", "LBSTRESN": 7, "LBNRIND": "HIGH"}),
        ClinicalRecord("LB/3", "LB", {"LBTESTCD": "Y", "LBSTRESN": 0, "LBSTNRLO": 2, "LBNRIND": "LOW"}),
    ]
    assert [row.id for row in most_abnormal(rows)] == ["LB/2", "LB/3"]


@pytest.mark.parametrize(
    ("values", "lower", "upper", "worst"),
    [
        ((0, 0.1), 1.8, 7.5, 0),
        ((0.1, 0), 1.8, 7.5, 0),
        ((-2.5, -7.1), -2, 3, -7.1),
        ((-7.1, -2.5), -2, 3, -7.1),
        ((5, 9), -8, 0, 9),
        ((-3, 2), -12, -4, 2),
        ((2, -3), -12, -4, 2),
        ((3, 5), 6, None, 3),
    ],
)
def test_the_result_furthest_outside_is_told_also_at_and_below_zero(
    values: tuple[float, float], lower: float | None, upper: float | None, worst: float
) -> None:
    rows = [
        ClinicalRecord(f"LB/{number}", "LB", {"LBTESTCD": "X", "LBSTRESN": value, **_limits(lower, upper)})
        for number, value in enumerate(values)
    ]
    assert [row.number("LBSTRESN") for row in most_abnormal(rows)] == [worst]


def _limits(lower: float | None, upper: float | None) -> dict[str, float]:
    return {name: limit for name, limit in (("LBSTNRLO", lower), ("LBSTNRHI", upper)) if limit is not None}


def test_of_low_results_without_limits_the_lowest_is_told() -> None:
    rows = [
        ClinicalRecord("LB/1", "LB", {"LBTESTCD": "X", "LBSTRESN": 2, "LBNRIND": "LOW"}),
        ClinicalRecord("LB/2", "LB", {"LBTESTCD": "X", "LBSTRESN": 1, "LBNRIND": "LOW"}),
        ClinicalRecord("LB/3", "LB", {"LBTESTCD": "Y", "LBSTRESN": 2, "LBNRIND": "ABNORMAL"}),
        ClinicalRecord("LB/4", "LB", {"LBTESTCD": "Y", "LBSTRESN": 1, "LBNRIND": "ABNORMAL"}),
    ]
    assert [row.id for row in most_abnormal(rows)] == ["LB/2", "LB/3"]


def test_numbers_lose_the_noise_of_binary_transport() -> None:
    facts = facts_of(changed(seizure_rows(), "LB/2", LBSTRESN=29.000000000000004, LBSTNRLO=34.99999999999999))
    assert fact_in(facts, Role.RESULT, "Albumin").value == 29.0
    assert fact_in(facts, Role.LOWER, "Albumin").value == 35.0


def test_dates_that_disagree_with_a_death_are_facts() -> None:
    facts = facts_of(death_rows())
    assert fact_in(facts, Role.LAST_DOSE_AFTER_FATAL_EVENT).value == 1
    assert fact_in(facts, Role.DEATH_AFTER_FATAL_EVENT).value == 1
    assert fact_in(facts, Role.REFERENCE_END_AFTER_DEATH).value == 1
    assert fact_in(facts, Role.REFERENCE_END).value == "2014-11-02"


def test_a_death_known_only_from_its_event_has_no_recorded_date() -> None:
    rows = without(death_rows(), "DM/1", "DS/1")
    facts = facts_of(rows)
    assert fact_in(facts, Role.DEATH_DATE).absence is Absence.NOT_RECORDED
    assert fact_in(facts, Role.POST_MORTEM).absence is Absence.NOT_IN_DATA


def test_an_event_whose_end_is_missing_says_so_only_where_it_should_have_ended() -> None:
    ended = facts_of(changed(seizure_rows(), "AE/1", AEENDTC=None))
    assert fact_in(ended, Role.END, SEIZURE).absence is Absence.NOT_RECORDED
    assert ended.get(fact_in(ended, Role.TERM, "APPLICATION SITE IRRITATION").about, Role.END) is None


def test_single_limits_and_missing_limits_are_told_as_they_are() -> None:
    rows = changed(seizure_rows(), "LB/2", LBSTNRHI=None)
    rows = changed(rows, "LB/3", LBSTRESN=150, LBNRIND="HIGH", LBSTNRLO=None)
    rows = changed(rows, "LB/1", LBTESTCD="X", LBSTNRLO=None, LBSTNRHI=None)
    text = " ".join(sentence.text for sentence in text_of(rows))
    assert "(lower limit 35\u00a0g/L)" in text
    assert "(upper limit 147\u00a0mmol/L)" in text
    assert report_of(rows).is_clean


def test_an_event_without_judgements_is_named_alone() -> None:
    rows = changed(seizure_rows(), "AE/4", AESEV=None, AEREL=None, AEOUT=None)
    sentence = sentence_on(text_of(rows), "other_events")
    assert "(day 38)" in sentence.text
    assert sentence.text.count("(") == 1
    assert report_of(rows).is_clean
