"""The deterministic verifier: reads a narrative as a stranger would and believes nothing that its facts do not say.

It knows nothing of how the text was written. A sentence passes only when every value, judgement, term and word in it
is accounted for by the facts that this sentence cites, and when it states all of those facts.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from apps.narratives.domain.facts.fact import Fact, Kind
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.binding import ITEM_ROLES, item_before
from apps.narratives.domain.verifying.check_claims import Checked, Problem, check_claims
from apps.narratives.domain.verifying.check_values import check_values
from apps.narratives.domain.verifying.claims import TOPIC_WORDS
from apps.narratives.domain.verifying.reading import Reading, read_sentence, written_forms
from apps.narratives.domain.verifying.report import Finding, Omission, Severity, Verdict, VerificationReport
from apps.narratives.domain.verifying.value_grammar import hidden_characters, plain
from apps.narratives.domain.verifying.vocabulary import (
    BANNED,
    LEXICON_VERSION,
    NEGATIONS,
    NEUTRAL_PHRASES,
    NEUTRAL_WORDS,
)

VERIFIER_VERSION: Final = "1.1"
LONGEST_SENTENCE: Final = 4000
_LONGEST_TERM_WORDS: Final = 8
# Terms that are claim words too: as claims they are checked more sharply than as terms.
_CLAIMING_TERMS: Final = frozenset(
    {"death", "hospitalisation", "disability", "congenital anomaly", "overdose", "cancer", "disease", "injury"}
)
# An arm coded `A` or `1` names nothing that a text could be searched for.
_SHORTEST_NAME: Final = 3
_SIGNS_OF_UNITS: Final = frozenset("*#[]{}")
_SIGNS: Final = frozenset(".,;:()'-/%")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What the verifier knows beyond the cited facts: clinical terms of subject and study, and words that unblind."""

    terms: frozenset[str]
    forbidden: frozenset[str]

    @staticmethod
    def of(facts: FactSet, study_terms: Iterable[str] = (), forbidden: Iterable[str] = ()) -> "Vocabulary":
        """Vocabulary from the subject's own terms, the study's terms and the names of treatments."""
        own = (fact.text for fact in facts.facts if fact.kind is Kind.TERM and not fact.is_absent)
        terms = {form for term in (*own, *study_terms) for form in written_forms(term)}
        # A treatment that is called by a word of every narrative cannot be told from that word.
        names = {plain(word).lower() for word in forbidden if len(word) >= _SHORTEST_NAME}
        return Vocabulary(frozenset(terms - _CLAIMING_TERMS), frozenset(names - NEUTRAL_WORDS))


def verify(
    sentences: Sequence[Sentence],
    facts: FactSet,
    *,
    study_terms: Iterable[str] = (),
    forbidden: Iterable[str] = (),
) -> VerificationReport:
    """Check every sentence against the facts it cites, and the whole against what a narrative must state."""
    vocabulary = Vocabulary.of(facts, study_terms, forbidden)
    verdicts, findings, stated = [], [], set[str]()
    for index, sentence in enumerate(sentences):
        checked = _check_sentence(sentence, facts, vocabulary)
        verdict = _verdict(checked.problems)
        verdicts.append(verdict)
        findings += [_finding(index, problem) for problem in checked.problems]
        stated |= checked.stated if verdict is Verdict.SUPPORTED else set()
    findings += _repeated(sentences)
    omitted = tuple(Omission(fact.id, fact.name, fact.elements) for fact in facts.required() if fact.id not in stated)
    return VerificationReport(
        facts.sha256, VERIFIER_VERSION, LEXICON_VERSION, tuple(verdicts), tuple(findings), omitted
    )


