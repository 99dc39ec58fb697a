"""Facts, plan, draft, verify, repair: from a twin to a narrative that is verified, or blocked with reasons."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from langchain_core.language_models.chat_models import BaseChatModel

from apps.narratives.domain.content import Content
from apps.narratives.domain.currency.refresh import unaffected
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.messages import Message, Plan
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.verifying.report import Finding, Severity, Verdict, VerificationReport
from apps.narratives.domain.verifying.verify import verify
from apps.narratives.llm.provenance import Provenance, model_id
from apps.narratives.llm.writer import Draft, WriterLimits, write, write_locally

KEPT: Final = "kept"


class NarrativeState(StrEnum):
    """What the check allows: only a verified text can be submitted."""

    VERIFIED = "verified"
    BLOCKED = "blocked"


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What the verifier knows beyond the subject: the study's terms, and the names of its treatments."""

    study_terms: tuple[str, ...] = ()
    forbidden: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NarrativeResult:
    """The written content with its state, what blocks it, and where its words came from."""

    content: Content
    state: NarrativeState
    reasons: tuple[str, ...]
    plan: Plan
    provenance: Provenance


def write_narrative(
    facts: FactSet,
    model: BaseChatModel,
    *,
    previous: Content | None = None,
    limits: WriterLimits | None = None,
    safeguards: Safeguards | None = None,
) -> NarrativeResult:
    """Write the narrative of a fact set; with a previous content, unaffected sentences stay byte-identical."""
    plan, guards, bounds = make_plan(facts), safeguards or Safeguards(), limits or WriterLimits()
    result = Draft(Provenance(model_id(model)))
    _keep(previous, facts, plan, result)
    for _, messages in plan.sections():
        missing = [message for message in messages if message.key not in result.sentences]
        if missing:
            write(model, missing, facts, result, bounds)
    # The sentences that are kept were checked against other facts: the whole text is checked, whoever wrote it.
    report = _repaired(model, plan, facts, result, bounds, guards)
    content = Content(result.in_order(plan), facts, report)
    state = NarrativeState.VERIFIED if report.is_clean else NarrativeState.BLOCKED
    return NarrativeResult(content, state, _reasons(report), plan, result.provenance)


def _keep(previous: Content | None, facts: FactSet, plan: Plan, result: Draft) -> None:
    if previous is None:
        return
    for key, sentence in unaffected(previous.sentences, previous.facts, facts, plan).items():
        result.sentences[key] = sentence
        result.provenance.writers[key] = KEPT


def _repaired(
    model: BaseChatModel, plan: Plan, facts: FactSet, result: Draft, limits: WriterLimits, guards: Safeguards
) -> VerificationReport:
    """The report after repair: only failing sentences go back, and after the last round they are written locally."""
    report = _verified(plan, facts, result, guards)
    for _ in range(limits.repair_rounds):
        failing = _failing(plan, result, report)
        if not failing or result.is_model_given_up:
            break
        result.provenance.rounds += 1
        for _, messages in Plan(tuple(failing)).sections():
            write(model, messages, facts, result, limits, _findings_by_key(plan, result, report))
        report = _verified(plan, facts, result, guards)
    failing = _failing(plan, result, report)
    if not failing:
        return report
    write_locally(failing, facts, result)
    return _verified(plan, facts, result, guards)


def _verified(plan: Plan, facts: FactSet, result: Draft, guards: Safeguards) -> VerificationReport:
    return verify(result.in_order(plan), facts, study_terms=guards.study_terms, forbidden=guards.forbidden)


def _failing(plan: Plan, result: Draft, report: VerificationReport) -> list[Message]:
    """Messages whose sentence did not pass, or that leave out a required fact."""
    sentences = result.in_order(plan)
    blocked = {finding.sentence for finding in report.findings if finding.severity is Severity.BLOCK}
    failed = {
        sentence.message_key
        for index, (sentence, verdict) in enumerate(zip(sentences, report.verdicts, strict=True))
        if verdict is not Verdict.SUPPORTED or index in blocked
    }
    omitted = {item.fact_id for item in report.omitted}
    return [message for message in plan.messages if message.key in failed or omitted & set(message.fact_ids)]


def _findings_by_key(plan: Plan, result: Draft, report: VerificationReport) -> dict[str, Sequence[Finding]]:
    sentences = result.in_order(plan)
    return {sentence.message_key: report.of_sentence(index) for index, sentence in enumerate(sentences)}


def _reasons(report: VerificationReport) -> tuple[str, ...]:
    """What blocks the text, in words."""
    wrong = [
        f"Sentence {(finding.sentence or 0) + 1}: {finding.code}, got “{finding.found}”, expected {finding.expected}."
        for finding in report.findings
        if finding.severity is Severity.BLOCK
    ]
    return (*wrong, *(f"Not stated: {item.name} ({', '.join(item.elements)})." for item in report.omitted))
