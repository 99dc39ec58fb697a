"""A strict grammar for the values of a sentence: dates, study days, durations, ages, multiples, ranges, quantities."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from typing import Final

from apps.narratives.domain.facts.terms import HIDDEN_CATEGORIES

MONTHS: Final = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH: Final = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?"
    r"|Sep(?:t(?:ember)?)?|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)"
)
_YEAR: Final = r"(?:19|20)\d{2}"
_DATED_YEAR: Final = r"\d{4}\b|\(year not known\)"
_NUMBER: Final = r"-?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?"
_ONES_TEXT: Final = "one two three four five six seven eight nine"
_TEENS_TEXT: Final = "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen"
_TENS_TEXT: Final = "twenty thirty forty fifty sixty seventy eighty ninety"
_UNIT: Final = (
    r"(?:× ?)?10\^\d+/L|mmol/L|umol/L|nmol/L|pmol/L|mol/L|mmol|umol|fmol|meq/L|g/dL|mg/dL|mg/L|g/L|mU/L|IU/L|U/L"
    r"|ug|mcg|mg|ng|kg|g|mL|dL|fL|pg|ukat/L|mmHg|bpm|L|IU|%|tablets?|capsules?|puffs?|drops?|units?"
)
_BOUND: Final = r"(?:(?P<sign>[<>]=?) ?)?"
_TIME_UNIT: Final = r"days?|weeks?|months?|years?|hours?|minutes?"


def _number_words() -> Mapping[str, int]:
    ones = _ONES_TEXT.split()
    words = {word: number for number, word in enumerate(("zero", *ones, *_TEENS_TEXT.split()))}
    for index, ten in enumerate(_TENS_TEXT.split(), start=2):
        words[ten] = index * 10
        words |= {f"{ten}-{one}": index * 10 + number for number, one in enumerate(ones, start=1)}
    return words


NUMBER_WORDS: Final = _number_words()
_WORD_NUMBER: Final = "|".join(sorted(NUMBER_WORDS, key=len, reverse=True))


class ValueKind(StrEnum):
    """What a value in a text is, by its form."""

    DATE = "date"
    STUDY_DAY = "study_day"
    DURATION = "duration"
    AGE = "age"
    MULTIPLE = "multiple"
    RANGE = "range"
    QUANTITY = "quantity"
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class ValueSpan:
    """A value found in a text: `numbers` holds year, month, day of a date, both ends of a range, or one number.

    No numbers means that the form is not one a narrative may use. A part of a date that the text calls not known is 0.
    `sign` makes a number a bound: `<1.1`, `>= 500`.
    """

    kind: ValueKind
    start: int
    end: int
    text: str
    numbers: tuple[Decimal, ...]
    unit: str | None = None
    sign: str = ""


Reader = Callable[[re.Match[str]], tuple[tuple[Decimal, ...], str | None]]


def plain(text: str) -> str:
    """The text with one spelling of spaces, dashes, quotes and micro signs; every character keeps its place."""
    return text.translate(_ONE_SPELLING)


# One character for one: findings point at places of the text as it was written.
_ONE_SPELLING: Final = str.maketrans(
    {"\u00a0": " ", "\u202f": " ", "\u2009": " ", "−": "-", "–": "-", "‑": "-", "’": "'", "‘": "'", "µ": "u", "μ": "u"}
)


def hidden_characters(text: str) -> list[int]:
    """Places of characters that cannot be seen."""
    return [place for place, c in enumerate(text) if unicodedata.category(c) in HIDDEN_CATEGORIES]


def scan_values(text: str, taken: list[tuple[int, int]], units: frozenset[str] = frozenset()) -> list[ValueSpan]:
    """Every value of a plain text outside the stretches already taken, in order; the longest form wins.

    `units` are units of the cited facts, in whatever way the source writes them: no list knows every unit.
    """
    found: list[ValueSpan] = []
    used = list(taken)
    for kind, pattern, reader in _grammar(units):
        for match in pattern.finditer(text):
            start, end = match.span()
            if all(end <= a or start >= b for a, b in used):
                numbers, unit = reader(match)
                sign = match.groupdict().get("sign") or ""
                found.append(ValueSpan(kind, start, end, match.group(), numbers, unit, sign))
                used.append((start, end))
    return sorted(found, key=lambda span: span.start)


def number_of(text: str) -> Decimal:
    """The number a text writes, in digits or words."""
    word = NUMBER_WORDS.get(text.lower())
    return Decimal(text.replace(",", "")) if word is None else Decimal(word)


def _day_month_year(match: re.Match[str]) -> tuple[tuple[Decimal, ...], None]:
    return (*_month_year(match)[0], Decimal(match["day"])), None


def _month_year(match: re.Match[str]) -> tuple[tuple[Decimal, ...], None]:
    year, name = match["year"], match["month"][:3].lower()
    return (Decimal(year if year.isdecimal() else 0), Decimal(MONTHS.index(name) + 1 if name in MONTHS else 0)), None


def _iso(match: re.Match[str]) -> tuple[tuple[Decimal, ...], None]:
    return tuple(Decimal(part) for part in match.group().split("-")), None


def _unreadable(_: re.Match[str]) -> tuple[tuple[Decimal, ...], None]:
    return (), None


def _one_number(match: re.Match[str]) -> tuple[tuple[Decimal, ...], str | None]:
    return (number_of(match["number"]),), match.groupdict().get("unit")


def _two_numbers(match: re.Match[str]) -> tuple[tuple[Decimal, ...], str | None]:
    return (number_of(match["low"]), number_of(match["high"])), match["unit"]


@lru_cache(maxsize=1024)
def _grammar(units: frozenset[str]) -> tuple[tuple[ValueKind, re.Pattern[str], Reader], ...]:
    """The forms of values, the longest first; units as recorded come before those that everybody writes."""
    own = [re.escape(unit) for unit in sorted(units, key=lambda unit: (-len(unit), unit))]
    unit = "|".join([*own, _UNIT])
    rules: tuple[tuple[ValueKind, str, Reader], ...] = (
        (
            ValueKind.DATE,
            rf"\b(?P<day>\d{{1,2}}) (?P<month>{_MONTH}|\(month not known\)) (?P<year>{_DATED_YEAR})",
            _day_month_year,
        ),
        (ValueKind.DATE, rf"\b{_MONTH} \d{{1,2}},? \d{{4}}\b", _unreadable),
        (ValueKind.DATE, rf"\b(?P<month>{_MONTH}) (?P<year>{_DATED_YEAR})", _month_year),
        (ValueKind.DATE, r"\ba date not known\b", lambda _: ((Decimal(0),), None)),
        # Two years are the ends of something in time where the words before them say so, else a range of numbers.
        (
            ValueKind.DATE,
            rf"(?:(?<=\bfrom )|(?<=\bsince )|(?<=\buntil )|(?<=\()){_YEAR}(?= to {_YEAR}\b(?! ?(?:{unit})))",
            lambda match: ((Decimal(match.group()),), None),
        ),
        (ValueKind.DATE, r"\b\d{4}-\d{2}(?:-\d{2})?\b", _iso),
        # Known as a date and not readable as one: which of the numbers is the month is a guess.
        (ValueKind.DATE, r"\b\d{1,2}[/.]\d{1,2}[/.]\d{2,4}\b", _unreadable),
        (ValueKind.AGE, rf"(?<![\w.])(?P<number>{_NUMBER})-(?P<unit>year)-old\b", _one_number),
        (ValueKind.AGE, rf"\baged (?P<number>{_NUMBER})(?: (?P<unit>{_TIME_UNIT}))?\b", _one_number),
        (ValueKind.AGE, rf"\b(?P<number>{_NUMBER}) (?P<unit>years) (?:of age|old)\b", _one_number),
        (ValueKind.STUDY_DAY, r"\bday (?P<number>-?(?:\d{1,3}(?:,\d{3})+|\d+))\b", _one_number),
        (ValueKind.MULTIPLE, rf"(?<![\w.])(?P<number>{_NUMBER}) ?[×x] ?(?P<unit>ULN)\b", _one_number),
        (
            ValueKind.MULTIPLE,
            rf"(?<![\w.])(?P<number>{_NUMBER}|{_WORD_NUMBER}) times (?P<unit>the upper limit of normal)\b",
            _one_number,
        ),
        (
            ValueKind.RANGE,
            rf"(?<![\w.])(?P<low>{_NUMBER})(?: to | ?- ?)(?P<high>{_NUMBER})(?: (?P<unit>{unit}))?(?!\w)",
            _two_numbers,
        ),
        (
            ValueKind.DURATION,
            rf"(?<![\w.])(?P<number>{_NUMBER}|{_WORD_NUMBER})[ -](?P<unit>{_TIME_UNIT})\b",
            _one_number,
        ),
        (
            ValueKind.QUANTITY,
            rf"(?<![\w.]){_BOUND}(?P<number>{_NUMBER}|{_WORD_NUMBER}) ?(?P<unit>{unit})(?![\w/^])",
            _one_number,
        ),
        # A bare year comes after quantities, because `2000 mg` is no date.
        (ValueKind.DATE, rf"\b{_YEAR}\b", lambda match: ((Decimal(match.group()),), None)),
        (ValueKind.NUMBER, rf"(?<!\w){_BOUND}(?P<number>{_NUMBER})", _one_number),
        (ValueKind.NUMBER, rf"\b(?P<number>{_WORD_NUMBER})\b", _one_number),
    )
    return tuple((kind, re.compile(pattern, re.IGNORECASE), reader) for kind, pattern, reader in rules)
