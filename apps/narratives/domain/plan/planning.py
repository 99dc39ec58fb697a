"""What is said, in which order and grouped how: decided by the facts alone, before any word is chosen."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.facts.fact_set import Entity, EntityKind, FactSet
from apps.narratives.domain.plan.messages import Message, Plan, Section, Topic
from apps.studies.domain.dates import display_days


def make_plan(facts: FactSet) -> Plan:
    """The plan of a fact set; every required fact is in exactly the messages that should state it."""
    course = [*_other_event_messages(facts, Section.COURSE), *_course_messages(facts)]
    return Plan(
        (
            *_subject_messages(facts),
            *_treatment_messages(facts),
            *_other_event_messages(facts, Section.BEFORE),
            *_event_messages(facts),
            # By the first day they tell of; those that tell of none come last, in their own order.
            *sorted(course, key=lambda message: _first_day(facts, message)),
            *_closing_messages(facts),
        )
    )


def index_events(facts: FactSet) -> list[str]:
    """Ids of the events the narrative is about, by onset."""
    return [entity.id for entity in facts.of_kind(EntityKind.INDEX_EVENT)]


def _message(
    facts: FactSet, topic: Topic, section: Section, entities: Sequence[str], *roles: Role
) -> Iterator[Message]:
    """The message on what the entities have in these roles; nothing when they have nothing."""
    stated = [fact for entity in entities for role in roles for fact in facts.all(entity, role)]
    if stated:
        yield _of_facts(topic, section, entities, stated)


def _of_facts(topic: Topic, section: Section, entities: Sequence[str], stated: Sequence[Fact]) -> Message:
    elements = sorted({element for fact in stated for element in fact.elements})
    key = ":".join((topic.value, *entities))
    return Message(key, topic, section, tuple(entities), tuple(fact.id for fact in stated), tuple(elements))


def _ids(entities: Iterable[Entity]) -> list[str]:
    return [entity.id for entity in entities]


def _grouped(facts: FactSet, entities: Sequence[str], key: Callable[[str], tuple[str, ...]]) -> list[list[str]]:
    """Entities that agree in a key, in the order of the first of each group."""
    groups: dict[tuple[str, ...], list[str]] = {}
    for entity in entities:
        groups.setdefault(key(entity), []).append(entity)
    return list(groups.values())


def _value(facts: FactSet, entity: str, *roles: Role) -> tuple[str, ...]:
    return tuple(fact.text for role in roles for fact in facts.all(entity, role))


_TIMING = (Role.DOSE_TIMING, Role.ONSET_AFTER_LAST_DOSE, Role.ONSET_BEFORE_FIRST_DOSE)
_REGIMEN = (Role.TERM, Role.AMOUNT, Role.FREQUENCY, Role.ROUTE, Role.START, Role.STOP)
_RESULT = (
    Role.COLLECTED,
    Role.COLLECTED_DAY,
    Role.TERM,
    Role.DIRECTION,
    Role.RESULT,
    Role.MULTIPLE,
    Role.LOWER,
    Role.UPPER,
)


def _subject_messages(facts: FactSet) -> Iterator[Message]:
    subject, section = facts.subject, Section.SUBJECT
    who = (Role.SUBJECT_ID, Role.AGE, Role.AGE_GROUP, Role.SEX, Role.RACE, Role.DISEASE, Role.TERM, Role.DISEASE_SINCE)
    diseases = _ids(facts.of_kind(EntityKind.DISEASE))
    yield from _message(facts, Topic.OPENING, section, [subject, *diseases], *who)
    for topic, kind in (
        (Topic.PAST_HISTORY, EntityKind.PAST_HISTORY),
        (Topic.CONDITIONS, EntityKind.PRESENT_CONDITION),
    ):
        illnesses = _ids(facts.of_kind(kind))
        for message in _message(facts, topic, section, illnesses, Role.TERM, Role.START):
            yield _keyed(message, topic.value)
    yield from _message(facts, Topic.NO_HISTORY, section, [subject], Role.HISTORY)
    yield from _medication_messages(facts)
    # The window is always among the facts: by itself it would make a sentence about nothing.
    if facts.get(subject, Role.MEDICATION) is not None:
        yield from _message(facts, Topic.NO_MEDICATION, section, [subject], Role.MEDICATION, Role.WINDOW)


def _medication_messages(facts: FactSet) -> Iterator[Message]:
    """One message for each frequency of intake: the list merges what it can and stays readable."""
    drugs = _ids(facts.of_kind(EntityKind.MEDICATION))
    for group in _grouped(facts, drugs, lambda drug: _value(facts, drug, Role.FREQUENCY)):
        frequency = facts.get(group[0], Role.FREQUENCY)
        roles = (Role.TERM, Role.AMOUNT, Role.FREQUENCY, Role.START, Role.STOP)
        for message in _message(facts, Topic.MEDICATION, Section.SUBJECT, group, *roles):
            yield _keyed(message, f"medication:{frequency.text if frequency else 'unspecified'}")
    for topic, kind in (
        (Topic.ENDED_MEDICATION, EntityKind.ENDED_MEDICATION),
        (Topic.UNDATED_MEDICATION, EntityKind.UNDATED_MEDICATION),
    ):
        dated = (Role.TERM, Role.AMOUNT, Role.START, Role.STOP)
        for message in _message(facts, topic, Section.SUBJECT, _ids(facts.of_kind(kind)), *dated):
            yield _keyed(message, topic.value)


def _keyed(message: Message, key: str) -> Message:
    """The message under a key that stays when the list it merges grows or shrinks."""
    return Message(key, message.topic, message.section, message.entities, message.fact_ids, message.elements)


def _treatment_messages(facts: FactSet) -> Iterator[Message]:
    subject, section = facts.subject, Section.TREATMENT
    dosing = (Role.FIRST_DOSE, Role.LAST_DOSE, Role.LAST_DOSE_DAY, Role.EXPOSURE_DAYS)
    yield from _message(facts, Topic.EXPOSURE, section, [subject], *dosing)
    yield from _message(facts, Topic.BLINDED, section, [subject], Role.DOSE, Role.GROUP)


def _other_event_messages(facts: FactSet, section: Section) -> Iterator[Message]:
    """Other events by onset; those that began before the first index event come before it."""
    # Without an event of its own a narrative has no "before": all of it is course.
    first = min((_onset(facts, event) for event in index_events(facts)), default="")
    others = [
        entity.id
        for entity in facts.of_kind(EntityKind.OTHER_EVENT)
        if (_onset(facts, entity.id) < first) == (section is Section.BEFORE)
    ]
    roles = (Role.TERM, Role.ONSET, Role.ONSET_DAY, Role.SEVERITY, Role.CAUSALITY, Role.OUTCOME)
    for group in _grouped(facts, others, lambda event: (_onset(facts, event),)):
        yield from _message(facts, Topic.OTHER_EVENTS, section, group, *roles)


def _onset(facts: FactSet, event: str) -> str:
    fact = facts.get(event, Role.ONSET)
    # `~` comes after every digit, so that an event without a date comes last.
    return fact.text if fact is not None and fact.value is not None else "~"


def _event_messages(facts: FactSet) -> Iterator[Message]:
    """Events of one onset date are told together: onset, timing, severity, seriousness, causality, outcome."""
    yield from _message(facts, Topic.NO_EVENT, Section.EVENTS, [facts.subject], Role.QUALIFYING)
    events = index_events(facts)
    for cluster in _grouped(facts, events, lambda event: (_onset(facts, event),)):
        yield from _onset_messages(facts, cluster)
        yield from _by_value(facts, Topic.TIMING, cluster, *_TIMING)
        for event in cluster:
            course = (Role.TERM, Role.RECORDED_SEVERITY, Role.RECORDED_ON)
            if facts.get(event, Role.RECORDED_SEVERITY) is not None:
                yield from _message(facts, Topic.SEVERITY_COURSE, Section.EVENTS, [event], *course)
        yield from _by_value(facts, Topic.SERIOUSNESS, cluster, Role.SERIOUS_FLAG, Role.CRITERION)
        yield from _by_value(facts, Topic.CAUSALITY, cluster, Role.CAUSALITY)
        yield from _by_value(facts, Topic.OUTCOME, cluster, Role.OUTCOME, Role.END, Role.END_DAY, Role.DURATION)
    # Over all events and not day by day: where AEACN is blank, one sentence says so of all of them.
    yield from _by_value(facts, Topic.ACTION, events, Role.ACTION)


def _onset_messages(facts: FactSet, cluster: Sequence[str]) -> Iterator[Message]:
    """The onset of a cluster; a severity that changed later is told with its course, not with the onset."""
    roles = (Role.TERM, Role.VERBATIM, Role.ONSET, Role.ONSET_DAY, Role.SEVERITY)
    told = [fact for event in cluster for role in roles for fact in facts.all(event, role) if _is_at_onset(facts, fact)]
    yield _of_facts(Topic.ONSET, Section.EVENTS, cluster, told)


def _is_at_onset(facts: FactSet, fact: Fact) -> bool:
    return fact.role is not Role.SEVERITY or facts.get(fact.about, Role.RECORDED_SEVERITY) is None


def _by_value(facts: FactSet, topic: Topic, events: Sequence[str], *roles: Role) -> Iterator[Message]:
    """One message for the events whose values in these roles are equal."""
    for group in _grouped(facts, events, lambda event: _value(facts, event, *roles)):
        named = (Role.TERM, *roles)
        yield from _message(facts, topic, Section.EVENTS, group, *named)


def _first_day(facts: FactSet, message: Message) -> str:
    roles = {Topic.OTHER_EVENTS: Role.ONSET, Topic.RESULTS: Role.COLLECTED, Topic.LATER_MEDICATION: Role.START}
    role = roles.get(message.topic)
    told = [facts.by_id[fact_id] for fact_id in message.fact_ids if facts.by_id[fact_id].role is role]
    return min((fact.text[:10] for fact in told if fact.text), default="~")


def _course_messages(facts: FactSet) -> Iterator[Message]:
    section, subject = Section.COURSE, facts.subject
    results = _ids(facts.of_kind(EntityKind.RESULT))
    # Samples of one day are told together, whatever their times.
    for group in _grouped(facts, results, lambda row: (display_days(_value(facts, row, Role.COLLECTED)[0]),)):
        yield from _message(facts, Topic.RESULTS, section, group, *_RESULT)
    if facts.get(subject, Role.LABORATORY) is not None:
        yield from _message(facts, Topic.NO_RESULTS, section, [subject], Role.LABORATORY, Role.WINDOW)
    later = _ids(facts.of_kind(EntityKind.LATER_MEDICATION))
    for group in _grouped(facts, later, lambda drug: _value(facts, drug, Role.START)):
        yield from _message(facts, Topic.LATER_MEDICATION, section, group, *_REGIMEN)
    if facts.get(subject, Role.MEASURES) is not None:
        yield from _message(facts, Topic.NO_MEASURES, section, [subject], Role.MEASURES, Role.WINDOW)


def _closing_messages(facts: FactSet) -> Iterator[Message]:
    section, subject = Section.CLOSING, facts.subject
    for entity in facts.of_kind(EntityKind.DISPOSITION):
        roles = (Role.DISPOSITION, Role.SCOPE, Role.DISPOSED_ON, Role.DISPOSED_DAY, Role.CAUSE)
        yield from _message(facts, Topic.DISPOSITION, section, [entity.id], *roles)
    yield from _message(facts, Topic.NO_DISPOSITION, section, [subject], Role.NO_DISPOSITION)
    yield from _message(facts, Topic.DEATH, section, [subject], Role.DIED, Role.DEATH_DATE, Role.DEATH_DAY)
    for role, dated in (
        (Role.DEATH_AFTER_FATAL_EVENT, Role.DEATH_DATE),
        (Role.LAST_DOSE_AFTER_FATAL_EVENT, Role.LAST_DOSE),
        (Role.REFERENCE_END_AFTER_DEATH, Role.REFERENCE_END),
    ):
        if facts.get(subject, role) is not None:
            for message in _message(facts, Topic.DATE_CONFLICT, section, [subject], role, dated):
                yield _keyed(message, f"date_conflict:{role}")
    yield from _message(facts, Topic.POST_MORTEM, section, [subject], Role.POST_MORTEM)
    yield from _message(facts, Topic.UNKNOWNS, section, [subject], Role.SPONSOR_OPINION, Role.RECHALLENGE)
