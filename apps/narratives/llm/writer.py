"""Drafts sentences with a chat model, section by section; the local realiser writes whatever the model does not."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from langchain_core.language_models.chat_models import BaseChatModel

from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.messages import Message, Plan
from apps.narratives.domain.realiser.realise import realise_message
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.report import Finding
from apps.narratives.llm.answers import AnswerError, read_answer
from apps.narratives.llm.calling import ModelFailedError, ask
from apps.narratives.llm.prompt import Assignment, build_prompt, needed_facts
from apps.narratives.llm.provenance import Provenance, model_id

MODEL: Final = "model"
REALISER: Final = "realiser"


@dataclass(frozen=True, slots=True)
class WriterLimits:
    """How long one call may take, how often it is tried, and how many rounds of repair follow."""

    timeout_s: float = 30.0
    attempts: int = 2
    repair_rounds: int = 2


@dataclass(slots=True)
class Draft:
    """Sentences by message key and how they came about."""

    provenance: Provenance
    sentences: dict[str, Sentence] = field(default_factory=dict)
    is_model_given_up: bool = False

    def in_order(self, plan: Plan) -> tuple[Sentence, ...]:
        """The sentences in the order of the plan."""
        return tuple(self.sentences[message.key] for message in plan.messages if message.key in self.sentences)


def draft(model: BaseChatModel, plan: Plan, facts: FactSet, limits: WriterLimits | None = None) -> Draft:
    """A sentence for every message of the plan, from the model where it answers and from the realiser elsewhere."""
    result = Draft(Provenance(model_id(model)))
    for _, messages in plan.sections():
        write(model, messages, facts, result, limits or WriterLimits())
    return result


def write(
    model: BaseChatModel,
    messages: Sequence[Message],
    facts: FactSet,
    result: Draft,
    limits: WriterLimits,
    repairs: Mapping[str, Sequence[Finding]] | None = None,
) -> None:
    """Write the messages into the draft; after a time-out or refusal the model is not asked again."""
    answered = _answered(model, messages, facts, result, limits, repairs or {})
    for message in messages:
        sentence = answered.get(message.key)
        result.sentences[message.key] = sentence or realise_message(message, facts)
        result.provenance.writers[message.key] = MODEL if sentence else REALISER


def write_locally(messages: Iterable[Message], facts: FactSet, result: Draft) -> None:
    """Write the messages with the realiser alone."""
    for message in messages:
        result.sentences[message.key] = realise_message(message, facts)
        result.provenance.writers[message.key] = REALISER


def _answered(
    model: BaseChatModel,
    messages: Sequence[Message],
    facts: FactSet,
    result: Draft,
    limits: WriterLimits,
    repairs: Mapping[str, Sequence[Finding]],
) -> dict[str, Sentence]:
    """The model's sentences, or none when every attempt failed; each failure is recorded."""
    assignment = Assignment(tuple(messages), needed_facts(messages, facts), repairs)
    for _ in range(limits.attempts):
        if result.is_model_given_up:
            break
        try:
            return _asked(model, assignment, result.provenance, limits)
        except (ModelFailedError, AnswerError) as error:
            result.provenance.failures.append(f"{messages[0].section}: {error.detail}")
            result.is_model_given_up = isinstance(error, ModelFailedError) and not error.is_retriable
    return {}


def _asked(
    model: BaseChatModel, assignment: Assignment, provenance: Provenance, limits: WriterLimits
) -> dict[str, Sentence]:
    prompt = build_prompt(assignment)
    # Counted before the call: one that fails was made, and paid for, too.
    provenance.calls += 1
    provenance.prompt_sha256s.append(prompt.sha256)
    answer = ask(model, prompt.messages, limits.timeout_s)
    usage = answer.usage_metadata
    if usage is not None:
        provenance.input_tokens += usage["input_tokens"]
        provenance.output_tokens += usage["output_tokens"]
    return read_answer(answer, assignment.messages)
