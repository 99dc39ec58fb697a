"""Short ways from rows to facts, text and report for tests."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.grammar import Voice
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.report import VerificationReport
from apps.narratives.domain.verifying.verify import verify
from apps.studies.domain.variables import Value
from tests.narratives.building import facts_in, twin_of

Records = Mapping[str, tuple[str, Mapping[str, Value]]]
# No sentence has more ways to be said than this.
WORDINGS = 7


def facts_of(rows: Records) -> FactSet:
    """Facts of made-up records."""
    return facts_in(twin_of(rows))


def text_of(rows: Records) -> tuple[Sentence, ...]:
    """The realiser's text on made-up records."""
    facts = facts_of(rows)
    return realise(make_plan(facts), facts)


def report_of(rows: Records) -> VerificationReport:
    """The verifier's report on the realiser's text."""
    return verify(text_of(rows), facts_of(rows))


def wordings_of(rows: Records) -> list[tuple[Sentence, ...]]:
    """The realiser's text on made-up records with the first way to say each thing, with the second, and so on."""
    facts, texts = facts_of(rows), []
    for turn in range(WORDINGS):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(Voice, "pick", lambda _voice, _slot, options, turn=turn: options[turn % len(options)])
            texts.append(realise(make_plan(facts), facts))
    return texts


def blocked_in(rows: Records) -> list[str]:
    """What the check does not accept of the realiser's text on made-up records, whatever way it is said."""
    facts, found = facts_of(rows), set[str]()
    for sentences in wordings_of(rows):
        report = verify(sentences, facts)
        for finding in report.findings:
            wrong = f"{finding.code} {finding.found!r}, not {finding.expected!r}"
            found.add(f"{wrong}: {sentences[finding.sentence or 0].text}")
        found |= {f"omitted: {item.name}" for item in report.omitted}
    return sorted(found)


def told_in(rows: Records) -> str:
    """Everything that the realiser says of made-up records, in every way it may be said."""
    return " ".join(sentence.text for sentences in wordings_of(rows) for sentence in sentences)


def sentence_on(sentences: tuple[Sentence, ...], topic: str) -> Sentence:
    """The first sentence of a topic."""
    return next(sentence for sentence in sentences if sentence.message_key.split(":")[0] == topic)


def fact_in(facts: FactSet, role: Role, term: str | None = None) -> Fact:
    """The fact in a role, about the thing with this term."""
    named = {fact.about for fact in facts.facts if fact.role is Role.TERM and term in (None, fact.value)}
    return next(fact for fact in facts.facts if fact.role is role and (term is None or fact.about in named))


def codes_of(facts: FactSet, text: str, *cited: Fact) -> set[str]:
    """Codes of the findings on one hand-written sentence that cites these facts."""
    report = verify([Sentence(text, tuple(fact.id for fact in cited))], facts)
    return {finding.code for finding in report.findings}


def rewritten(sentences: tuple[Sentence, ...], key: str, text: str) -> tuple[Sentence, ...]:
    """The text with one sentence replaced."""
    return tuple(replace(sentence, text=text) if sentence.message_key == key else sentence for sentence in sentences)