def _check_sentence(sentence: Sentence, facts: FactSet, vocabulary: Vocabulary) -> Checked:
    checked = Checked()
    checked.problems += [*_check_form(sentence.text), *_check_citations(sentence, facts)]
    # With hidden characters or unknown citations nothing that is read from a sentence could be relied on.
    if checked.problems:
        return checked
    cited = [facts.by_id[fact_id] for fact_id in dict.fromkeys(sentence.fact_ids)]
    reading = read_sentence(sentence.text, cited)
    for mention in reading.mentions:
        checked.stated.update(fact.id for fact in mention.facts)
    checked.problems += [*_check_quotes(reading), *_check_single(reading)]
    check_claims(reading, facts, checked)
    check_values(reading, checked)
    checked.problems += [*_check_terms(reading, vocabulary), *_check_words(reading)]
    checked.problems += _check_treatments(reading, vocabulary, checked.problems)
    checked.problems += [*_check_banned(reading), *_check_subject(reading, facts)]
    checked.problems += _check_overcitation(reading, checked.stated)
    return checked


def _verdict(problems: Sequence[Problem]) -> Verdict:
    if not problems:
        return Verdict.SUPPORTED
    is_contradicted = any(problem.contradicts for problem in problems)
    return Verdict.CONTRADICTED if is_contradicted else Verdict.UNSUPPORTED


def _finding(index: int, problem: Problem) -> Finding:
    return Finding(
        sentence=index,
        span=(problem.start, problem.end),
        code=problem.code,
        severity=Severity.BLOCK,
        expected=problem.expected,
        found=problem.found,
        fact_id=problem.fact_id,
        contradicts=problem.contradicts,
    )


def _check_form(text: str) -> Iterator[Problem]:
    """A visible, finished text of bearable length."""
    for place in hidden_characters(text):
        yield Problem("V_PARSE", place, place + 1, "visible characters", f"U+{ord(text[place]):04X}")
    if not text.strip() or len(text) > LONGEST_SENTENCE:
        yield Problem("V_PARSE", 0, len(text), f"1 to {LONGEST_SENTENCE} characters", f"{len(text)} characters")
    elif not text.endswith("."):
        yield Problem("V_PARSE", len(text) - 1, len(text), "a full stop", text[-1])


def _check_citations(sentence: Sentence, facts: FactSet) -> Iterator[Problem]:
    length = len(sentence.text)
    if not sentence.fact_ids:
        yield Problem("V_CITE", 0, length, "at least one cited fact", "none")
    for fact_id in sentence.fact_ids:
        if fact_id not in facts:
            yield Problem("V_CITE", 0, length, "facts of this subject", fact_id, fact_id)


def _check_single(reading: Reading) -> Iterator[Problem]:
    """One sentence, not two; a full stop inside a term or a quotation ends nothing."""
    for match in re.finditer(r"[.!?]\s+\w", reading.without_terms()):
        yield Problem("V_PARSE", match.start(), match.end(), "one sentence", match.group())


def _check_quotes(reading: Reading) -> Iterator[Problem]:
    for mention in reading.mentions:
        if not mention.facts:
            yield Problem("V_QUOTE", mention.start, mention.end, "words that a cited fact holds", mention.text)
        item = item_before(reading, mention.start)
        of_items = [fact for fact in mention.facts if fact.role in ITEM_ROLES]
        if of_items and item is not None and not any(fact.about in item for fact in of_items):
            expected = f"{of_items[0].role}: words on what stands before them"
            yield Problem(
                "V_ROLE", mention.start, mention.end, expected, mention.text, of_items[0].id, contradicts=True
            )


def _check_terms(reading: Reading, vocabulary: Vocabulary) -> Iterator[Problem]:
    """Clinical terms that the subject or study knows and this sentence does not cite."""
    text = reading.without_terms()
    words = [(match.start(), match.end()) for match in re.finditer(r"[^\s,;()]+", text.rstrip("."))]
    skip_to = 0
    for first, (start, _) in enumerate(words):
        # The longest first, so that a term is reported whole and not by a shorter one within it.
        for last in range(min(first + _LONGEST_TERM_WORDS, len(words)) - 1, first - 1, -1):
            candidate = text[start : words[last][1]].lower()
            if start >= skip_to and candidate in vocabulary.terms and candidate not in NEUTRAL_WORDS:
                skip_to = words[last][1]
                yield Problem("V_TERM", start, skip_to, "terms of the cited facts", candidate)


