"""Sentences on the subject: who, what history, which medication, how long on study drug."""

from apps.narratives.domain.facts.fact import Absence, Fact, Role
from apps.narratives.domain.realiser.grammar import (
    Phrase,
    be,
    counted,
    gap_words,
    in_brackets_day,
    indefinite,
    listed,
    on_date,
    say,
    stated_by,
    with_unit,
    written_date,
)
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.realiser.words import MINORS, PERSONS, RACES, SEXES, word_for


def opening(speaker: Speaker) -> Phrase:
    """Identifier, age, sex, race and the disease treated in one sentence."""
    number = speaker.need(Role.SUBJECT_ID)
    who = stated_by(f"subject {number.text}", number)
    person, disease = _person(speaker), _disease(speaker)
    article_free = Phrase(person.text.removeprefix("a ").removeprefix("an "), person.facts)
    if disease is None:
        gap = stated_by("the disease treated was not in the data", speaker.need(Role.DISEASE))
        return speaker.pick(
            "opening",
            say(who, "was", person, ";", gap),
            say("this narrative concerns", who, ",", person, ";", gap),
            say("the subject of this narrative ,", who, ", was", person, ";", gap),
        )
    return speaker.pick(
        "opening",
        say(who, "was", person, "with", disease),
        say(who, ",", person, ", had", disease),
        say("this narrative concerns", who, ",", person, "with", disease),
        say(who, "is described here:", person, "with", disease),
        say("the subject of this narrative ,", who, ", was", person, "treated for", disease),
        say("the", article_free, "described here,", who, ", had", disease),
    )


def past_history(speaker: Speaker) -> Phrase:
    """Illnesses and procedures of the history with their dates; that they are over, not every record says."""
    illnesses = listed([_dated_term(speaker, entity) for entity in speaker.entities])
    her = speaker.possessive()
    return speaker.pick(
        "history",
        say(her, "medical history included", illnesses),
        say("medical history was recorded as", illnesses),
        say(speaker.subject(), "had a history of", illnesses),
        say("the recorded history comprised", illnesses),
        say("as medical history,", illnesses, be(len(speaker.entities)), "recorded"),
    )


def conditions(speaker: Speaker) -> Phrase:
    """Illnesses present at entry."""
    illnesses = listed([_dated_term(speaker, entity) for entity in speaker.entities])
    her = speaker.possessive()
    if len(speaker.entities) == 1:
        return speaker.pick(
            "condition",
            say(illnesses, "was recorded as a pre-existing condition"),
            say("at entry,", her, "recorded condition was", illnesses),
            say("the recorded pre-existing condition was", illnesses),
            say("recorded as pre-existing was", illnesses),
        )
    return speaker.pick(
        "conditions",
        say("pre-existing conditions were", illnesses),
        say("conditions recorded at entry were", illnesses),
        say("on entering the study,", her, "recorded conditions were", illnesses),
        say(illnesses, "were present at entry"),
        say(her, "concurrent conditions at entry were recorded as", illnesses),
        say("recorded as pre-existing were", illnesses),
    )


def no_history(speaker: Speaker) -> Phrase:
    """That no history is recorded, or that the data hold none of any subject."""
    if speaker.need(Role.HISTORY).absence is Absence.NOT_IN_DATA:
        return _absent(speaker, Role.HISTORY, "medical history was not in the data")
    return _absent(speaker, Role.HISTORY, "medical history was not recorded", "no medical history was recorded")


def medication(speaker: Speaker) -> Phrase:
    """Medications of one frequency: dose after each name, the frequency once."""
    drugs = listed([_dosed(speaker, drug) for drug in speaker.entities])
    often = _shared_frequency(speaker)
    if often is None:
        return speaker.pick(
            "medication",
            say("concomitant medication included", drugs),
            say("concomitant medication was", drugs),
            say(speaker.subject(), "was also taking", drugs),
        )
    return speaker.pick(
        "medication",
        say("concomitant medication taken", often, "was", drugs),
        say(speaker.subject(), "was taking", drugs, ",", often),
        say("medication recorded as taken", often, "included", drugs),
        say(often, ",", speaker.subject(), "took", drugs),
        say("taken", often, be(len(speaker.entities)), drugs),
    )


def ended_medication(speaker: Speaker) -> Phrase:
    """Medication that was over before the first onset; it is never told as being taken."""
    drugs = listed([_dosed(speaker, drug) for drug in speaker.entities])
    were = be(len(speaker.entities))
    return speaker.pick(
        "ended",
        say("medication that had ended before the onset included", drugs),
        say("medication ended before the onset", were, drugs),
        say("medication recorded as ended before the onset", were, drugs),
    )


