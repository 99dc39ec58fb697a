"""Widths of text are estimated so that nothing is cut off or lost."""

from hypothesis import given
from hypothesis import strategies as st

from apps.twins.domain.drawing.text import width_of, wrapped


@given(st.text(max_size=200), st.floats(30, 400))
def test_wrapping_keeps_every_character_and_the_limit(text, limit):
    lines = wrapped(text, 12, limit)
    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(width_of(line, 12) <= limit for line in lines)


def test_words_share_a_line_while_there_is_room():
    assert wrapped("two words", 12, 400) == ("two words",)
    assert wrapped("two words", 12, 40) == ("two", "words")


def test_semibold_is_counted_wider():
    assert width_of("Fatigue", 12, is_strong=True) > width_of("Fatigue", 12)


def test_a_character_outside_the_font_counts_as_the_widest():
    assert width_of("語", 10) >= width_of("W", 10)
