"""Reads one sentence against the facts it cites: terms, claims, values, and the words that are left."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from apps.narratives.domain.facts.fact import Fact, Kind
from apps.narratives.domain.facts.quantities import written_unit
from apps.narratives.domain.facts.terms import analyte_forms, drug_forms, term_forms
from apps.narratives.domain.verifying.claims import CLAIM_RULES, ClaimRule
from apps.narratives.domain.verifying.value_grammar import ValueSpan, plain, scan_values

_QUOTED: Final = re.compile(r"“([^“”]*)”")
_WORD: Final = re.compile(r"[^\W\d_][\w'-]*(?<!['-])|[^\w\s]|_")

_CRITERION: Final = (
    r"(?:death|life-threatening event|hospitali[sz]ation|disability|congenital anomaly|cancer|overdose"
    r"|medically important event)"
)
_CRITERIA: Final = re.compile(rf"\bcriteri(?:on|a) of {_CRITERION}(?:(?:, | and ){_CRITERION})*", re.IGNORECASE)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Mention:
    """A cited term where the sentence names it; no facts for quoted words that nothing cited holds."""

    start: int
    end: int
    text: str
    facts: tuple[Fact, ...]

    @property
    def entities(self) -> frozenset[str]:
        """What the mention may be about."""
        return frozenset(fact.about for fact in self.facts)


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim where the sentence has it."""

    rule: ClaimRule
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Word:
    """A word or sign that is no term, claim or value."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Reading:
    """A sentence taken apart; all places are those of the original text."""

    text: str
    facts: tuple[Fact, ...]
    mentions: tuple[Mention, ...]
    claims: tuple[Claim, ...]
    values: tuple[ValueSpan, ...]
    words: tuple[Word, ...]

    def without_terms(self) -> str:
        """The text with its terms blanked."""
        return blanked(self.text, [(mention.start, mention.end) for mention in self.mentions])

    def remainder(self) -> str:
        """The text with terms, claims and values blanked."""
        terms = [(mention.start, mention.end) for mention in self.mentions]
        claims = [(claim.start, claim.end) for claim in self.claims]
        values = [(value.start, value.end) for value in self.values]
        return blanked(self.text, [*terms, *claims, *values])


def read_sentence(text: str, facts: Sequence[Fact]) -> Reading:
    """Take a sentence apart; longer wordings are read before shorter ones, terms before claims before values."""
    written = plain(text)
    # Each step leaves what it has read to no other, so that the order of these lines is part of the grammar.
    taken: list[Span] = []
    mentions = tuple(sorted(_mentions(written, facts, taken), key=lambda mention: mention.start))
    claims = tuple(sorted(_claims(written, taken), key=lambda claim: claim.start))
    units = frozenset(plain(written_unit(fact.unit)) for fact in facts if fact.unit)
    values = tuple(scan_values(written, taken, units))
    taken += [(value.start, value.end) for value in values]
    words = tuple(Word(m.start(), m.end(), m.group()) for m in _WORD.finditer(blanked(written, taken)))
    return Reading(written, tuple(facts), mentions, claims, values, words)


def blanked(text: str, spans: Sequence[Span]) -> str:
    """The text with stretches replaced by spaces, every other character in its place."""
    characters = list(text)
    for start, end in spans:
        characters[start:end] = " " * (end - start)
    return "".join(characters)


@lru_cache(maxsize=16384)
def written_forms(term: str) -> tuple[str, ...]:
    """Every way a term may be written, folded for comparison, the longest first."""
    forms = {plain(form).lower() for make in (term_forms, drug_forms, analyte_forms) for form in make(term)}
    return tuple(sorted(forms, key=lambda form: (-len(form), form)))


@lru_cache(maxsize=16384)
def _pattern(form: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(form)}(?!\w)", re.IGNORECASE)


def _mentions(text: str, facts: Sequence[Fact], taken: list[Span]) -> Iterator[Mention]:
    # Quotations first: reported words may hold dates, judgements and orders, and claim nothing.
    for match in _QUOTED.finditer(text):
        quoted = match.group(1).lower()
        stating = tuple(fact for fact in facts if fact.text and quoted in _quotations(fact))
        taken.append(match.span())
        yield Mention(match.start(), match.end(), match.group(), stating)
    # "The criterion of hospitalisation" is a claim, also of an event that is called so.
    criteria = [match.span() for match in _CRITERIA.finditer(text)]
    by_form: dict[str, list[Fact]] = {}
    for fact in facts:
        for form in _forms_of(fact):
            by_form.setdefault(form, []).append(fact)
    for form in sorted(by_form, key=lambda form: (-len(form), form)):
        # What is the whole term of one thing names that thing, though the term of another may be shortened to it.
        whole = tuple(fact for fact in by_form[form] if form in _whole_forms(fact))
        for match in _pattern(form).finditer(text):
            if _is_free(match.span(), [*taken, *criteria]):
                taken.append(match.span())
                yield Mention(match.start(), match.end(), match.group(), whole or tuple(by_form[form]))


def _forms_of(fact: Fact) -> tuple[str, ...]:
    if fact.is_absent:
        return ()
    if fact.kind is Kind.IDENTIFIER:
        return (fact.text.lower(),)
    return written_forms(fact.text) if fact.kind is Kind.TERM else ()


def _quotations(fact: Fact) -> tuple[str, ...]:
    """The words of a fact as they may be quoted: alone, and those of a dose with its unit."""
    words = plain(fact.text).lower()
    return (words,) if fact.unit is None else (words, f"{words} {plain(fact.unit).lower()}")


def _whole_forms(fact: Fact) -> frozenset[str]:
    forms = (make(fact.text)[0] for make in (term_forms, drug_forms, analyte_forms))
    return frozenset(plain(form).lower() for form in forms)


def _claims(text: str, taken: list[Span]) -> Iterator[Claim]:
    for rule in CLAIM_RULES:
        for match in rule.pattern.finditer(text):
            if match.group() and _is_free(match.span(), taken):
                taken.append(match.span())
                yield Claim(rule, match.start(), match.end(), match.group())


def _is_free(span: Span, taken: Sequence[Span]) -> bool:
    return all(span[1] <= start or span[0] >= end for start, end in taken)
