"""Short ways from rows to facts, text and report for tests."""

from collections.abc import Mapping
from dataclasses import replace

from apps.narratives.domain.facts.extract import extract_facts
from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.report import VerificationReport
from apps.narratives.domain.verifying.verify import verify
from apps.studies.domain.variables import Value
from tests.narratives.building import twin_of

Records = Mapping[str, tuple[str, Mapping[str, Value]]]


def facts_of(rows: Records) -> FactSet:
    """Facts of made-up records."""
    return extract_facts(twin_of(rows))


def text_of(rows: Records) -> tuple[Sentence, ...]:
    """The realiser's text on made-up records."""
    facts = facts_of(rows)
    return realise(make_plan(facts), facts)


def report_of(rows: Records) -> VerificationReport:
    """The verifier's report on the realiser's text."""
    return verify(text_of(rows), facts_of(rows))


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
