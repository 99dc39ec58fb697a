"""Sentences on how events ended: outcome, end and duration (E16, E19)."""

from collections.abc import Callable, Mapping
from typing import Final

from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.realiser.grammar import Phrase, citing, counted, day_of_all, on_date, say, stated_by
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.realiser.words import word_for
from apps.studies.domain.clinical.codelists import (
    FATAL,
    NOT_RECOVERED,
    RECOVERED,
    RECOVERED_WITH_SEQUELAE,
    RECOVERING,
    UNKNOWN,
)

NO_DATE: Final = "on a date that was not recorded"


def outcome(speaker: Speaker) -> Phrase:
    """How the events ended, when, and after how many days (E16, E19)."""
    facts = [speaker.need(Role.OUTCOME, entity) for entity in speaker.entities]
    events = speaker.the_events()
    if facts[0].is_absent:
        return say("the outcome of", events, stated_by("was not recorded", *facts), _end_remark(speaker))
    return _OUTCOMES.get(facts[0].code, _outcome_quoted)(speaker, events, facts)


def _ended(speaker: Speaker) -> Phrase | None:
    """`on 05 Jun 2013 (day 41)`, or nothing where no end is recorded."""
    ends = [fact for entity in speaker.entities if (fact := speaker.fact(Role.END, entity)) is not None]
    if not ends or ends[0].is_absent:
        return None
    days = [fact for entity in speaker.entities if (fact := speaker.fact(Role.END_DAY, entity)) is not None]
    return say(citing(on_date(ends[0]), *ends), day_of_all(days))


def _absent_ends(speaker: Speaker) -> list[Fact]:
    ends = [fact for entity in speaker.entities if (fact := speaker.fact(Role.END, entity)) is not None]
    return [fact for fact in ends if fact.is_absent]


def _end_remark(speaker: Speaker) -> Phrase | None:
    """The end of events that did not simply resolve: its date and the duration, or that it is not recorded."""
    ended, spell, gaps = _ended(speaker), _lasting(speaker), _absent_ends(speaker)
    if gaps:
        return say(";", stated_by("the end date was not recorded", *gaps))
    if ended is None:
        return None
    on = Phrase(ended.text.split(" ", 1)[1], ended.facts)
    return say(", with an end date of", on, say(", a duration of", spell) if spell else None)


def _lasting(speaker: Speaker) -> Phrase | None:
    spells = [fact for entity in speaker.entities if (fact := speaker.fact(Role.DURATION, entity)) is not None]
    return stated_by(f"{counted(int(spells[0].text), 'days')}", *spells) if spells else None


def _resolved(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    over, ended, spell = stated_by(word_for(facts[0]), *facts), _ended(speaker), _lasting(speaker)
    if ended is None:
        return say(events, over, stated_by(NO_DATE, *_absent_ends(speaker)))
    if spell is None:
        return speaker.pick("outcome", say(events, over, ended), say(ended, ",", events, over))
    return speaker.pick(
        "outcome",
        say(events, over, ended, ", having lasted", spell),
        say(events, over, ended, ", after a duration of", spell),
        say(ended, ",", events, over, ", after a duration of", spell),
        say(events, "lasted", spell, "and", over, ended),
    )


def _continuing(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    return speaker.pick(
        "outcome",
        say(events, stated_by("had not resolved", *facts)),
        say(events, speaker.were(), "recorded as", stated_by("not resolved", *facts)),
        say("the recorded outcome of", events, "was", stated_by("not resolved", *facts)),
        say("according to the last record,", events, stated_by("had not resolved", *facts)),
    )


def _resolving(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    return say(events, speaker.were(), stated_by("resolving", *facts), _end_remark(speaker))


def _unknown(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    return say("the outcome of", events, "was recorded as", stated_by("unknown", *facts), _end_remark(speaker))


def _fatal(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    fatal, end = stated_by("fatal", *facts), _end_remark(speaker)
    return speaker.pick(
        "outcome",
        say("the outcome of", events, "was", fatal, end),
        say(events, speaker.were(), "recorded as", fatal, end),
        say(events, "had a", fatal, "outcome", end),
    )


def _outcome_quoted(speaker: Speaker, events: Phrase, facts: list[Fact]) -> Phrase:
    said = stated_by(word_for(facts[0]), *facts)
    return say("the outcome of", events, "was recorded as", said, _end_remark(speaker))


_OUTCOMES: Final[Mapping[str, Callable[[Speaker, Phrase, list[Fact]], Phrase]]] = {
    RECOVERED: _resolved,
    RECOVERED_WITH_SEQUELAE: _resolved,
    NOT_RECOVERED: _continuing,
    RECOVERING: _resolving,
    FATAL: _fatal,
    UNKNOWN: _unknown,
}
