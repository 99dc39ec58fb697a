"""Terms as they may be written in running text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.narratives.domain.facts.terms import analyte_forms, clean_verbatim, drug_forms, label_of, term_forms
from apps.narratives.domain.verifying.value_grammar import hidden_characters


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("ALZHEIMER'S DISEASE", "Alzheimer's disease"),
        ("WOLFF-PARKINSON-WHITE SYNDROME", "Wolff-Parkinson-White syndrome"),
        ("HALLUCINATION, VISUAL", "visual hallucination"),
        ("ELECTROCARDIOGRAM T WAVE INVERSION", "electrocardiogram T wave inversion"),
        ("VITAMIN B12 DEFICIENCY", "vitamin B12 deficiency"),
        ("HEPATITIS C", "hepatitis C"),
        ("LOWER BACK PAIN, CHRONIC, SEVERE", "lower back pain, chronic, severe"),
        ("Already mixed Case", "Already mixed Case"),
    ],
)
def test_terms_read_as_running_text(term: str, written: str) -> None:
    assert term_forms(term)[0] == written


def test_labels_begin_with_a_capital() -> None:
    assert label_of("HALLUCINATION, VISUAL") == "Visual hallucination"


def test_a_term_may_be_shortened_before_with() -> None:
    assert "partial seizures" in term_forms("PARTIAL SEIZURES WITH SECONDARY GENERALISATION")
    assert term_forms("MIGRAINE WITH AURA") == ("migraine with aura",)


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("ASA", "ASA"),
        ("HYDROCORTISONE, TOPICAL", "topical hydrocortisone"),
        ("VITAMIN E", "vitamin E"),
        ("PREMARIN", "Premarin"),
        ("TYLENOL W/CODEINE NO. 3", "Tylenol W/codeine No. 3"),
        ("EX-LAX", "Ex-Lax"),
        ("MAALOX, FLAVOURED", "Maalox, Flavoured"),
    ],
)
def test_medications_read_as_names(name: str, written: str) -> None:
    assert drug_forms(name)[0] == written


def test_tests_are_lower_case_with_their_abbreviations() -> None:
    assert analyte_forms("Ery. Mean Corpuscular HGB Concentration") == (
        "erythrocyte mean corpuscular HGB concentration",
    )
    assert analyte_forms("pH") == ("pH",)


@given(st.text(max_size=400))
def test_cleaned_words_hold_nothing_hidden_and_no_markup(text: str) -> None:
    cleaned = clean_verbatim(text)
    assert len(cleaned) <= 200
    assert not hidden_characters(cleaned)
    assert not set(cleaned) & set('<>{}[]|\\"`“”')
    assert clean_verbatim(cleaned) == cleaned
