"""Sentences on the events the narrative is about: onset, timing, severity, seriousness, causality, action."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.narratives.domain.facts import events as timing_codes
from apps.narratives.domain.facts.fact import Absence, Fact, Role
from apps.narratives.domain.realiser.grammar import (
    Phrase,
    be,
    citing,
    counted,
    day_of_all,
    listed,
    on_date,
    say,
    stated_by,
)
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.realiser.words import CRITERIA, word_for
from apps.studies.domain.clinical.references import Reference


def onset(speaker: Speaker) -> Phrase:
    """What began and when; events of one day in one sentence."""
    events = listed([_reported_as(speaker, entity) for entity in speaker.entities])
    shared = [speaker.need(Role.ONSET, entity) for entity in speaker.entities]
    days = [fact for entity in speaker.entities if (fact := speaker.fact(Role.ONSET_DAY, entity)) is not None]
    when = say(citing(on_date(shared[0]), *shared), day_of_all(days))
    if any(speaker.is_reported_only(entity) for entity in speaker.entities):
        return _recorded(speaker, events, when)
    return _had(speaker, events, when)


def timing(speaker: Speaker) -> Phrase:
    """Onset against the first and last dose in DM (E03, E21)."""
    codes = [speaker.need(Role.DOSE_TIMING, entity) for entity in speaker.entities]
    events = speaker.the_events()
    # The events of a message agree in these values, so that the first speaks for all.
    if codes[0].is_absent:
        unknown = stated_by("could not be determined", *codes)
        return speaker.pick(
            "timing",
            say("the timing of", events, "relative to study drug", unknown),
            say("how the onset of", events, "relates in time to study drug", unknown),
        )
    return _TIMINGS[codes[0].text](speaker, events, codes)


def severity_course(speaker: Speaker) -> Phrase:
    """The severities as they were recorded, each with its date of recording."""
    steps = [
        _severity_step(speaker, severity) for severity in speaker.facts.all(speaker.entities[0], Role.RECORDED_SEVERITY)
    ]
    event = speaker.the_events()
    return speaker.pick(
        "course",
        say("the severity of", event, "was recorded as", listed(steps)),
        say(event, speaker.were(), "recorded as", listed(steps)),
        say("the recorded severity of", event, "was", listed(steps)),
        say("for", event, ", severity was recorded as", listed(steps)),
    )


def seriousness(speaker: Speaker) -> Phrase:
    """The flag and the criteria as they are, also where they contradict each other (E17)."""
    events, were = speaker.the_events(), speaker.were()
    flags = [speaker.need(Role.SERIOUS_FLAG, entity) for entity in speaker.entities]
    criteria = _criteria(speaker)
    if criteria is None:
        return _flag_alone(speaker, events, were, flags)
    if flags[0].text == "Y":
        return _serious_by_criteria(speaker, events, were, flags, criteria)
    unset = "was not recorded" if flags[0].is_absent else "was not set"
    gap = stated_by(f"the seriousness flag {unset}", *flags)
    met = say("met", criteria)
    return speaker.pick(
        "seriousness",
        say(
            gap,
            "for",
            events,
            "although",
            criteria,
            "was recorded" if " and " not in criteria.text else "were recorded",
        ),
        say(events, met, ", but", gap),
        say("although", events, met, ",", gap),
        say(criteria, "was recorded" if " and " not in criteria.text else "were recorded", "for", events, ", yet", gap),
    )


def causality(speaker: Speaker) -> Phrase:
    """The investigator's opinion, in the investigator's degree (E08)."""
    facts = [speaker.need(Role.CAUSALITY, entity) for entity in speaker.entities]
    events, were = speaker.the_events(), speaker.were()
    if facts[0].is_absent:
        gap = stated_by("was not recorded", *facts)
        return speaker.pick(
            "causality",
            say("the investigator's opinion on the causality of", events, gap),
            say("an assessment of causality by the investigator", gap, "for", events),
        )
    related = stated_by(word_for(facts[0]), *facts)
    return speaker.pick(
        "causality",
        say("the investigator considered", events, "to be", related, "to study drug"),
        say("in the opinion of the investigator,", events, were, related, "to study drug"),
        say(events, were, "assessed by the investigator as", related, "to study drug"),
        say("the investigator assessed", events, "as", related, "to study drug"),
        say("the investigator judged", events, related, "to study drug"),
    )


def action(speaker: Speaker) -> Phrase:
    """Action taken with study drug; a blank AEACN is `not recorded`, never `none` (E18)."""
    facts = [speaker.need(Role.ACTION, entity) for entity in speaker.entities]
    events = speaker.the_events()
    if facts[0].is_absent:
        gap = stated_by("was not recorded", *facts)
        return speaker.pick(
            "action",
            say("action taken with study drug", gap, "for", events),
            say("for", events, ", action taken with study drug", gap),
            say("the action taken with study drug in response to", events, gap),
            say("what action was taken with study drug", gap, "for", events),
        )
    done = stated_by(word_for(facts[0]), *facts)
    if facts[0].term is None:
        return say("for", events, ", action taken with study drug was recorded as", done)
    return say("for", events, ", study drug was recorded as", done)


def no_event(speaker: Speaker) -> Phrase:
    """That nothing qualifies for a narrative."""
    gap = speaker.need(Role.QUALIFYING)
    if gap.absence is Absence.NOT_IN_DATA:
        return stated_by("a qualifying event was not in the data", gap)
    wording = "no death, serious adverse event or discontinuation for an adverse event was recorded"
    return stated_by(wording, gap)


def _reported_as(speaker: Speaker, entity: str) -> Phrase:
    """The graded event, with the reported words where they differ from the coded term."""
    verbatim = speaker.fact(Role.VERBATIM, entity)
    quoted = stated_by(f"(reported as “{verbatim.text}”)", verbatim) if verbatim is not None else None
    is_course = speaker.fact(Role.RECORDED_SEVERITY, entity) is not None
    gap = None if is_course else speaker.fact(Role.SEVERITY, entity)
    unknown = stated_by("(severity not recorded)", gap) if gap is not None and gap.is_absent else None
    odd = gap is not None and not gap.is_absent and gap.term is None
    other = stated_by(f"(severity recorded as {word_for(gap)})", gap) if odd and gap is not None else None
    return say(speaker.graded(entity), quoted, unknown, other)


def _recorded(speaker: Speaker, events: Phrase, when: Phrase) -> Phrase:
    """Frames for what nobody "has": a sudden death, a blood glucose that increased. AESTDTC is when it began."""
    were = be(len(speaker.entities), speaker.term(speaker.entities[0]).text)
    return speaker.pick(
        "onset",
        say("the onset of", events, "was", when),
        say(events, were, "recorded with onset", when),
    )


def _had(speaker: Speaker, events: Phrase, when: Phrase) -> Phrase:
    """Frames with the subject as agent."""
    she = speaker.subject()
    return speaker.pick(
        "onset",
        say(when, she, "had", events),
        say(when, ",", she, "experienced", events),
        say(she, "had", events, when),
        say(she, "experienced", events, when),
        say(she, "developed", events, when),
        say(events, _all_began(speaker), when),
        say("the onset of", events, "was", when),
    )


def _all_began(speaker: Speaker) -> str:
    count = len(speaker.entities)
    return "began" if count == 1 else "both began" if count == 2 else "all began"


def _between_doses(speaker: Speaker, events: Phrase, codes: list[Fact]) -> Phrase:
    first, last = stated_by("between the first and the last dose of study drug", *codes), "while dosing was in progress"
    return speaker.pick(
        "timing",
        say("the onset of", events, "was", first),
        say(events, "began", first),
        citing(say("at the onset of", events, ", dosing with study drug was in progress"), *codes),
        say(events, "began", stated_by(last, *codes)),
    )


def _on_last_day(speaker: Speaker, events: Phrase, codes: list[Fact]) -> Phrase:
    day = stated_by("on the day of the last dose of study drug", *codes)
    return speaker.pick(
        "timing", say(events, "began", day), say("the onset of", events, "was", day), say(day, ",", events, "began")
    )


def _after_first(speaker: Speaker, events: Phrase, codes: list[Fact]) -> Phrase:
    after = stated_by("after the first dose of study drug", *codes)
    return speaker.pick("timing", say(events, "began", after), say("the onset of", events, "was", after))


def _after_last(speaker: Speaker, events: Phrase, codes: list[Fact]) -> Phrase:
    return _days_away(speaker, events, codes, Role.ONSET_AFTER_LAST_DOSE, "after the last dose of study drug")


def _before_first(speaker: Speaker, events: Phrase, codes: list[Fact]) -> Phrase:
    return _days_away(speaker, events, codes, Role.ONSET_BEFORE_FIRST_DOSE, "before the first dose of study drug")


def _days_away(speaker: Speaker, events: Phrase, codes: list[Fact], role: Role, anchor: str) -> Phrase:
    days = [speaker.need(role, entity) for entity in speaker.entities]
    away = say(stated_by(counted(int(days[0].text), "days"), *days), stated_by(anchor, *codes))
    return speaker.pick(
        "timing", say(events, "began", away), say("the onset of", events, "was", away), say(away, ",", events, "began")
    )


_TIMINGS: Final[Mapping[str, Callable[[Speaker, Phrase, list[Fact]], Phrase]]] = {
    timing_codes.DURING_DOSING: _between_doses,
    timing_codes.DAY_OF_LAST_DOSE: _on_last_day,
    timing_codes.AFTER_FIRST_DOSE: _after_first,
    timing_codes.AFTER_LAST_DOSE: _after_last,
    timing_codes.BEFORE_FIRST_DOSE: _before_first,
}


def _severity_step(speaker: Speaker, severity: Fact) -> Phrase:
    record = Reference.parse(severity.id).record
    recorded = next(
        (
            fact
            for fact in speaker.facts.all(speaker.entities[0], Role.RECORDED_ON)
            if Reference.parse(fact.id).record == record
        ),
        None,
    )
    return say(stated_by(word_for(severity), severity), on_date(recorded) if recorded is not None else None)


def _criteria(speaker: Speaker) -> Phrase | None:
    """The criteria that were met: `the criteria of death and hospitalisation`."""
    first = speaker.facts.all(speaker.entities[0], Role.CRITERION)
    if not first:
        return None
    names = [
        stated_by(
            CRITERIA[fact.text],
            *(
                other
                for entity in speaker.entities
                for other in speaker.facts.all(entity, Role.CRITERION)
                if other.value == fact.value
            ),
        )
        for fact in first
    ]
    return say("the seriousness criterion of" if len(names) == 1 else "the seriousness criteria of", listed(names))


def _flag_alone(speaker: Speaker, events: Phrase, were: str, flags: list[Fact]) -> Phrase:
    if flags[0].is_absent:
        return say("the seriousness of", events, stated_by("was not recorded", *flags))
    judged = stated_by("serious" if flags[0].text == "Y" else "not serious", *flags)
    return speaker.pick(
        "seriousness",
        say(events, were, "recorded as", judged),
        say("the investigator recorded", events, "as", judged),
        say(events, were, judged),
    )


def _serious_by_criteria(speaker: Speaker, events: Phrase, were: str, flags: list[Fact], criteria: Phrase) -> Phrase:
    judged = stated_by("serious", *flags)
    return speaker.pick(
        "seriousness",
        say(events, were, "recorded as", judged, "and met", criteria),
        say(events, were, judged, "by", criteria),
        say("the investigator recorded", events, "as", judged, "under", criteria),
    )