def _check_words(reading: Reading) -> Iterator[Problem]:
    """Every word left over must belong to the closed vocabulary or to a cited term."""
    cited = {word for fact in reading.facts if fact.kind is Kind.TERM for word in _words_of(fact)}
    neutral = [match.span() for match in NEUTRAL_PHRASES.finditer(reading.text)]
    for word in reading.words:
        if any(start <= word.start and word.end <= end for start, end in neutral):
            continue
        lower = word.text.lower()
        if lower in NEGATIONS:
            yield Problem("V_NEGATION", word.start, word.end, "a negation that a cited fact bears out", word.text)
        elif lower not in NEUTRAL_WORDS and lower not in TOPIC_WORDS and lower not in cited and lower not in _SIGNS:
            yield Problem("V_UNKNOWN", word.start, word.end, "words of the narrative vocabulary", word.text)


def _words_of(fact: Fact) -> set[str]:
    """Words of a term, except those that would be a claim of their own."""
    words = {word for form in written_forms(fact.text) for word in re.split(r"[\s,()/]+", plain(form).lower())}
    return words - NEGATIONS


def _check_banned(reading: Reading) -> Iterator[Problem]:
    outside_terms, remainder = reading.without_terms(), reading.remainder()
    signs = {value.start for value in reading.values if value.sign}
    # Laboratories write `10*9/L` and `[IU]/L` (UCUM).
    units = {
        place
        for value in reading.values
        for place in range(value.start, value.end)
        if value.unit and reading.text[place] in _SIGNS_OF_UNITS
    }
    for code, pattern, meaning in BANNED:
        # Words such as `unlikely` are borne out as part of a claim that was read; hints at the treatment never are.
        text = outside_terms if code in ("V_UNBLINDING", "V_MARKUP") else remainder
        for match in pattern.finditer(text):
            # The sign of a bound such as `<1.1` is part of a number and no markup.
            if not (match.end() - match.start() == 1 and match.start() in signs | units):
                yield Problem(code, match.start(), match.end(), f"no {meaning}", match.group())


def _check_treatments(reading: Reading, vocabulary: Vocabulary, found: Sequence[Problem]) -> Iterator[Problem]:
    """A name of a treatment is reported as any unknown word is: the report must not tell which words are names."""
    text = reading.without_terms().lower()
    reported = [(problem.start, problem.end) for problem in found if problem.code == "V_UNKNOWN"]
    # Sorted, so that the same text has the same report and the same hash in every process.
    for word in sorted(vocabulary.forbidden):
        for match in re.finditer(rf"(?<!\w){re.escape(word)}(?!\w)", text):
            if not any(start < match.end() and match.start() < end for start, end in reported):
                yield Problem(
                    "V_UNKNOWN", match.start(), match.end(), "words of the narrative vocabulary", match.group()
                )


def _check_subject(reading: Reading, facts: FactSet) -> Iterator[Problem]:
    """No identifier shaped like this subject's but naming another."""
    shape = re.sub(r"\d", r"\\d", re.escape(plain(facts.subject_id)))
    for match in re.finditer(rf"(?<![\w-]){shape}(?![\w-])", reading.text):
        if match.group() != plain(facts.subject_id):
            yield Problem("V_SUBJECT", match.start(), match.end(), facts.subject_id, match.group(), contradicts=True)


def _check_overcitation(reading: Reading, stated: set[str]) -> Iterator[Problem]:
    """A cited fact that the sentence does not state would count as covered although nobody reads it."""
    for fact in reading.facts:
        if fact.id not in stated:
            expected = f"{fact.role}: {fact.text or fact.absence}"
            yield Problem("V_OVERCITE", 0, len(reading.text), expected, "cited but not stated", fact.id)


def _repeated(sentences: Sequence[Sentence]) -> Iterator[Finding]:
    """The same sentence twice is an error of the writer."""
    seen: dict[str, int] = {}
    for index, sentence in enumerate(sentences):
        if sentence.text in seen:
            expected = f"a sentence other than sentence {seen[sentence.text]}"
            yield Finding(index, (0, len(sentence.text)), "V_REPEAT", Severity.BLOCK, expected, sentence.text)
        seen.setdefault(sentence.text, index)
