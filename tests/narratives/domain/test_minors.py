"""Children are told as children: by the age that was recorded, in whatever unit, and the check reads it back."""

import pytest

from apps.narratives.llm.models import RealiserChatModel
from apps.narratives.llm.pipeline import write_narrative
from tests.narratives.building import changed, facts_in, seizure_rows, twin_of


def told(age: float, unit: str | None, sex: str | None = "F") -> tuple[str, str]:
    """State and first sentence of the narrative of a subject of this age."""
    rows = changed(seizure_rows(), "DM/1", AGE=age, AGEU=unit, SEX=sex)
    result = write_narrative(facts_in(twin_of(rows)), RealiserChatModel())
    return result.state.value, result.content.sentences[0].text


@pytest.mark.parametrize(
    ("age", "unit", "words"),
    [
        (7, "MONTHS", "female infant (aged 7 months)"),
        (23, "MONTHS", "female infant (aged 23 months)"),
        (24, "MONTHS", "female child (aged 24 months)"),
        (10, "DAYS", "female infant (aged 10 days)"),
        (2, "YEARS", "2-year-old White female child"),
        (11, "YEARS", "11-year-old White female child"),
        (12, "YEARS", "12-year-old White female adolescent"),
        (17, "YEARS", "17-year-old White female adolescent"),
        (18, "YEARS", "18-year-old White woman"),
        (18, None, "18-year-old White woman"),
    ],
)
def test_a_subject_is_told_by_the_group_of_their_age(age: float, unit: str | None, words: str) -> None:
    state, text = told(age, unit)
    assert words in text
    assert state == "verified"


@pytest.mark.parametrize(("sex", "words"), [("M", "male infant"), (None, "infant"), ("U", "infant")])
def test_of_an_infant_whose_sex_is_not_known_only_the_group_is_told(sex: str | None, words: str) -> None:
    state, text = told(7, "MONTHS", sex)
    assert words in text
    assert "woman" not in text
    assert state == "verified"
