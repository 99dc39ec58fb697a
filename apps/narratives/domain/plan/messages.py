"""The messages of a narrative: a topic, the entities it is about and the facts it must state."""

from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from typing import Final

from apps.core.domain.stored import Codec


class Section(StrEnum):
    """Part of a narrative, in reading order."""

    SUBJECT = "subject"
    TREATMENT = "treatment"
    BEFORE = "before"
    EVENTS = "events"
    COURSE = "course"
    CLOSING = "closing"


class Topic(StrEnum):
    """The rhetorical role of a message."""

    OPENING = "opening"
    PAST_HISTORY = "past_history"
    CONDITIONS = "conditions"
    NO_HISTORY = "no_history"
    MEDICATION = "medication"
    ENDED_MEDICATION = "ended_medication"
    UNDATED_MEDICATION = "undated_medication"
    NO_MEDICATION = "no_medication"
    EXPOSURE = "exposure"
    BLINDED = "blinded"
    ONSET = "onset"
    SEVERITY_COURSE = "severity_course"
    SERIOUSNESS = "seriousness"
    TIMING = "timing"
    CAUSALITY = "causality"
    OUTCOME = "outcome"
    ACTION = "action"
    OTHER_EVENTS = "other_events"
    RESULTS = "results"
    NO_RESULTS = "no_results"
    LATER_MEDICATION = "later_medication"
    NO_MEASURES = "no_measures"
    NO_EVENT = "no_event"
    DISPOSITION = "disposition"
    NO_DISPOSITION = "no_disposition"
    DEATH = "death"
    DATE_CONFLICT = "date_conflict"
    POST_MORTEM = "post_mortem"
    UNKNOWNS = "unknowns"


@dataclass(frozen=True, slots=True)
class Message:
    """One thing to say in one sentence: the entities it is about and the facts it must state, in order.

    `key` names the message by its topic and entities, so that it stays the same while values change.
    """

    key: str
    topic: Topic
    section: Section
    entities: tuple[str, ...]
    fact_ids: tuple[str, ...]
    elements: tuple[str, ...]


MESSAGES: Final = Codec(Message, "a message")


@dataclass(frozen=True, slots=True)
class Plan:
    """The messages of a narrative in reading order."""

    messages: tuple[Message, ...]

    @property
    def fact_ids(self) -> frozenset[str]:
        """Every fact that some message states."""
        return frozenset(fact_id for message in self.messages for fact_id in message.fact_ids)

    def sections(self) -> list[tuple[Section, tuple[Message, ...]]]:
        """Messages by section, in reading order."""
        return [(name, tuple(group)) for name, group in groupby(self.messages, key=lambda message: message.section)]
