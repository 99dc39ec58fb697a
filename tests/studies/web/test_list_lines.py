"""Values of the lines of a check as people read them."""

import pytest

from apps.studies.web.list_lines import value_words


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("LBNRIND", "N", "Normal"),
        ("LBNRIND", "H", "High"),
        ("EGNRIND", "N", "N"),
        ("LBSTRESC", "N", "N"),
        ("LBORRES", "Y", "Y"),
        ("MBORRES", "N", "N"),
        ("AESER", "N", "No"),
        ("AESER", "Y", "Yes"),
        ("CMOCCUR", "N", "No"),
        ("AEREL", "Y", "Related"),
        ("AEREL", "NONE", "Not related"),
        ("SEX", "F", "Female"),
        ("AETERM", "RASH", "RASH"),
        ("AESEV", None, ""),
    ],
)
def test_a_value_is_told_by_its_own_codelist_before_yes_and_no(variable: str, value: object, words: str) -> None:
    assert value_words(variable, value) == words
