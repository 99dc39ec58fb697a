"""A judgement is the same judgement in whatever spelling a sponsor records it; an unknown one stays as it is."""

import pytest

from apps.studies.domain.clinical.codelists import (
    ACTION,
    CAUSALITY,
    CODELISTS,
    DISPOSITION,
    FREQUENCY,
    OUTCOME,
    RANGE_FLAG,
    SEVERITY,
    SEX,
    Codelist,
    is_no,
    is_yes,
)


@pytest.mark.parametrize(
    ("codelist", "recorded", "code"),
    [
        (OUTCOME, "RECOVERED/RESOLVED", "RECOVERED/RESOLVED"),
        (OUTCOME, "Recovered", "RECOVERED/RESOLVED"),
        (OUTCOME, "resolved with sequelae", "RECOVERED/RESOLVED WITH SEQUELAE"),
        (OUTCOME, "Death", "FATAL"),
        (OUTCOME, "Ongoing", "NOT RECOVERED/NOT RESOLVED"),
        (CAUSALITY, "NONE", "NOT RELATED"),
        (CAUSALITY, "Not Related", "NOT RELATED"),
        (CAUSALITY, "UNLIKELY RELATED", "UNLIKELY"),
        (CAUSALITY, "PROBABLY NOT RELATED", "UNLIKELY"),
        (CAUSALITY, "Y", "RELATED"),
        (ACTION, "Drug permanently discontinued", "DRUG WITHDRAWN"),
        (ACTION, "dose_reduced", "DOSE REDUCED"),
        (SEVERITY, "Life-Threatening", "LIFE THREATENING"),
        (SEVERITY, "Grade 3", "GRADE 3"),
        (RANGE_FLAG, "HIGH HIGH", "HIGH"),
        (RANGE_FLAG, "l", "LOW"),
        (RANGE_FLAG, "A", "ABNORMAL"),
        (RANGE_FLAG, "N", "NORMAL"),
        (FREQUENCY, "twice a day", "BID"),
        (DISPOSITION, "Withdrawal of Consent", "WITHDRAWAL BY SUBJECT"),
        (DISPOSITION, "Lost to follow-up", "LOST TO FOLLOW-UP"),
        (SEX, "female", "F"),
    ],
)
def test_the_spelling_of_a_sponsor_means_the_term_of_cdisc(codelist: Codelist, recorded: str, code: str) -> None:
    assert codelist.code(recorded) == code


def test_what_no_list_knows_stays_as_it_was_recorded() -> None:
    assert OUTCOME.code("Much better") == "Much better"
    assert OUTCOME.page("MUCH BETTER") == "much better"
    assert ACTION.find("NONE") is None
    assert CAUSALITY.find("SUSPECTED") is None
    assert OUTCOME.code(None) is None
    assert OUTCOME.page(None) == ""


def test_severities_are_ranked_and_an_unknown_one_ranks_below_them() -> None:
    order = ["odd", "MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL"]
    assert sorted(order[3:] + order[:3], key=SEVERITY.rank) == order
    assert SEVERITY.rank("GRADE 3") == SEVERITY.rank("SEVERE")
    assert SEVERITY.rank(None) == -1


def test_no_spelling_means_two_things() -> None:
    for codelist in CODELISTS.values():
        spellings = [spelling.casefold() for term in codelist.terms for spelling in (term.code, *term.others)]
        assert len(spellings) == len(set(spellings))


@pytest.mark.parametrize(("value", "yes", "no"), [
    ("Y", True, False), ("yes", True, False), (1, True, False), ("N", False, True), ("No", False, True),
    (0, False, True), ("U", False, False), ("NA", False, False), (None, False, False),
])  # fmt: skip
def test_a_flag_is_yes_or_no_or_neither(value: str | int | None, yes: bool, no: bool) -> None:
    assert (is_yes(value), is_no(value)) == (yes, no)
