"""Spelling of terms, small grammar, quantities and the grammar of values."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.narratives.domain import grammar
from apps.narratives.domain.facts import Absence, Kind, Role
from apps.narratives.domain.grammar import Phrase, Voice
from apps.narratives.domain.quantities import is_same_quantity, plain_unit
from apps.narratives.domain.stating import stated
from apps.narratives.domain.terms import analyte_forms, clean_verbatim, drug_forms, sentence_case, term_forms
from apps.narratives.domain.tokens import NUMBER_WORDS, ValueKind, hidden_characters, plain, scan_values


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
    assert sentence_case("HALLUCINATION, VISUAL") == "Visual hallucination"


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


@pytest.mark.parametrize(
    ("value", "unit", "other", "other_unit", "analyte"),
    [
        ("1", "g", "1000", "mg", ""),
        ("24", "µmol/L", "24", "umol/L", ""),
        ("2", "weeks", "14", "days", ""),
        ("1.4", "mg/dL", "23.94", "umol/L", "Bilirubin"),
        ("23.94", "umol/L", "1.4", "mg/dL", "Bilirubin"),
        ("5", None, "5", None, ""),
        ("3.3", "g/dL", "33", "g/L", ""),
    ],
)
def test_equal_quantities_in_other_units_are_equal(
    value: str, unit: str | None, other: str, other_unit: str | None, analyte: str
) -> None:
    assert is_same_quantity(Decimal(value), unit, Decimal(other), other_unit, analyte)


@pytest.mark.parametrize(
    ("value", "unit", "other", "other_unit"),
    [
        ("50", "mg", "500", "mg"),
        ("50", "mg", "50", "g"),
        ("1.4", "mg/dL", "23.94", "umol/L"),
        ("1", "tablet", "1", "mg"),
    ],
)
def test_other_quantities_are_not(value: str, unit: str, other: str, other_unit: str) -> None:
    assert not is_same_quantity(Decimal(value), unit, Decimal(other), other_unit)


def test_units_have_one_spelling() -> None:
    assert plain_unit("× 10^9/L") == "10^9/L"
    assert plain_unit("tablets") == "tablet"
    assert plain_unit(None) == ""


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


def test_absence_is_no_number() -> None:
    assert stated("X", Role.DOSE, "Dose", Kind.DOSE, None).absence is Absence.NOT_RECORDED
