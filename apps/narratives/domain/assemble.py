"""Puts text, facts and verification together as one content, and renews a text without touching what still holds."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps.core.domain.canonical import sha256_hex
from apps.narratives.domain.currency import analyte_of, is_same_value
from apps.narratives.domain.factset import FactSet
from apps.narratives.domain.plan import Message, Plan, make_plan
from apps.narratives.domain.realise import realise_message
from apps.narratives.domain.report import VerificationReport
from apps.narratives.domain.sentences import Sentence


@dataclass(frozen=True)
class Content:
    """What a signature binds: the sentences, the facts they cite and the report of their check."""

    sentences: tuple[Sentence, ...]
    facts: FactSet
    verification: VerificationReport

    @property
    def text(self) -> str:
        """The narrative as running text, one paragraph for each section."""
        paragraphs: dict[str, list[str]] = {}
        for sentence in self.sentences:
            paragraphs.setdefault(sentence.section, []).append(sentence.text)
        return "\n\n".join(" ".join(lines) for lines in paragraphs.values())

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of the sentences with their citations."""
        return sha256_hex([sentence.as_json() for sentence in self.sentences])

    @cached_property
    def content_sha256(self) -> str:
        """SHA-256 over text, facts and verification together."""
        return sha256_hex(
            {"text": self.text_sha256, "facts": self.facts.sha256, "verification": self.verification.sha256}
        )

    def as_json(self) -> dict[str, Any]:
        """The content as JSON-ready data; `from_json` reads it back."""
        return {
            "sentences": [sentence.as_json() for sentence in self.sentences],
            "facts": self.facts.as_json(),
            "verification": self.verification.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Content":
        """Read what `as_json` wrote; FactSetError, KeyError or ValueError for anything else."""
        return Content(
            sentences=tuple(Sentence.from_json(item) for item in data["sentences"]),
            facts=FactSet.from_json(data["facts"]),
            verification=VerificationReport.from_json(data["verification"]),
        )


def unaffected(
    sentences: Sequence[Sentence], old_facts: FactSet, new_facts: FactSet, plan: Plan
) -> dict[str, Sentence]:
    """Sentences by message key that may stay byte-identical: their message is still planned and says the same facts."""
    old_messages = {message.key: message for message in make_plan(old_facts).messages}
    kept = {}
    written = {sentence.message_key: sentence for sentence in sentences}
    for message in plan.messages:
        before, sentence = old_messages.get(message.key), written.get(message.key)
        if before is None or sentence is None:
            continue
        told = {*_told(before, old_facts), *sentence.fact_ids}
        if told == {*_told(message, new_facts), *sentence.fact_ids} and _all_same(told, old_facts, new_facts):
            kept[message.key] = sentence
    return kept


def refresh(
    sentences: Sequence[Sentence],
    old_facts: FactSet,
    new_facts: FactSet,
    plan: Plan,
    draft: Sequence[Sentence],
) -> tuple[Sentence, ...]:
    """The renewed text in the order of the plan: unaffected sentences as they were, the others from the draft."""
    kept = unaffected(sentences, old_facts, new_facts, plan)
    drafted = {sentence.message_key: sentence for sentence in draft}
    chosen = (kept.get(message.key) or drafted.get(message.key) for message in plan.messages)
    return tuple(sentence for sentence in chosen if sentence is not None)


def _told(message: Message, facts: FactSet) -> set[str]:
    """Facts of a message with those that its wording needs, such as an onset that tells two events apart."""
    return {*message.fact_ids, *realise_message(message, facts).fact_ids}


def _all_same(fact_ids: set[str], old: FactSet, new: FactSet) -> bool:
    return all(
        fact_id in old
        and fact_id in new
        and is_same_value(old.by_id[fact_id], new.by_id[fact_id], analyte_of(old, old.by_id[fact_id]))
        for fact_id in fact_ids
    )
