"""What of a record blinded readers never see: decided when the record is written, and kept beside its values.

A study hides what the product knows to tell a treatment, and what its own rules add: variables, tests, and words. Where
it is not sure the answer is hidden; a study can open a variable that a word hides without need.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Final

from apps.studies.domain.domain_codes import DomainClass, domain_entry
from apps.studies.domain.variables import BlindingClass, Value, blinding_class, domain_is_hidden, is_date

Hidden = frozenset[str]

OPEN: Final[Hidden] = frozenset()
WHOLE: Final[Hidden] = frozenset({"*"})
"""Nothing of a record is hidden; everything is, its existence included."""

# Keys by which records are found and joined: a word that happens to stand in one must not hide it.
_NEVER_TELL: Final = frozenset(
    {"STUDYID", "DOMAIN", "USUBJID", "SUBJID", "SITEID", "INVID", "COUNTRY", "RDOMAIN", "IDVAR", "IDVARVAL", "RELID"}
)
_EPOCHS: Final = frozenset(
    {"SCREENING", "RUN-IN", "BASELINE", "TREATMENT", "FOLLOW-UP", "LONG-TERM FOLLOW-UP", "WASHOUT", "OBSERVATION"}
    | {"BLINDED TREATMENT", "DOUBLE-BLIND TREATMENT", "OPEN LABEL TREATMENT", "INDUCTION TREATMENT"}
    | {"CONTINUATION TREATMENT", "POST-TREATMENT", "PRE-TREATMENT", "STUDY CLOSURE"}
)
"""CDISC controlled terminology of EPOCH (C99079) that is the same for every arm."""

# Where sites write of study drug in their own words; elsewhere the same words are of other medication and of events.
_SPEAKS_OF_DOSING: Final = frozenset({"COVAL", "DVTERM", "DVDECOD", "DSTERM", "SVREASOC", "SVUPDES"})
_SPEAKS_OF_DOSING_SUFFIXES: Final = frozenset({"ACNOTH", "REASND"})
_DOSING: Final = re.compile(
    r"\b(?:dos(?:e|es|ed|ing|age|ages)|titrat\w*|unblind\w*|placebos?|randomi[sz]ed (?:to|in)"
    r"|(?:study|active|investigational|blinded) (?:drug|medication|treatment|product)|treatment arm|kit)\b"
    # An amount, as in 54 mg, tells an arm as surely as its name does.
    r"|[0-9] ?m(?:c?g|l)\b"
)
# Never the bare word: MCHC, a value of every blood count, is a mean concentration, too.
_CONCENTRATION: Final = re.compile(
    r"\b(?:pharmacokinetics?|pk|(?:drug|plasma|serum|trough|peak) (?:level|concentration)s?"
    r"|anti-?drug antibod\w*|(?:study|investigational) (?:drug|treatment|product))\b"
)
LONGEST_WORD: Final = 200
_SHORT: Final = 200
# Names of variables come from files, so nothing else bounds how many are remembered.
_MOST_KEPT: Final = 4096
_TEST_NAMES: Final = ("TESTCD", "TEST", "CAT", "SCAT", "OBJ")


class _Telling(Enum):
    """How a variable may tell the treatment: by being there, or by what its text says."""

    ALWAYS = "always"
    NEVER = "never"
    BY_WORD = "by a word"
    BY_WORD_OR_DOSING = "by a word, or by speaking of dosing"
    BY_EPOCH = "by an epoch of its own"


@dataclass(frozen=True, slots=True)
class BlindingRules:
    """What a study hides beyond the product's own rules.

    `variables` and `opened` are like `FA.FAORRES`, `tests` like `LB.DRUGX`; `words` are folded (`fold`).
    """

    variables: frozenset[str] = frozenset()
    opened: frozenset[str] = frozenset()
    tests: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    _tellings: dict[tuple[str, str], _Telling] = field(default_factory=dict, init=False, repr=False, compare=False)

    def hidden_in(self, domain: str, values: Mapping[str, Value]) -> Hidden:
        """Names of the variables of a record that tell the treatment; WHOLE where the record as such does."""
        if record_is_hidden(domain, values) or self._test_tells(domain, values):
            return WHOLE
        found = []
        for name, value in values.items():
            telling = self._telling_of(domain, name)
            if telling is _Telling.ALWAYS or (
                telling is not _Telling.NEVER and isinstance(value, str) and _text_tells(telling, self.words, value)
            ):
                found.append(name)
        return frozenset(found) if found else OPEN

    def variable_is_hidden(self, domain: str, variable: str) -> bool:
        """Whether a variable is hidden by its name, whatever its value."""
        return blinding_class(domain, variable) is not BlindingClass.OPEN or f"{domain}.{variable}" in self.variables

    def test_is_hidden(self, domain: str, code: str) -> bool:
        """Whether results of a test are hidden by its code, whatever they are."""
        return f"{domain}.{code}" in self.tests

    def _telling_of(self, domain: str, name: str) -> _Telling:
        telling = self._tellings.get((domain, name))
        if telling is None:
            if len(self._tellings) >= _MOST_KEPT:
                self._tellings.clear()
            telling = self._tellings[domain, name] = self._judged(domain, name)
        return telling

    def _judged(self, domain: str, name: str) -> _Telling:
        # Before what is opened: a study opens what a word hides, never what is hidden by its name.
        if self.variable_is_hidden(domain, name):
            return _Telling.ALWAYS
        if name in _NEVER_TELL or is_date(name) or f"{domain}.{name}" in self.opened:
            return _Telling.NEVER
        if name == "EPOCH":
            return _Telling.BY_EPOCH
        speaks = name in _SPEAKS_OF_DOSING or (name.startswith(domain) and name[2:] in _SPEAKS_OF_DOSING_SUFFIXES)
        return _Telling.BY_WORD_OR_DOSING if speaks else _Telling.BY_WORD

    def _test_tells(self, domain: str, values: Mapping[str, Value]) -> bool:
        entry = domain_entry(domain)
        if entry is None or entry.observation_class is not DomainClass.FINDINGS:
            return False
        if self.test_is_hidden(domain, str(values.get(f"{domain}TESTCD", ""))):
            return True
        texts = [str(values[name]) for name in _test_texts(domain) if name in values]
        # FA holds findings about anything, doses among them; elsewhere only a measurement of the drug tells.
        tells = _speaks_of_dosing if domain == "FA" else _measures_drug
        return any(names_treatment(self.words, text) or tells(text) for text in texts)


PRODUCT_RULES: Final = BlindingRules()
"""What every study hides, whatever it is about."""


def deciding_variables(domain: str) -> tuple[str, ...]:
    """Variables whose values decide whether a record is hidden as a whole."""
    return ("RDOMAIN", *_test_texts(domain))


def _test_texts(domain: str) -> tuple[str, ...]:
    """Variables that say what was tested; findings about others may say it in their results."""
    names = tuple(f"{domain}{part}" for part in _TEST_NAMES)
    return (*names, "FAORRES", "FASTRESC") if domain == "FA" else names


def record_is_hidden(domain: str, values: Mapping[str, Value]) -> bool:
    """Whether nothing of a record may be seen: its domain, or the domain it relates to, tells the treatment."""
    return domain_is_hidden(domain) or ("RDOMAIN" in values and domain_is_hidden(str(values["RDOMAIN"])))


def open_values(values: Mapping[str, Value], hidden: Hidden) -> dict[str, Value] | None:
    """What blinded readers see of a record; None where the record does not exist for them."""
    if hidden is WHOLE or "*" in hidden:
        return None
    return {name: value for name, value in values.items() if name not in hidden} if hidden else dict(values)


def hidden_by_target(target: str | None, hidden_ids: Iterable[str]) -> bool:
    """Whether a relation points at a record that blinded readers must not know."""
    return bool(target) and not set(str(target).split()).isdisjoint(hidden_ids)


def spelled(hidden: Hidden) -> str:
    """The form in which hidden names are stored: in order, joined by commas."""
    return ",".join(sorted(hidden))


def parsed(text: str) -> Hidden:
    """Hidden names from the form in which they are stored."""
    if not text:
        return OPEN
    return WHOLE if text == "*" else _parsed_names(text)


@lru_cache(maxsize=4096)
def _parsed_names(text: str) -> Hidden:
    return frozenset(text.split(","))


def fold(text: str) -> str:
    """Text as words are looked for in it: compatibility forms, case and runs of blanks do not tell two words apart."""
    # Format characters (a soft hyphen within a name) would hide a word from the search and from no reader.
    visible = "".join(c for c in unicodedata.normalize("NFKC", text) if unicodedata.category(c) != "Cf")
    return " ".join(visible.casefold().split())


def names_treatment(words: frozenset[str], text: str) -> bool:
    """Whether one of the (folded) words stands in a text, as a word of its own or its plural."""
    return bool(words) and _found(_any_of(words), text)


def _found(pattern: re.Pattern[str], text: str) -> bool:
    # Short texts repeat, long ones hardly do, and a cache of them would fill the memory.
    return _is_in_short(pattern, text) if len(text) <= _SHORT else pattern.search(fold(text)) is not None


@lru_cache(maxsize=65536)
def _is_in_short(pattern: re.Pattern[str], text: str) -> bool:
    return pattern.search(fold(text)) is not None


@lru_cache(maxsize=256)
def _any_of(words: frozenset[str]) -> re.Pattern[str]:
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile(rf"(?<![^\W_])(?:{'|'.join(map(re.escape, longest_first))})s?(?![^\W_])")


def _text_tells(telling: _Telling, words: frozenset[str], text: str) -> bool:
    if telling is _Telling.BY_EPOCH:
        return text.upper() not in _EPOCHS
    return names_treatment(words, text) or (telling is _Telling.BY_WORD_OR_DOSING and _speaks_of_dosing(text))


def _speaks_of_dosing(text: str) -> bool:
    return _found(_DOSING, text)


def _measures_drug(text: str) -> bool:
    return _found(_CONCENTRATION, text)


def kept_word(name: str) -> str:
    """A name as it is kept and looked for: folded, and where it is too long cut at the end of a word of it."""
    word = fold(name)
    if len(word) <= LONGEST_WORD:
        return word
    # Cut within a word it would be found nowhere, since names are looked for as words of their own.
    ends = (place for place in range(LONGEST_WORD, 0, -1) if not word[place].isalnum())
    return word[: next(ends, LONGEST_WORD)].rstrip()


def words_of(values: Iterable[str]) -> frozenset[str]:
    """Folded words worth looking for; numbers, single letters and what says that nobody was treated tell nothing."""
    folded = (kept_word(value) for value in values)
    return frozenset(word for word in folded if len(word) > 2 and not word.isdigit() and word not in _NOT_A_TREATMENT)


_NOT_A_TREATMENT: Final = frozenset(
    {"scrnfail", "screen failure", "notassgn", "not assigned", "nottrt", "not treated", "unplnacm", "unplanned"}
    | {"active", "control", "treatment", "treated", "untreated", "none", "oral", "drug", "yes", "not"}
)
"""Null values of ARM (SDTMIG 3.4, 5.2), and everyday words that an arm may be called by."""
