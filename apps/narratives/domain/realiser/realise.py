"""The local writer: turns a plan into English sentences from the facts alone, without a language model."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.messages import Message, Plan, Topic
from apps.narratives.domain.realiser import course, disposition, events, outcome, subject
from apps.narratives.domain.realiser.grammar import Phrase, finished
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.sentences import Sentence

REALISER_VERSION: Final = "1.1"

CONSTRUCTIONS: Final[Mapping[Topic, Callable[[Speaker], Phrase]]] = {
    Topic.OPENING: subject.opening,
    Topic.PAST_HISTORY: subject.past_history,
    Topic.CONDITIONS: subject.conditions,
    Topic.NO_HISTORY: subject.no_history,
    Topic.MEDICATION: subject.medication,
    Topic.ENDED_MEDICATION: subject.ended_medication,
    Topic.UNDATED_MEDICATION: subject.undated_medication,
    Topic.NO_MEDICATION: subject.no_medication,
    Topic.EXPOSURE: subject.exposure,
    Topic.BLINDED: subject.blinded,
    Topic.ONSET: events.onset,
    Topic.SEVERITY_COURSE: events.severity_course,
    Topic.SERIOUSNESS: events.seriousness,
    Topic.TIMING: events.timing,
    Topic.CAUSALITY: events.causality,
    Topic.OUTCOME: outcome.outcome,
    Topic.ACTION: events.action,
    Topic.NO_EVENT: events.no_event,
    Topic.OTHER_EVENTS: course.other_events,
    Topic.RESULTS: course.results,
    Topic.NO_RESULTS: course.no_results,
    Topic.LATER_MEDICATION: course.later_medication,
    Topic.NO_MEASURES: course.no_measures,
    Topic.DISPOSITION: disposition.disposition,
    Topic.NO_DISPOSITION: disposition.no_disposition,
    Topic.DEATH: disposition.death,
    Topic.DATE_CONFLICT: disposition.date_conflict,
    Topic.POST_MORTEM: disposition.post_mortem,
    Topic.UNKNOWNS: disposition.unknowns,
}


def realise(plan: Plan, facts: FactSet) -> tuple[Sentence, ...]:
    """One sentence for each message of the plan; equal facts give equal text."""
    return tuple(realise_message(message, facts) for message in plan.messages)


def realise_message(message: Message, facts: FactSet) -> Sentence:
    """The sentence of one message; it depends on that message's facts and the subject, on nothing around it."""
    speaker = Speaker(facts, message.key, message.entities)
    phrase = finished(CONSTRUCTIONS[message.topic](speaker))
    # Of what was said and not of what was planned: an element is covered only where its facts are stated.
    elements = sorted({element for fact_id in phrase.facts for element in facts.by_id[fact_id].elements})
    return Sentence(phrase.text, phrase.facts, tuple(elements), message.key, message.section.value)
