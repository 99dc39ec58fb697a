"""Whole numbers that people and programs put into addresses, headers and messages."""

from typing import Final

# Fits every column, and JSON numbers of every client (2**53 has 16 digits).
MOST_NUMBER: Final = 10**15 - 1
_MOST_DIGITS: Final = len(str(MOST_NUMBER))


def whole_number(text: str) -> int | None:
    """A number of up to 15 of the digits 0 to 9; None for anything else, such as `²`, `+1` or a sign."""
    is_number = 1 <= len(text) <= _MOST_DIGITS and text.isascii() and text.isdigit()
    return int(text) if is_number else None
