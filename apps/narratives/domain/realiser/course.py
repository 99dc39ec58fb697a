"""Sentences on what else happened around the events: other events, laboratory results, later medication."""

from apps.narratives.domain.facts.fact import Absence, Fact, Role
from apps.narratives.domain.realiser.grammar import (
    Phrase,
    be,
    citing,
    day_of_all,
    is_plural,
    listed,
    on_date,
    say,
    stated_by,
    with_unit,
    written_date,
    written_number,
)
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.realiser.subject import frequency, route, with_dose
from apps.narratives.domain.realiser.words import word_for
from apps.studies.domain.clinical.codelists import ABNORMAL, HIGH

_JUDGEMENTS = (Role.SEVERITY, Role.CAUSALITY, Role.OUTCOME)


def other_events(speaker: Speaker) -> Phrase:
    """Other events of one onset date; judgements they share are said once."""
    when, many = _onset(speaker), len(speaker.entities) > 1
    apart = listed([_with_judgements(speaker, event) for event in speaker.entities])
    events = _judged_together(speaker) if many and _agree(speaker) else apart
    were = be(len(speaker.entities), speaker.term(speaker.entities[0]).text)
    plural = "events" if many else "event"
    return speaker.pick(
        "others",
        say(when, ",", events, "also began"),
        say("other" if many else "another", plural, "that began", when, were, events),
        say(events, "also began", when),
        say("recorded with onset", when, were, "also", events),
        say(events, "began", when),
    )


def results(speaker: Speaker) -> Phrase:
    """Results of one day outside their ranges; high liver tests in multiples of the upper limit."""
    collected = [speaker.need(Role.COLLECTED, row) for row in speaker.entities]
    days = [fact for row in speaker.entities if (fact := speaker.fact(Role.COLLECTED_DAY, row)) is not None]
    when = say(citing(on_date(collected[0]), *collected), day_of_all(days))
    found = listed([_result(speaker, row) for row in speaker.entities])
    return speaker.pick(
        "results",
        say(when, ",", found),
        say("laboratory results", when, "showed that", found),
        say("in a sample collected", when, ",", found),
        # Without its preposition: the frame brings one of its own.
        say("in the sample of", Phrase(when.text.split(" ", 1)[1], when.facts), ",", found),
    )


def no_results(speaker: Speaker) -> Phrase:
    """That results near the events were all within range, or that there are none in the data."""
    fact = speaker.need(Role.LABORATORY)
    near = speaker.nearby()
    if fact.is_absent:
        gap = stated_by("were not in the data", fact)
        return say("laboratory results from within", near, gap)
    none = stated_by("no laboratory result", fact)
    within = stated_by("was outside its reference range", fact)
    return speaker.pick(
        "no_results",
        say(none, "from within", near, within),
        say("within", near, ",", none, within),
        say(none, "collected within", near, within),
    )


def later_medication(speaker: Speaker) -> Phrase:
    """Medication started at or after the first onset, of one start date."""
    starts = [speaker.need(Role.START, drug) for drug in speaker.entities]
    when = citing(on_date(starts[0]), *starts)
    drugs = listed([_regimen(speaker, drug) for drug in speaker.entities])
    were = be(len(speaker.entities))
    return speaker.pick(
        "later",
        say(when, ",", drugs, were, "started"),
        say(drugs, were, "started", when),
        say("medication started", when, "was", drugs),
        say(speaker.subject(), "started", drugs, when),
        say("treatment with", drugs, "was started", when),
    )


def no_measures(speaker: Speaker) -> Phrase:
    """That no treatment of the events is recorded."""
    gap, near = speaker.need(Role.MEASURES), speaker.nearby()
    if gap.absence is Absence.UNDETERMINED:
        return stated_by("whether medication was started on or after onset could not be determined", gap)
    if gap.absence is Absence.NOT_IN_DATA:
        return say("medication started within", near, stated_by("was not in the data", gap))
    return speaker.pick(
        "measures",
        say(stated_by("no treatment started on or after onset was recorded", gap), "within", near),
        say("within", near, ",", stated_by("no treatment started on or after onset was recorded", gap)),
        say("within", near, ",", stated_by("no medication was recorded as started on or after onset", gap)),
    )


def _onset(speaker: Speaker) -> Phrase:
    onsets = [speaker.need(Role.ONSET, event) for event in speaker.entities]
    days = [fact for event in speaker.entities if (fact := speaker.fact(Role.ONSET_DAY, event)) is not None]
    return say(citing(on_date(onsets[0]), *onsets), day_of_all(days))


