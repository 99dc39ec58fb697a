"""Values of a sentence are read by their form."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.narratives.domain.verifying.value_grammar import NUMBER_WORDS, ValueKind, plain, scan_values


@pytest.mark.parametrize(
    ("text", "kind", "numbers"),
    [
        ("02 Jun 2013", ValueKind.DATE, (2013, 6, 2)),
        ("2 June 2013", ValueKind.DATE, (2013, 6, 2)),
        ("Jun 2013", ValueKind.DATE, (2013, 6)),
        ("2013-06-02", ValueKind.DATE, (2013, 6, 2)),
        ("2013", ValueKind.DATE, (2013,)),
        ("06/02/2013", ValueKind.DATE, ()),
        ("June 2, 2013", ValueKind.DATE, ()),
        ("day 38", ValueKind.STUDY_DAY, (38,)),
        ("day −13", ValueKind.STUDY_DAY, (-13,)),
        ("day 1024", ValueKind.STUDY_DAY, (1024,)),
        ("day 1,024", ValueKind.STUDY_DAY, (1024,)),
        ("69-year-old", ValueKind.AGE, (69,)),
        ("aged 69 years", ValueKind.AGE, (69,)),
        ("69 years of age", ValueKind.AGE, (69,)),
        ("5.94 × ULN", ValueKind.MULTIPLE, (Decimal("5.94"),)),
        ("three times the upper limit of normal", ValueKind.MULTIPLE, (3,)),
        ("3.9 to 7.8 mmol/L", ValueKind.RANGE, (Decimal("3.9"), Decimal("7.8"))),
        ("twenty-one days", ValueKind.DURATION, (21,)),
        ("4-day", ValueKind.DURATION, (4,)),
        ("1,250\u00a0mg", ValueKind.QUANTITY, (1250,)),
        ("12.41 × 10^9/L", ValueKind.QUANTITY, (Decimal("12.41"),)),
        ("two tablets", ValueKind.QUANTITY, (2,)),
        ("42", ValueKind.NUMBER, (42,)),
        ("nineteen", ValueKind.NUMBER, (19,)),
    ],
)
def test_values_are_read_by_their_form(text: str, kind: ValueKind, numbers: tuple[object, ...]) -> None:
    (value,) = scan_values(plain(f"x {text} y"), [])
    assert (value.kind, value.numbers) == (kind, numbers)


def test_taken_stretches_hold_no_values() -> None:
    assert scan_values("vitamin B12 5 mg", [(0, 11)])[0].text == "5 mg"
    assert scan_values("no. 3", [(0, 5)]) == []


@given(st.text(max_size=200))
def test_plain_text_keeps_every_character_in_its_place(text: str) -> None:
    assert len(plain(text)) == len(text)


def test_number_words_count() -> None:
    assert (NUMBER_WORDS["zero"], NUMBER_WORDS["nineteen"], NUMBER_WORDS["ninety-nine"]) == (0, 19, 99)
