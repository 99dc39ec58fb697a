"""Articles, agreement, lists, dates and numbers as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.narratives.domain.facts.fact import Kind, Role
from apps.narratives.domain.facts.stating import stated
from apps.narratives.domain.realiser import grammar
from apps.narratives.domain.realiser.grammar import Phrase, Voice


@pytest.mark.parametrize(
    ("noun", "written"),
    [
        ("infarction", "an infarction"),
        ("severe fall", "a severe fall"),
        ("urinary tract infection", "a urinary tract infection"),
        ("8-year-old", "an 8-year-old"),
        ("18-year-old", "an 18-year-old"),
        ("69-year-old", "a 69-year-old"),
        ("MRI", "an MRI"),
        ("CT", "a CT"),
        ("hour", "an hour"),
        ("ulcer", "an ulcer"),
    ],
)
def test_articles_follow_the_sound(noun: str, written: str) -> None:
    assert grammar.indefinite(noun) == written


@pytest.mark.parametrize(
    ("noun", "plural"),
    [
        ("partial seizures with secondary generalisation", True),
        ("palpitations", True),
        ("pruritus", False),
        ("diabetes", False),
        ("dizziness", False),
        ("dermatitis", False),
        ("pain in extremities", False),
    ],
)
def test_verbs_agree_with_the_head_of_a_term(noun: str, plural: bool) -> None:
    assert grammar.is_plural(noun) is plural


def test_lists_use_semicolons_where_items_have_commas() -> None:
    assert grammar.listed([Phrase("a", ("1",)), Phrase("b"), Phrase("c", ("3",))]) == Phrase("a, b and c", ("1", "3"))
    assert grammar.listed([Phrase("a, x"), Phrase("b"), Phrase("c")]).text == "a, x; b; and c"
    assert grammar.listed([Phrase("a")]).text == "a"


def test_phrases_attach_their_punctuation_and_keep_each_fact_once() -> None:
    joined = grammar.say(Phrase("a", ("1",)), None, ",", Phrase("( b )", ("1", "2")), ".")
    assert joined == Phrase("a, (b).", ("1", "2"))


@pytest.mark.parametrize(
    ("value", "written"),
    [(1250, "1,250"), (0.625, "0.625"), (-13, "−13"), (12.0, "12.0"), ("1-2", "1-2"), (1e-05, "0.00001")],
)
def test_numbers_read_as_recorded(value: float | str, written: str) -> None:
    assert grammar.written_number(value) == written


def test_units_stand_behind_a_no_break_space() -> None:
    assert grammar.with_unit(5, "mg") == "5\u00a0mg"
    assert grammar.with_unit(5, None) == "5"
    assert grammar.with_unit(12.41, "10^9/L") == "12.41\u00a0×\u00a010^9/L"
    assert grammar.with_unit(24, "umol/L") == "24\u00a0µmol/L"


def test_counts_agree_with_their_unit() -> None:
    assert (grammar.counted(1, "days"), grammar.counted(4, "days")) == ("1 day", "4 days")


def test_dates_keep_their_precision_in_text() -> None:
    def fact(value: str | None) -> str:
        return grammar.on_date(stated("X/1", Role.ONSET, "Onset", Kind.DATE, value)).text

    assert fact("2013-06-02T08:40") == "on 02 Jun 2013"
    assert fact("2013-06") == "in Jun 2013"
    assert fact(None) == "on a date that was not recorded"


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_voice_always_chooses_the_same(subject: str, key: str) -> None:
    voice = Voice(subject, key)
    assert voice.pick("slot", [1, 2, 3]) == Voice(subject, key).pick("slot", [1, 2, 3])
