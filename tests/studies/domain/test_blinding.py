"""What of a record is hidden: by domain, variable, test and word; where it is not sure, the answer is hidden."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.blinding import (
    OPEN,
    PRODUCT_RULES,
    WHOLE,
    BlindingRules,
    fold,
    hidden_by_target,
    names_treatment,
    open_values,
    parsed,
    record_is_hidden,
    spelled,
    words_of,
)

RULES = BlindingRules(
    variables=frozenset({"VS.VSPOS"}),
    opened=frozenset({"CM.CMTRT"}),
    tests=frozenset({"LB.SECRET"}),
    words=frozenset({"marzanol", "marzanol high dose", "m-201"}),
)


def hidden(domain: str, values: dict[str, Any], rules: BlindingRules = RULES) -> set[str]:
    return set(rules.hidden_in(domain, values))


@pytest.mark.parametrize("domain", ["EX", "EC", "SE", "DA", "PC", "PP", "IS", "TA", "XA", "QQ"])
def test_nothing_of_a_domain_that_tells_treatment_is_open(domain: str) -> None:
    assert hidden(domain, {"VISIT": "WEEK 4"}) == WHOLE
    assert open_values({"VISIT": "WEEK 4"}, WHOLE) is None


@pytest.mark.parametrize("domain", ["CO", "RELREC"])
def test_what_is_about_a_hidden_domain_is_hidden_with_it(domain: str) -> None:
    assert record_is_hidden(domain, {"RDOMAIN": "EX"})
    assert not record_is_hidden(domain, {"RDOMAIN": "AE"})


def test_arms_are_hidden_and_the_days_of_first_and_last_dose_are_not() -> None:
    values = {"USUBJID": "01", "RFXSTDTC": "2013-01-01", "ARM": "Secret", "ACTARMCD": "S", "AGE": 75}
    assert open_values(values, PRODUCT_RULES.hidden_in("DM", values)) == {
        "USUBJID": "01",
        "RFXSTDTC": "2013-01-01",
        "AGE": 75,
    }


@pytest.mark.parametrize(
    "text",
    [
        "Marzanol",
        "took MARZANOL.",
        "two Marzanols",
        "marz\u00adanol",
        "(m-201)",
        "ＭＡＲＺＡＮＯＬ",
        "on Marzanol  high  dose",
        "x" * 300 + " marzanol",
    ],
)
@pytest.mark.parametrize(("domain", "name"), [("AE", "AETERM"), ("CM", "CMINDC"), ("DS", "DSDECOD"), ("SV", "VISIT")])
def test_a_text_that_names_a_treatment_is_hidden_wherever_it_stands(domain: str, name: str, text: str) -> None:
    assert hidden(domain, {name: text}) == {name}


@pytest.mark.parametrize("text", ["Marzanolide", "premarzanol", "M-2011", "Rash"])
def test_a_word_within_another_word_is_another_word(text: str) -> None:
    assert hidden("AE", {"AETERM": text}) == OPEN


def test_identifiers_dates_and_numbers_name_nothing() -> None:
    rules = BlindingRules(words=frozenset({"marz-01", "2013"}))
    assert hidden("AE", {"STUDYID": "MARZ-01", "AESTDTC": "2013", "AESEQ": 2013}, rules) == OPEN


def test_a_study_opens_a_variable_that_a_word_hides_without_need() -> None:
    assert hidden("CM", {"CMTRT": "MARZANOL", "CMDECOD": "MARZANOL"}) == {"CMDECOD"}


def test_a_study_hides_a_variable_and_a_test() -> None:
    assert hidden("VS", {"VSPOS": "SITTING", "VSTESTCD": "PULSE"}) == {"VSPOS"}
    assert hidden("LB", {"LBTESTCD": "SECRET", "LBORRES": "1"}) == WHOLE
    assert hidden("LB", {"LBTESTCD": "ALT", "LBORRES": "1"}) == OPEN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LBTEST", "Plasma concentration of parent drug"),
        ("LBCAT", "PHARMACOKINETICS"),
        ("LBTEST", "Anti-drug antibody"),
        ("LBTEST", "Marzanol"),
        ("LBSCAT", "Study drug level"),
    ],
)
def test_a_measurement_of_the_drug_is_hidden_whole(name: str, value: str) -> None:
    assert hidden("LB", {"LBTESTCD": "T", name: value}) == WHOLE


def test_a_mean_corpuscular_concentration_is_no_measurement_of_the_drug() -> None:
    assert hidden("LB", {"LBTESTCD": "MCHC", "LBTEST": "Ery. Mean Corpuscular HGB Concentration"}) == OPEN


@pytest.mark.parametrize(
    ("domain", "name"),
    [("CO", "COVAL"), ("DV", "DVTERM"), ("DS", "DSTERM"), ("AE", "AEACNOTH"), ("LB", "LBREASND"), ("SV", "SVREASOC")],
)
@pytest.mark.parametrize("text", ["dose halved", "was unblinded", "took 81 mg twice", "wrong kit", "randomized to low"])
def test_where_sites_write_of_dosing_what_speaks_of_it_is_hidden(domain: str, name: str, text: str) -> None:
    assert hidden(domain, {name: text}, PRODUCT_RULES) == {name}


def test_an_event_may_be_called_an_overdose_and_a_medication_have_its_dose() -> None:
    assert hidden("AE", {"AETERM": "Accidental dose too high", "AEDECOD": "Overdose"}, PRODUCT_RULES) == OPEN
    assert hidden("CM", {"CMTRT": "ASPIRIN 81 MG", "CMDOSTXT": "81 mg"}, PRODUCT_RULES) == OPEN


@pytest.mark.parametrize("name", ["FAOBJ", "FATEST", "FAORRES", "FASTRESC"])
def test_a_finding_about_dosing_is_hidden_whole(name: str) -> None:
    assert hidden("FA", {"FATESTCD": "X", name: "Dose adjusted"}, PRODUCT_RULES) == WHOLE


@pytest.mark.parametrize(
    ("epoch", "names"), [("TREATMENT", set()), ("follow-up", set()), ("HIGH DOSE TITRATION", {"EPOCH"})]
)
def test_an_epoch_that_is_not_the_same_for_every_arm_is_hidden(epoch: str, names: set[str]) -> None:
    assert hidden("AE", {"EPOCH": epoch}, PRODUCT_RULES) == names


def test_words_worth_looking_for_leave_out_numbers_and_what_nobody_got() -> None:
    arms = ["Placebo", "Screen Failure", "Not Assigned", "81", "B", "XB", "ZX9", "Marzanol  High Dose", "ACTIVE"]
    assert words_of(arms) == {"placebo", "zx9", "marzanol high dose"}


@given(st.frozensets(st.sampled_from(["ARM", "ARMCD", "COVAL", "AETERM"])))
def test_hidden_names_are_read_as_they_were_stored(names: frozenset[str]) -> None:
    assert parsed(spelled(names)) == names
    assert parsed(spelled(WHOLE)) == WHOLE


@given(st.text(max_size=40), st.sampled_from(["marzanol", "pbo-2"]))
def test_a_word_set_off_by_blanks_is_found_in_any_text(text: str, word: str) -> None:
    assert names_treatment(frozenset({word}), f"{text} {word.upper()} {text}")


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


def test_without_words_nothing_is_named() -> None:
    assert not names_treatment(frozenset(), "Placebo")


def test_a_relation_is_hidden_by_any_of_its_targets() -> None:
    assert hidden_by_target("AE/a LB/b", {"LB/b"})
    assert not hidden_by_target("AE/a", {"LB/b"})
    assert not hidden_by_target(None, {"LB/b"})


def test_answers_stay_the_same_however_many_names_were_asked() -> None:
    rules = BlindingRules(variables=frozenset({"VS.VSPOS"}), words=frozenset({"marzanol"}))
    asked = {f"VSX{number}": "marzanol" for number in range(4200)}
    values = {"VSPOS": "SITTING", "VSREASND": "on Marzanol", "VSDTC": "2013-01-01"}
    before = hidden("VS", values, rules)
    hidden("VS", asked, rules)
    assert hidden("VS", values, rules) == before == {"VSPOS", "VSREASND"}
    assert len(rules._tellings) < len(asked)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("abc " * 60, f"took {'abc ' * 60}daily"),
        (f"{'abc-' * 60}xyz", f"{'ABC-' * 60}XYZ"),
        ("\N{LATIN SMALL LIGATURE FFI}n " * 60, "FFIN " * 60),
        (f"{'a' * 199} forte", f"{'A' * 199} forte"),
        (f"{'a' * 200}", f"{'A' * 200}"),
    ],
)
def test_a_long_name_is_cut_at_the_end_of_a_word_so_that_it_is_found(name: str, text: str) -> None:
    (word,) = words_of([name])
    assert len(word) <= 200
    assert names_treatment(frozenset({word}), text)
