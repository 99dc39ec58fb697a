"""Terms as people read them: in sentence case, within a sentence, in British spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.clinical.terms import heading, inline, running_text


@pytest.mark.parametrize(
    ("term", "expected"),
    [
        ("PARTIAL SEIZURES WITH SECONDARY GENERALISATION", "Partial seizures with secondary generalisation"),
        ("ESTROGEN NOS", "Estrogen NOS"),
        ("VITAMIN A", "Vitamin A"),
        ("AE FOLLOW-UP", "AE follow-up"),
        ("NEOSPORIN /USA/", "Neosporin /USA/"),
        ("HLT_0603", "HLT_0603"),
        ("Alzheimer's disease", "Alzheimer's disease"),
        ("HEMATOLOGY", "Haematology"),
        ("DIARRHEA", "Diarrhoea"),
        ("Hospitalization", "Hospitalisation"),
        ("", ""),
    ],
)
def test_a_term_is_read_in_sentence_case(term: str, expected: str) -> None:
    assert heading(term) == expected


def test_within_a_sentence_a_term_has_no_capital_unless_it_is_an_abbreviation() -> None:
    assert inline("HIP FRACTURE") == "hip fracture"
    assert inline("AE FOLLOW-UP") == "AE follow-up"


@given(st.text(max_size=60))
def test_no_text_is_lost_in_sentence_case(text: str) -> None:
    assert len(heading(text).split()) == len(text.split())


@pytest.mark.parametrize(
    ("term", "written"),
    [
        ("Ischaemic stroke", "ischaemic stroke"),
        ("ISCHAEMIC STROKE", "ischaemic stroke"),
        ("Crohn's disease", "Crohn's disease"),
        ("Stevens-Johnson syndrome", "Stevens-Johnson syndrome"),
        ("HIV infection", "HIV infection"),
        ("Epstein-Barr virus infection", "Epstein-Barr virus infection"),
        ("Already mixed Case", "Already mixed Case"),
        ("T", "T"),
        ("", ""),
    ],
)
def test_a_term_of_a_dictionary_has_no_capital_within_a_sentence_unless_it_is_a_name(term: str, written: str) -> None:
    assert running_text(term) == written
