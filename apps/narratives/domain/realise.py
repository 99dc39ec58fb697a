"""The local writer: turns a plan into English sentences from the facts alone, without a language model."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.narratives.domain import speak_closing, speak_course, speak_events, speak_outcome, speak_subject
from apps.narratives.domain.factset import FactSet
from apps.narratives.domain.grammar import Phrase, finished
from apps.narratives.domain.plan import Message, Plan, Topic
from apps.narratives.domain.reference import Speaker
from apps.narratives.domain.sentences import Sentence

REALISER_VERSION: Final = "1.0"

CONSTRUCTIONS: Final[Mapping[Topic, Callable[[Speaker], Phrase]]] = {
    Topic.OPENING: speak_subject.opening,
    Topic.PAST_HISTORY: speak_subject.past_history,
    Topic.CONDITIONS: speak_subject.conditions,
    Topic.NO_HISTORY: speak_subject.no_history,
    Topic.MEDICATION: speak_subject.medication,
    Topic.NO_MEDICATION: speak_subject.no_medication,
    Topic.EXPOSURE: speak_subject.exposure,
    Topic.BLINDED: speak_subject.blinded,
    Topic.ONSET: speak_events.onset,
    Topic.SEVERITY_COURSE: speak_events.severity_course,
    Topic.SERIOUSNESS: speak_events.seriousness,
    Topic.TIMING: speak_events.timing,
    Topic.CAUSALITY: speak_events.causality,
    Topic.OUTCOME: speak_outcome.outcome,
    Topic.ACTION: speak_events.action,
    Topic.NO_EVENT: speak_events.no_event,
    Topic.OTHER_EVENTS: speak_course.other_events,
    Topic.RESULTS: speak_course.results,
    Topic.NO_RESULTS: speak_course.no_results,
    Topic.LATER_MEDICATION: speak_course.later_medication,
    Topic.NO_MEASURES: speak_course.no_measures,
    Topic.DISPOSITION: speak_closing.disposition,
    Topic.NO_DISPOSITION: speak_closing.no_disposition,
    Topic.DEATH: speak_closing.death,
    Topic.DATE_CONFLICT: speak_closing.date_conflict,
    Topic.POST_MORTEM: speak_closing.post_mortem,
    Topic.UNKNOWNS: speak_closing.unknowns,
}


def realise(plan: Plan, facts: FactSet) -> tuple[Sentence, ...]:
    """One sentence for each message of the plan; equal facts give equal text."""
    return tuple(realise_message(message, facts) for message in plan.messages)


def realise_message(message: Message, facts: FactSet) -> Sentence:
    """The sentence of one message; it depends on that message's facts and the subject, on nothing around it."""
    speaker = Speaker(facts, message.key, message.entities)
    phrase = finished(CONSTRUCTIONS[message.topic](speaker))
    elements = sorted({element for fact_id in phrase.facts for element in facts.by_id[fact_id].elements})
    return Sentence(phrase.text, phrase.facts, tuple(elements), message.key, message.section.value)