def undated_medication(speaker: Speaker) -> Phrase:
    """Medication of which the dates do not say on which side of the first onset it was taken."""
    drugs = listed([_dosed(speaker, drug) for drug in speaker.entities])
    return speaker.pick(
        "undated",
        say("other recorded medication was", drugs),
        say("other medication on record included", drugs),
        say("medication was also recorded:", drugs),
    )


def no_medication(speaker: Speaker) -> Phrase:
    """That no concomitant medication is recorded near the events."""
    gap, near = speaker.need(Role.MEDICATION), speaker.nearby()
    if gap.absence is Absence.NOT_IN_DATA:
        return say("concomitant medication from within", near, stated_by("was not in the data", gap))
    return speaker.pick(
        "no_medication",
        say(stated_by("no concomitant medication was recorded", gap), "within", near),
        say("within", near, ",", stated_by("no concomitant medication was recorded", gap)),
        say(stated_by("concomitant medication was not recorded", gap), "within", near),
    )


def exposure(speaker: Speaker) -> Phrase:
    """First and last dose of study drug and the days between, from DM."""
    first, last = speaker.need(Role.FIRST_DOSE), speaker.need(Role.LAST_DOSE)
    if first.is_absent and last.is_absent:
        return stated_by(f"the dates of the first and last dose of study drug were {gap_words(first)}", first, last)
    if first.is_absent or last.is_absent:
        return _half_exposure(speaker, first, last)
    start, end = on_date(first), say(on_date(last), in_brackets_day(speaker.fact(Role.LAST_DOSE_DAY)))
    return _whole_exposure(speaker, start, end)


def blinded(speaker: Speaker) -> Phrase:
    """That dose and treatment group are withheld from a blinded text."""
    dose, group = speaker.need(Role.DOSE), speaker.need(Role.GROUP)
    return speaker.pick(
        "blinded",
        stated_by("dose and treatment group are not available in this blinded text", dose, group),
        stated_by("neither the dose nor the treatment group is available in this blinded text", dose, group),
        stated_by("the treatment group and the dose of study drug are not available in this blinded text", group, dose),
        stated_by("in this blinded text, treatment group and dose are not available", group, dose),
    )


def with_dose(speaker: Speaker, drug: str) -> Phrase:
    """A medication with its dose; one that was recorded as words (CMDOSTXT) is quoted."""
    amount = speaker.fact(Role.AMOUNT, drug)
    if amount is None or amount.value is None:
        return speaker.drug(drug)
    unit = amount.unit
    if isinstance(amount.value, str):
        return say(speaker.drug(drug), stated_by(f"“{amount.value}{f' {unit}' if unit else ''}”", amount))
    if unit is not None and unit in ("tablet", "capsule", "puff", "drop"):
        return say(speaker.drug(drug), stated_by(counted(amount.value, unit).replace(" ", "\u00a0"), amount))
    return say(speaker.drug(drug), stated_by(with_unit(amount.value, unit), amount))


def frequency(fact: Fact | None) -> Phrase | None:
    """How often a medication is taken."""
    return None if fact is None else stated_by(word_for(fact), fact)


def route(fact: Fact | None) -> Phrase | None:
    """How a medication is given."""
    return None if fact is None else stated_by(word_for(fact), fact)


def _person(speaker: Speaker) -> Phrase:
    """`a 69-year-old White woman`; what is not recorded is said to be so."""
    age, sex, race = (speaker.fact(role) for role in (Role.AGE, Role.SEX, Role.RACE))
    is_known_race = race is not None and race.text in RACES
    adjective = stated_by(RACES[race.text], race) if is_known_race and race is not None else None
    person = say(_age_adjective(age), adjective, _noun(speaker, sex))
    return say(Phrase(indefinite(person.text), person.facts), _person_remarks(age, sex, race, known_race=is_known_race))


def _noun(speaker: Speaker, sex: Fact | None) -> Phrase:
    """`woman`, `female infant`, or `person`, which says nothing of the sex; what is recorded follows in brackets."""
    group = speaker.fact(Role.AGE_GROUP)
    code = "" if sex is None else sex.code
    if group is not None and not group.is_absent:
        of_sex = stated_by(SEXES[code], sex) if code in SEXES else None
        return say(of_sex, stated_by(MINORS[group.code], group))
    return stated_by(PERSONS[code], sex) if code in PERSONS else stated_by("person", None)


