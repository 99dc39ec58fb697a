"""One canonical form of every value before anything is hashed, the same from every format.

- Blank is absent: empty text, blanks only, null and NaN are left out of the record.
- A numeric variable is a JSON number. It is rounded to 15 significant decimal digits, which every IEEE double keeps and
  which removes the noise of the IBM floating point of SAS XPORT; an integral number is an ``int``. ``ranges`` says how
  large it may be.
- Text is NFC, trimmed on the right only (leading blanks may mean something), with ``\\n`` line ends. ``NA`` is a value.
- A date stays the text it was, once ``dates.parse`` has accepted it and its years can belong to a trial.

Lengths are looked at before anything is read, so that judging a value takes time in proportion to its length.
"""

import math
import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from functools import lru_cache
from typing import Final

from apps.core.domain.errors import InvalidInputError
from apps.studies.domain import dates, ranges, variables
from apps.studies.domain.variables import Value

MAX_TEXT_CHARACTERS: Final = 100_000
_SHOWN_CHARACTERS: Final = 60
_MOST_NUMBER_CHARACTERS: Final = 60
_REMEMBERED_CHARACTERS: Final = 200
# The Stream-Safe Text Format (Unicode UAX #15, D4): no more marks in a row than this. Sorting them takes their square.
_MOST_MARKS: Final = 30
# Beyond it neighbouring integers are one double.
_EXACT_INTEGERS: Final = 2**53
_NUMBER: Final = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_PLAIN_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?")
# PostgreSQL keeps neither NUL nor lone surrogates in JSON; the others hide on a page what a text says.
_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class InvalidValueError(InvalidInputError):
    """A value that its variable cannot hold."""

    title = "The value was not accepted"
    kind = "invalid-value"

    def __init__(self, variable: str, reason: str) -> None:
        super().__init__(f"{variable}: {reason}", extra={"variable": variable, "reason": reason})
        self.variable = variable
        self.reason = reason


def canonical_values(domain: str, raw: Mapping[str, object]) -> dict[str, Value]:
    """Canonical values of one record, blank variables left out; InvalidValueError names the first that is wrong."""
    canonical = ((name, canonical_value(domain, name, value)) for name, value in raw.items())
    return {name: value for name, value in canonical if value is not None}


def canonical_value(domain: str, variable: str, raw: object) -> Value | None:
    """Canonical form of one value, None when it is blank; InvalidValueError when the variable cannot hold it."""
    if raw is None or (isinstance(raw, float) and math.isnan(raw)):
        return None
    # A bool is an int to Python, and no value that SDTM has.
    if isinstance(raw, bool) or not isinstance(raw, str | int | float | date):
        raise InvalidValueError(variable, f"Got a value of type {type(raw).__name__}, expected text or a number.")
    if variables.is_numeric(domain, variable):
        return _canonical_number(domain, variable, raw)
    text = _canonical_text(variable, raw)
    if text and variables.is_date(variable):
        _check_date(variable, text)
    return text or None


def values_equal(one: Value | None, other: Value | None) -> bool:
    """Whether two values say the same in another spelling: case and blanks of text, 1 and 1.0, ``3.70`` and 3.7."""
    return one == other or _without_spelling(one) == _without_spelling(other)


def _canonical_number(domain: str, variable: str, raw: str | int | float | date) -> int | float | None:
    if isinstance(raw, str):
        raw = raw.strip()
        if not raw:
            return None
    number = _rounded(raw) if not isinstance(raw, str) or _is_number(raw) else None
    expected = "a number" if number is None else ranges.number_expected(domain, variable, number)
    if expected:
        raise InvalidValueError(variable, f"Got {_shown(raw)}, expected {expected}.")
    return number


def _is_number(text: str) -> bool:
    return len(text) <= _MOST_NUMBER_CHARACTERS and _NUMBER.fullmatch(text) is not None


def _rounded(raw: str | int | float | date) -> int | float | None:
    """A number to 15 significant digits, integral ones as int; None for a date and for what no finite double holds."""
    if isinstance(raw, date):
        return None
    try:
        number = float(f"{float(raw):.15g}")
    except OverflowError:
        return None
    if not math.isfinite(number):
        return None
    return int(number) if number.is_integer() and abs(number) <= _EXACT_INTEGERS else number


def _canonical_text(variable: str, raw: str | int | float | date) -> str:
    if isinstance(raw, date):
        return raw.isoformat()
    if not isinstance(raw, str):
        return _number_as_text(variable, raw)
    most = ranges.MOST_CHARACTERS.get(variable, MAX_TEXT_CHARACTERS)
    if len(raw) > most and (most == MAX_TEXT_CHARACTERS or len(raw.rstrip()) > most):
        expected = f"expected at most {most:,}. Shorten it, or keep the document elsewhere and name it here"
        raise InvalidValueError(variable, f"Got a text of {len(raw):,} characters, {expected}.")
    # Nearly every cell: only the rest can hold line ends, control characters, marks or letters to compose.
    if raw.isascii() and raw.isprintable():
        return raw.rstrip()
    text = raw.replace("\r\n", "\n").replace("\r", "\n").rstrip()
    forbidden = _FORBIDDEN.search(text)
    if forbidden:
        raise InvalidValueError(
            variable, f"Got the control character U+{ord(forbidden[0]):04X}, expected printable text."
        )
    _check_marks(variable, text)
    return unicodedata.normalize("NFC", text)


def _check_marks(variable: str, text: str) -> None:
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks > _MOST_MARKS:
            reason = f"Got more than {_MOST_MARKS} combining marks in a row, expected text that people read."
            raise InvalidValueError(variable, reason)


def _number_as_text(variable: str, raw: int | float) -> str:
    number = _rounded(raw)
    if number is None:
        raise InvalidValueError(variable, f"Got {_shown(raw)}, expected text.")
    return str(number)


def _check_date(variable: str, text: str) -> None:
    try:
        parsed = dates.parse(text)
    except dates.InvalidDateError as error:
        raise InvalidValueError(variable, f"Got {_shown(text)}, expected {error.expected}.") from error
    if not ranges.has_possible_years(parsed):
        years = f"a year from {ranges.FIRST_YEAR} to {ranges.LAST_YEAR}"
        raise InvalidValueError(variable, f"Got {_shown(text)}, expected {years}.")


def _shown(raw: object) -> str:
    # Python spells huge integers in the square of their length, and refuses beyond some thousand digits.
    if isinstance(raw, int) and raw.bit_length() > _SHOWN_CHARACTERS:
        return "an integer beyond the exact range of a double"
    text = str(raw)
    return repr(text if len(text) <= _SHOWN_CHARACTERS else text[:_SHOWN_CHARACTERS] + "…")


def _without_spelling(value: Value | None) -> Value | None:
    """Long texts are worked out each time: remembering them would fill the memory."""
    is_long = isinstance(value, str) and len(value) > _REMEMBERED_CHARACTERS
    return _spelling_free.__wrapped__(value) if is_long else _spelling_free(value)


@lru_cache(maxsize=65536)
def _spelling_free(value: Value | None) -> Value | None:
    if not isinstance(value, str):
        return value
    text = " ".join(value.split())
    is_decimal = len(text) <= _MOST_NUMBER_CHARACTERS and _PLAIN_DECIMAL.fullmatch(text)
    return _rounded(text) if is_decimal else text.casefold() or None
