"""Running text: lines end between dates, days, quantities and identifiers, never within one."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.templatetags.prose import unbroken


def together(text: str) -> list[str]:
    return re.findall(r'<span class="nowrap">(.*?)</span>', unbroken(text))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Subject 01-704-1266, an 82-year-old man.", ["01-704-1266", "82-year-old"]),
        ("On 06 Oct 2013 (day −7), rash began.", ["06 Oct 2013", "(day −7)"]),
        ("Lisinopril 0.5 mg (since Mar 1998).", ["0.5 mg", "Mar 1998"]),
        ("ALT was 97 U/L, 3.03 times the limit.", ["97 U/L", "3.03 times"]),
        ("High at 0.99 × 10^9/L (0 to 0.57 × 10^9/L).", ["0.99 × 10^9/L", "0 to", "0.57 × 10^9/L"]),
        ("Hernia repair (2012).", []),
        ("It lasted 68 days.", ["68 days"]),
        ("Nothing here.", []),
    ],
)
def test_what_belongs_together_stays_in_one_piece(text: str, expected: list[str]) -> None:
    assert together(text) == expected


def test_an_identifier_longer_than_a_phone_is_wide_may_be_broken() -> None:
    assert together("Subject " + "-".join(["A" * 20] * 6)) == []
    assert together("Subject " + "A" * 60) == []


@given(st.text(max_size=200))
def test_the_text_is_what_it_was_and_data_stay_data(text: str) -> None:
    marked = unbroken(text)
    plain = re.sub(r"</?span[^>]*>", "", marked)
    for entity, sign in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&#x27;", "'"), ("&amp;", "&")):
        plain = plain.replace(entity, sign)
    assert plain == text
    assert set(re.findall(r"<[^>]*>", marked)) <= {'<span class="nowrap">', "</span>"}
