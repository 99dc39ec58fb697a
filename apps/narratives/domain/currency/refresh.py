"""Renews a text without touching what still holds."""

from collections.abc import Sequence

from apps.narratives.domain.currency.compare import analyte_of, is_same_value
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.messages import Message, Plan
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise_message
from apps.narratives.domain.sentences import Sentence


def unaffected(
    sentences: Sequence[Sentence], old_facts: FactSet, new_facts: FactSet, plan: Plan
) -> dict[str, Sentence]:
    """Sentences by message key that may stay byte-identical: their message is still planned and says the same facts."""
    # Plans are not stored: facts alone decide what is said, so that the old one is made again.
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
