"""Ways a writer lies: each turns a true sentence into a false one, or gives nothing where it cannot."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from apps.narratives.domain.facts.fact import Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.value_grammar import NUMBER_WORDS

Mutator = Callable[[Sentence, FactSet], Iterator[Sentence]]

_DATE = re.compile(r"\b\d{2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}\b")
_DAY = re.compile(r"\(day (−?\d+)\)")
_DOSE = re.compile(r"\b(\d[\d,]*(?:\.\d+)?)\u00a0(mg|g/L|U/L|mmol/L|µmol/L|tablets?)")
_NUMBER_OF_DAYS = re.compile(r"\b(\d+) days?\b")


def _rewritten(sentence: Sentence, text: str) -> Iterator[Sentence]:
    if text != sentence.text:
        yield replace(sentence, text=text)


def date_by_a_day(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Every full date a day later and a day earlier (M1)."""
    for match in _DATE.finditer(sentence.text):
        day = datetime.strptime(match.group(), "%d %b %Y")  # noqa: DTZ007 a calendar day has no zone
        for shift in (1, -1):
            other = (day + timedelta(days=shift)).strftime("%d %b %Y")
            yield from _rewritten(sentence, sentence.text[: match.start()] + other + sentence.text[match.end() :])


def date_made_full(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """A partial date given a day (M1)."""
    yield from _rewritten(sentence, re.sub(r"\((Jan|Jun|Sep|Nov) (\d{4})\)", r"(01 \1 \2)", sentence.text))


def study_day(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Another study day (M1)."""
    for match in _DAY.finditer(sentence.text):
        other = str(int(match.group(1).replace("−", "-")) + 2).replace("-", "−")
        yield from _rewritten(sentence, sentence.text[: match.start(1)] + other + sentence.text[match.end(1) :])


def digits(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """A dose or result ten times too high, with a digit off, or in another unit (M2)."""
    for match in _DOSE.finditer(sentence.text):
        tenfold = match.group(1) + ("" if "." in match.group(1) else "0")
        for number, unit in (
            (tenfold.replace(".", ""), match.group(2)),
            (f"9{match.group(1)}", match.group(2)),
            (match.group(1), {"mg": "g", "g/L": "g/dL", "U/L": "mU/L"}.get(match.group(2), "mg")),
        ):
            changed = f"{number}\u00a0{unit}"
            yield from _rewritten(sentence, sentence.text[: match.start()] + changed + sentence.text[match.end() :])


def number_word(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """A duration in words that is one too many (M2)."""
    words = list(NUMBER_WORDS)
    for match in _NUMBER_OF_DAYS.finditer(sentence.text):
        if int(match.group(1)) + 1 < len(words):
            wrong = f"{words[int(match.group(1)) + 1]} days"
            yield from _rewritten(sentence, sentence.text[: match.start()] + wrong + sentence.text[match.end() :])


def multiple(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Another multiple of the upper limit (M2)."""
    yield from _rewritten(sentence, re.sub(r"\((\d+)\.(\d)(\d)(?=\s×)", r"(\1.\3\2\3", sentence.text))


def age_or_sex(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Another age, the other sex (M3)."""
    yield from _rewritten(sentence, re.sub(r"(\d)(\d)-year-old", r"\g<1>\2\2-year-old", sentence.text))
    yield from _swapped(sentence, ("woman", "man"), ("she", "he"), ("her", "his"))


def term(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """A near neighbour of a term (M3)."""
    yield from _swapped(
        sentence,
        ("syncope", "seizures"),
        ("myocardial infarction", "angina pectoris"),
        ("irritation", "pruritus"),
        ("erythema", "dermatitis"),
        ("dizziness", "vertigo"),
        ("visual hallucination", "auditory hallucination"),
        ("palpitations", "tachycardia"),
        ("diarrhoea", "constipation"),
        ("urinary tract infection", "cystitis"),
    )


def invention(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """A hospital stay, an autopsy, a rechallenge, an effect of treatment that nobody recorded (M4)."""
    stem = sentence.text.removesuffix(".")
    for added in (
        " and was admitted to intensive care",
        "; an autopsy was performed",
        "; study drug was restarted",
        " and required oxygen",
        ", with torsades de pointes",
        " and recovered after treatment",
    ):
        yield replace(sentence, text=f"{stem}{added}.")
    if "hospitalis" not in sentence.text:
        yield replace(sentence, text=f"{stem} and was hospitalised.")


def polarity(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Judgements turned into their neighbours and opposites (M6)."""
    yield from _swapped(
        sentence,
        ("not related", "possibly related"),
        ("possibly related", "probably related"),
        ("remotely related", "not related"),
        ("probably related", "not related"),
        ("not resolved", "resolved"),
        ("resolved", "had not resolved"),
        ("fatal", "resolving"),
        ("mild", "moderate"),
        ("moderate", "severe"),
        ("severe", "mild"),
        ("not serious", "serious"),
        ("was not set", "was set"),
        ("after the last dose", "before the last dose"),
        ("before the first dose", "after the first dose"),
        ("on the day of the last dose", "after the last dose"),
        ("discontinued", "completed the study"),
        ("was not recorded", "was withdrawn"),
        ("was not recorded", "was recorded"),
        ("not available", "available"),
        ("were not in the data", "were unremarkable"),
        ("died", "recovered"),
        ("above its", "below its"),
        ("high at", "low at"),
        ("raised at", "reduced at"),
        ("low at", "high at"),
        ("outside its reference range", "within its reference range"),
    )


def attribution(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Another judge (M7)."""
    yield from _swapped(sentence, ("investigator", "sponsor"), ("sponsor's", "investigator's"))


def unblinding(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """The treatment named or hinted at (M8)."""
    stem = sentence.text.removesuffix(".")
    for added in (" on placebo", " while taking 54 mg of study drug", " in the high-dose arm", " on xanomeline"):
        yield replace(sentence, text=f"{stem}{added}.")


def language(sentence: Sentence, _: FactSet) -> Iterator[Sentence]:
    """Overclaims, speculation, minimising words (M9)."""
    stem = sentence.text.removesuffix(".")
    for added in (
        ", caused by study drug",
        ", probably due to age",
        ", which was well tolerated",
        ", fortunately",
        ", as might be expected",
        " as a result of study drug",
    ):
        yield replace(sentence, text=f"{stem}{added}.")


def identifiers(sentence: Sentence, facts: FactSet) -> Iterator[Sentence]:
    """Another subject, a person, an address, markup (M10, M11)."""
    other = facts.subject_id[:-1] + str((int(facts.subject_id[-1]) + 1) % 10)
    yield from _rewritten(sentence, sentence.text.replace(facts.subject_id, other))
    stem = sentence.text.removesuffix(".")
    for added in (" (Dr Miller)", " <b>bold</b>", " see https://example.org", " {{term}}", " call 555 0199"):
        yield replace(sentence, text=f"{stem}{added}.")


def citation(sentence: Sentence, facts: FactSet) -> Iterator[Sentence]:
    """No citation, a missing one, another subject's, one too many (M12)."""
    yield replace(sentence, fact_ids=())
    yield replace(sentence, fact_ids=(*sentence.fact_ids, "EVENT/of-another-subject.term"))
    for fact_id in sentence.fact_ids:
        others = tuple(other for other in sentence.fact_ids if other != fact_id)
        if others and not _is_said_by(facts, fact_id, others):
            yield replace(sentence, fact_ids=others)
    uncited = next((fact for fact in facts.facts if fact.id not in sentence.fact_ids and not fact.is_absent), None)
    if uncited is not None and uncited.text not in {facts.by_id[fact_id].text for fact_id in sentence.fact_ids}:
        yield replace(sentence, fact_ids=(*sentence.fact_ids, uncited.id))


MUTATORS: dict[str, Mutator] = {
    mutator.__name__: mutator
    for mutator in (
        date_by_a_day,
        date_made_full,
        study_day,
        digits,
        number_word,
        multiple,
        age_or_sex,
        term,
        invention,
        polarity,
        attribution,
        unblinding,
        language,
        identifiers,
        citation,
    )
}


def _is_said_by(facts: FactSet, fact_id: str, others: tuple[str, ...]) -> bool:
    """Whether the sentence stays true without a citation, because another cited fact says the same."""
    dropped = facts.by_id[fact_id]
    same = [facts.by_id[other] for other in others if facts.by_id[other].role is dropped.role]
    return dropped.role in (Role.DIED, Role.SEX, Role.WINDOW) or any(fact.text == dropped.text for fact in same)


def _swapped(sentence: Sentence, *pairs: tuple[str, str]) -> Iterator[Sentence]:
    for old, new in pairs:
        changed = re.sub(rf"(?<![\w-]){re.escape(old)}(?![\w-])", new, sentence.text, count=1)
        yield from _rewritten(sentence, changed)