def _agree(speaker: Speaker) -> bool:
    """Whether all events have the same judgements."""
    return len({tuple(_text(speaker, event, role) for role in _JUDGEMENTS) for event in speaker.entities}) == 1


def _text(speaker: Speaker, event: str, role: Role) -> str:
    fact = speaker.fact(role, event)
    return fact.text if fact is not None else ""


def _judged_together(speaker: Speaker) -> Phrase:
    names = listed([speaker.term(event) for event in speaker.entities])
    words = []
    for role in _JUDGEMENTS:
        facts = [fact for event in speaker.entities if (fact := speaker.fact(role, event)) is not None]
        if facts:
            words.append(_judgement(speaker, facts))
    judged = say(*(part for word in words for part in (word, ",")))
    inner = Phrase(judged.text.rstrip(","), judged.facts)
    both = "both" if len(speaker.entities) == 2 else "all"
    return say(names, "(", both, inner, ")") if words else names


def _with_judgements(speaker: Speaker, event: str) -> Phrase:
    words = []
    for role in _JUDGEMENTS:
        fact = speaker.fact(role, event)
        if fact is not None:
            words.append(_judgement(speaker, [fact]))
    if not words:
        return speaker.term(event)
    judged = say(*(part for word in words for part in (word, ",")))
    return say(speaker.term(event), "(", Phrase(judged.text.rstrip(","), judged.facts), ")")


def _judgement(speaker: Speaker, facts: list[Fact]) -> Phrase:
    """A judgement as a word that stands alone; an unknown outcome says what is unknown, a worst severity that it is."""
    word = word_for(facts[0])
    if facts[0].role is Role.OUTCOME and word == "unknown":
        return stated_by(f"outcome {word}", *facts)
    is_worst = facts[0].role is Role.SEVERITY and any(
        speaker.fact(Role.RECORDED_SEVERITY, fact.about) is not None for fact in facts
    )
    return stated_by(f"up to {word}" if is_worst else word, *facts)


def _result(speaker: Speaker, row: str) -> Phrase:
    """`bilirubin was high at 101 µmol/L (5.94 × ULN)` or with the limits of its range."""
    result, direction = speaker.need(Role.RESULT, row), speaker.need(Role.DIRECTION, row)
    value = stated_by(with_unit(_number(result), result.unit), result)
    test = speaker.test(row)
    its = "their" if is_plural(test.text) else "its"
    high = ("high at", f"above {its} reference range at", "raised at")
    low = ("low at", f"below {its} reference range at", "reduced at")
    # Flagged without limits: on which side of them it lies is not known.
    if direction.text == ABNORMAL:
        return say(test, be(1, test.text), value, ", recorded as", stated_by("abnormal", direction))
    words = speaker.voice.pick("direction", high if direction.text == HIGH else low)
    return say(test, be(1, test.text), stated_by(words, direction), value, _against(speaker, row))


def _against(speaker: Speaker, row: str) -> Phrase | None:
    multiple = speaker.fact(Role.MULTIPLE, row)
    if multiple is not None:
        return stated_by(f"({float(multiple.text):.2f}\u00a0×\u00a0ULN)", multiple)
    lower, upper = speaker.fact(Role.LOWER, row), speaker.fact(Role.UPPER, row)
    if lower is not None and upper is not None:
        limits = f"{written_number(_number(lower))} to {with_unit(_number(upper), upper.unit)}"
        return stated_by(f"(reference range {limits})", lower, upper)
    if upper is not None:
        return stated_by(f"(upper limit {with_unit(_number(upper), upper.unit)})", upper)
    return stated_by(f"(lower limit {with_unit(_number(lower), lower.unit)})", lower) if lower is not None else None


def _number(fact: Fact) -> int | float | str:
    return fact.text if fact.value is None else fact.value


def _regimen(speaker: Speaker, drug: str) -> Phrase:
    """A medication with dose, frequency, route and end."""
    stop = speaker.fact(Role.STOP, drug)
    until = stated_by(f"(until {written_date(stop)})", stop) if stop is not None else None
    often, how = frequency(speaker.fact(Role.FREQUENCY, drug)), route(speaker.fact(Role.ROUTE, drug))
    dosed = with_dose(speaker, drug)
    # A cream whose name says `topical` is not also told to be given topically.
    is_told = how is not None and how.text == "topically" and "topical" in dosed.text
    return say(dosed, often, None if is_told else how, until)
