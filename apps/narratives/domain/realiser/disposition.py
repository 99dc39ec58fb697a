"""Sentences on how it ended: disposition and its recorded cause, death, dates that disagree, what is not known."""

from apps.narratives.domain.facts.fact import Absence, Fact, Role
from apps.narratives.domain.facts.terms import term_forms
from apps.narratives.domain.realiser.grammar import (
    Phrase,
    citing,
    counted,
    in_brackets_day,
    listed,
    on_date,
    say,
    stated_by,
    written_date,
)
from apps.narratives.domain.realiser.referring import Speaker
from apps.studies.domain.clinical.codelists import ADVERSE_EVENT, DEATH


def disposition(speaker: Speaker) -> Phrase:
    """How participation ended; an event is its cause only where RELREC says so (E05, E23)."""
    decision = speaker.need(Role.DISPOSITION)
    when = say(on_date(speaker.need(Role.DISPOSED_ON)), in_brackets_day(speaker.fact(Role.DISPOSED_DAY)))
    she = speaker.subject()
    if decision.code == ADVERSE_EVENT:
        return _for_event(speaker, decision, when)
    if decision.code == DEATH:
        ended = stated_by("ended with death", decision)
        return speaker.pick(
            "disposition",
            say("participation in the study", ended, when),
            say(speaker.possessive(), "participation", ended, when),
            say(when, ", participation in the study", ended),
        )
    if decision.term is None:
        reason = stated_by(f"“{decision.text.lower()}”", decision)
        return say("participation ended", when, "; the recorded reason was", reason)
    left = stated_by(decision.term.sentence, decision)
    return speaker.pick("disposition", say(when, ",", she, left), say(she, left, when))


def no_disposition(speaker: Speaker) -> Phrase:
    """That the end of participation is not recorded."""
    gap = speaker.need(Role.NO_DISPOSITION)
    if gap.absence is Absence.NOT_IN_DATA:
        return stated_by("the end of participation in the study was not in the data", gap)
    return speaker.pick(
        "disposition",
        stated_by("the end of participation in the study was not recorded", gap),
        stated_by("no end of participation in the study was recorded", gap),
    )


def death(speaker: Speaker) -> Phrase:
    """The death and its recorded date."""
    died, on = speaker.need(Role.DIED), speaker.need(Role.DEATH_DATE)
    she = speaker.subject()
    if on.is_absent:
        return speaker.pick(
            "death",
            say(she, stated_by("died", died), ";", stated_by("the date of death was not recorded", on)),
            say(she, stated_by("died", died), ", and", stated_by("the date of death was not recorded", on)),
            say("death was recorded", stated_by("; the date of death was not recorded", died, on)),
        )
    when = say(on_date(on), in_brackets_day(speaker.fact(Role.DEATH_DAY)))
    return speaker.pick(
        "death",
        say(she, stated_by("died", died), when),
        citing(say("death occurred", when), died),
        say(when, ",", she, stated_by("died", died)),
        say("the subject's", stated_by("death", died), "was recorded", when),
    )


def date_conflict(speaker: Speaker) -> Phrase:
    """A recorded date that disagrees with another, as it is."""
    for role, dated, wording in _CONFLICTS:
        gap, fact = speaker.fact(role), speaker.fact(dated)
        # The key of the message says which pair is meant: several may disagree in one subject.
        if gap is not None and fact is not None and speaker.voice.key.endswith(role):
            return _conflict(speaker, gap, fact, *wording)
    raise KeyError(f"{speaker.voice.key} names no pair of dates that disagree")


def post_mortem(speaker: Speaker) -> Phrase:
    """That post-mortem findings are not in the data (E07)."""
    gap = speaker.need(Role.POST_MORTEM)
    return speaker.pick(
        "post_mortem",
        stated_by("post-mortem findings were not in the data", gap),
        stated_by("the data contained no post-mortem findings", gap),
        stated_by("findings of an autopsy were not in the data", gap),
    )


def unknowns(speaker: Speaker) -> Phrase:
    """That the sponsor's opinion and dechallenge and rechallenge are not in the data (E09, E20)."""
    opinion, rechallenge = speaker.need(Role.SPONSOR_OPINION), speaker.need(Role.RECHALLENGE)
    opinion_of = stated_by("the sponsor's opinion on causality", opinion)
    response = stated_by("an assessment of dechallenge and rechallenge", rechallenge)
    return speaker.pick(
        "unknowns",
        say(opinion_of, "and", response, "were not in the data"),
        say(response, "and", opinion_of, "were not in the data"),
        say("neither", opinion_of, "nor", response, "was in the data"),
        say("not in the data were", opinion_of, "and", response),
    )


def _for_event(speaker: Speaker, decision: Fact, when: Phrase) -> Phrase:
    causes, she = speaker.facts.all(speaker.entities[0], Role.CAUSE), speaker.subject()
    scope = speaker.fact(Role.SCOPE)
    drug = stated_by("study drug", scope) if scope is not None else None
    left = say(stated_by("discontinued", decision), drug)
    if not causes or causes[0].is_absent:
        gap = stated_by("the event related to the discontinuation was not recorded", *causes)
        return say(she, left, "for an adverse event", when, ";", gap)
    named = listed([_cause(speaker, cause) for cause in causes])
    subject_left = say(she, left)
    passive = say("participation was", left) if scope is None else subject_left
    return speaker.pick(
        "disposition",
        say(subject_left, when, "because of", named),
        say(when, subject_left, "because of", named),
        say("because of", named, ",", subject_left, when),
        say(passive, when, "because of", named),
        say("the adverse event recorded as the reason", subject_left, when, "was", named),
    )


def _cause(speaker: Speaker, cause: Fact) -> Phrase:
    """The event by its term; with its onset where the narrative knows another of the same term."""
    named = stated_by(term_forms(cause.text)[0], cause)
    onset = speaker.facts.get(cause.derived_from[-1], Role.ONSET)
    if onset is None or onset.is_absent or not speaker.is_ambiguous(cause.text):
        return named
    return say("the", named, "of", stated_by(written_date(onset), onset))


_CONFLICTS = (
    (
        Role.LAST_DOSE_AFTER_FATAL_EVENT,
        Role.LAST_DOSE,
        ("dosing was recorded to", "the last dose was recorded on", "after the onset of the fatal event"),
    ),
    (
        Role.DEATH_AFTER_FATAL_EVENT,
        Role.DEATH_DATE,
        ("the recorded date of death is", "death was recorded on", "after the onset of the fatal event"),
    ),
    (
        Role.REFERENCE_END_AFTER_DEATH,
        Role.REFERENCE_END,
        ("participation was recorded to", "the end of participation was recorded on", "after the date of death"),
    ),
)


def _conflict(speaker: Speaker, gap: Fact, dated: Fact, until: str, recorded: str, anchor: str) -> Phrase:
    days = stated_by(f"{counted(int(gap.text), 'days')} {anchor}", gap)
    on = stated_by(written_date(dated), dated)
    return speaker.pick("conflict", say(until, on, ",", days), say(recorded, on, ",", days))