def _age_adjective(age: Fact | None) -> Phrase | None:
    is_years = age is not None and age.value is not None and age.unit == "years"
    return stated_by(f"{age.text}-year-old", age) if is_years and age is not None else None


def _person_remarks(age: Fact | None, sex: Fact | None, race: Fact | None, *, known_race: bool) -> Phrase | None:
    """`(age not recorded, sex not recorded)`: what cannot be said in the noun phrase."""
    remarks = []
    if age is not None and age.is_absent:
        remarks.append(stated_by(f"age {gap_words(age)}", age))
    elif age is not None and age.unit != "years":
        remarks.append(stated_by(f"aged {age.text} {age.unit}", age))
    if sex is not None and sex.code not in PERSONS:
        unknown = f"sex {gap_words(sex)}" if sex.is_absent else f"sex recorded as {word_for(sex)}"
        remarks.append(stated_by(unknown, sex))
    if race is not None and not known_race:
        remarks.append(stated_by(f"race recorded as {word_for(race)}", race))
    if not remarks:
        return None
    inner = say(*(part for remark in remarks for part in (remark, ",")))
    return say("(", Phrase(inner.text.rstrip(","), inner.facts), ")")


def _disease(speaker: Speaker) -> Phrase | None:
    """The disease treated, and since when it is recorded; None where the data name none."""
    # The subject is always the first: alone it means that no disease is named.
    if len(speaker.entities) == 1:
        return None
    return listed([say(speaker.term(entity), _since(speaker, entity)) for entity in speaker.entities[1:]])


def _since(speaker: Speaker, entity: str) -> Phrase:
    since = speaker.need(Role.DISEASE_SINCE, entity)
    if since.is_absent:
        return stated_by("(date of onset not recorded)", since)
    on = written_date(since)
    return speaker.pick(
        "since",
        stated_by(f"recorded since {on}", since),
        stated_by(f"(recorded since {on})", since),
        say("first recorded", on_date(since)),
    )


def _dated_term(speaker: Speaker, entity: str) -> Phrase:
    start = speaker.fact(Role.START, entity)
    return say(speaker.term(entity), stated_by(f"({written_date(start)})", start) if start is not None else None)


def _dosed(speaker: Speaker, drug: str) -> Phrase:
    start, stop = speaker.fact(Role.START, drug), speaker.fact(Role.STOP, drug)
    since = stated_by(f"since {written_date(start)}", start) if start is not None else None
    until = stated_by(f"until {written_date(stop)}", stop) if stop is not None else None
    if since is None and until is None:
        return with_dose(speaker, drug)
    joint = "," if since is not None and until is not None else None
    return say(with_dose(speaker, drug), "(", since, joint, until, ")")


def _shared_frequency(speaker: Speaker) -> Phrase | None:
    facts = [fact for drug in speaker.entities if (fact := speaker.fact(Role.FREQUENCY, drug)) is not None]
    return stated_by(word_for(facts[0]), *facts) if facts else None


def _half_exposure(speaker: Speaker, first: Fact, last: Fact) -> Phrase:
    if first.is_absent:
        gone = stated_by("the date of the first dose of study drug was not recorded", first)
        return say(gone, "; the last dose was given", on_date(last), in_brackets_day(speaker.fact(Role.LAST_DOSE_DAY)))
    unknown = stated_by("a date of last dose was not recorded", last)
    return speaker.pick(
        "exposure",
        say("study drug was started", on_date(first), ";", unknown),
        say("the first dose of study drug was given", on_date(first), ", and", unknown),
        say(speaker.subject(), "received the first dose of study drug", on_date(first), ";", unknown),
    )


def _whole_exposure(speaker: Speaker, start: Phrase, end: Phrase) -> Phrase:
    days = speaker.fact(Role.EXPOSURE_DAYS)
    spell = stated_by(counted(int(days.text), "days"), days) if days is not None else None
    over = say(", a period of", spell) if spell else None
    return speaker.pick(
        "exposure",
        say("study drug was started", start, "and last given", end, over),
        say("the first dose of study drug was given", start, "and the last", end, over),
        say(speaker.subject(), "received study drug from", _bare(start), "to", _bare(end), over),
        say("dosing with study drug began", start, "and the last dose was recorded", end, over),
        say(speaker.subject(), "took the first dose of study drug", start, "and the last dose", end, over),
    )


def _bare(dated: Phrase) -> Phrase:
    return Phrase(dated.text.split(" ", 1)[1], dated.facts)


def _absent(speaker: Speaker, role: Role, *wordings: str) -> Phrase:
    fact = speaker.need(role)
    return speaker.pick(role, *(stated_by(wording, fact) for wording in wordings))
