"""A small English grammar: phrases that remember their facts, lists, articles, agreement, dates and numbers."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

from apps.narratives.domain.facts.fact import Absence, Fact
from apps.narratives.domain.facts.quantities import NBSP, written_unit
from apps.studies.domain.dates import display_days, parse

Choice = TypeVar("Choice")

_CONSONANT_SOUND: Final = re.compile(r"(?i)(?:uni|uri|use|usu|ure|uro|ute|eu|one\b)")
# An acronym is read letter by letter: an ECG, an MRI, a CT.
_VOWEL_LETTER_NAMES: Final = "AEFHILMNORSX"
_SILENT_H: Final = ("hour", "honest", "heir")
_SINGULAR_IN_S: Final = ("ss", "us", "is", "diabetes", "herpes", "scabies", "rickets", "mumps", "pertussis")


@dataclass(frozen=True, slots=True)
class Phrase:
    """A stretch of text and the ids of the facts it states."""

    text: str
    facts: tuple[str, ...] = ()


Part = Phrase | str | None


@dataclass(frozen=True, slots=True)
class Voice:
    """Chooses among equally good wordings: always the same for one subject, message and slot, whatever else changes."""

    subject_id: str
    key: str

    def pick(self, slot: str, options: Sequence[Choice]) -> Choice:
        """One of the options, by a hash of subject, message and slot."""
        # Not `hash`, which differs from process to process.
        digest = hashlib.blake2b(f"{self.subject_id}|{self.key}|{slot}".encode(), digest_size=4).digest()
        return options[int.from_bytes(digest) % len(options)]


def say(*parts: Part) -> Phrase:
    """Parts joined by spaces, punctuation attached, nothing for what is missing; facts in order, each once."""
    phrases = [part if isinstance(part, Phrase) else Phrase(part or "") for part in parts]
    text = " ".join(phrase.text for phrase in phrases if phrase.text)
    text = re.sub(r" ([,;.)])", r"\1", text).replace("( ", "(")
    return Phrase(text, tuple(dict.fromkeys(fact for phrase in phrases for fact in phrase.facts)))


def listed(items: Sequence[Phrase], joint: str = "and") -> Phrase:
    """`a`, `a and b`, `a, b and c`; semicolons where an item has a comma of its own."""
    if len(items) == 1:
        return items[0]
    separator = ";" if any(", " in item.text for item in items) else ","
    head = say(*(part for item in items[:-1] for part in (item, separator)))
    last_joint = f"; {joint}" if separator == ";" else joint
    return say(Phrase(head.text.rstrip(",;"), head.facts), last_joint, items[-1])


def gap_words(fact: Fact) -> str:
    """`not recorded` of this subject, or `not in the data` at all: two statements, never one for the other."""
    return "not in the data" if fact.absence is Absence.NOT_IN_DATA else "not recorded"


def stated_by(text: str, *facts: Fact | None) -> Phrase:
    """Text that states the given facts."""
    return Phrase(text, tuple(fact.id for fact in facts if fact is not None))


def citing(phrase: Phrase, *facts: Fact) -> Phrase:
    """The phrase as it is, stating these facts as well."""
    return Phrase(phrase.text, tuple(dict.fromkeys((*phrase.facts, *(fact.id for fact in facts)))))


def finished(phrase: Phrase) -> Phrase:
    """A sentence: capital first, full stop last."""
    text = phrase.text[0].upper() + phrase.text[1:]
    return Phrase(text if text.endswith(".") else f"{text}.", phrase.facts)


def indefinite(noun: str) -> str:
    """`a` or `an` before a noun phrase, by sound."""
    first = noun.split(" ", 1)[0]
    if len(first) > 1 and first.isupper():
        return f"{'an' if first[0] in _VOWEL_LETTER_NAMES else 'a'} {noun}"
    starts_with_vowel = first[0].lower() in "aeiou" and not _CONSONANT_SOUND.match(first)
    is_eleven_or_eighty = re.match(r"(?:8\d?|11|18)(?:\D|$)", first) is not None
    is_vowel = starts_with_vowel or first.lower().startswith(_SILENT_H) or is_eleven_or_eighty
    return f"{'an' if is_vowel else 'a'} {noun}"


def is_plural(noun: str) -> bool:
    """Whether a term takes a plural verb, by its head: the last word before a preposition."""
    head = re.split(r" (?:with|of|in|due|from|to)\b", noun)[0].split(" ")[-1].lower()
    return head.endswith("s") and not head.endswith(_SINGULAR_IN_S)


def be(count: int, noun: str = "") -> str:
    """`was` or `were`."""
    return "were" if count > 1 or (noun and is_plural(noun)) else "was"


def counted(number: int | float, unit: str) -> str:
    """A number with its unit in the right grammatical number: `1 day`, `4 days`."""
    singular = unit.removesuffix("s")
    return f"{written_number(number)} {singular if number == 1 else singular + 's'}"


def written_number(value: int | float | str) -> str:
    """A number as people read it: thousands comma, decimal point, as many decimals as recorded."""
    if isinstance(value, str):
        return value
    # By way of `str`, the shortest text that is this number: its binary form has digits that nobody recorded.
    whole, dot, decimals = format(Decimal(str(value)), "f").partition(".")
    return f"{int(whole):,}{dot}{decimals}" if not whole.startswith("-") else f"−{int(whole[1:]):,}{dot}{decimals}"


def with_unit(value: int | float | str, unit: str | None) -> str:
    """A number, a no-break space and its unit: `5 mg`, `12.41 × 10^9/L`, `24 µmol/L`."""
    return f"{written_number(value)}{NBSP}{written_unit(unit)}" if unit else written_number(value)


def written_date(fact: Fact) -> str:
    """A date as far as it is known, without the time of day: `02 Jun 2013`, `Jun 2013`, `2012 to 2013`."""
    ends = dict.fromkeys(display_days(end) for end in fact.text.split("/"))
    return " to ".join(ends).replace("date not known", "a date not known")


def on_date(fact: Fact) -> Phrase:
    """`on 02 Jun 2013`, `in Jun 2013`, `in 2013`; says so when no date is recorded."""
    if fact.is_absent:
        return stated_by("on a date that was not recorded", fact)
    date, written = parse(fact.text), written_date(fact)
    if " to " in written:
        # An interval says that it was some day in it, and not that it lasted that long.
        return stated_by(f"on a day from {written}", fact)
    is_day = date.day is not None or (date.month is None and date.year is None)
    return stated_by(f"{'on' if is_day else 'in'} {written}", fact)


def in_brackets_day(fact: Fact | None) -> Phrase | None:
    """`(day 38)`, `(day 1024)`, or nothing where the study day is not known."""
    # A day is a name and no amount: it has no thousands comma, just as a year has none.
    return None if fact is None else stated_by(f"(day {fact.text.replace('-', '−')})", fact)


def day_of_all(days: list[Fact]) -> Phrase | None:
    """`(day 38)` for events that share it."""
    day = in_brackets_day(days[0]) if days else None
    return None if day is None else citing(day, *days)
