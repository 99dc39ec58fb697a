"""Checks what a sentence claims: outcome, causality, severity, seriousness, order, attribution, gaps."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from apps.narratives.domain.facts.fact import Absence, Attribution, Fact, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.verifying.binding import EVENT_ROLES, ITEM_ROLES, bracket, events_of, item_before
from apps.narratives.domain.verifying.claims import TOPICS, Category
from apps.narratives.domain.verifying.reading import Claim, Reading
from apps.studies.domain.clinical.codelists import DEATH, FATAL

# That a value is withheld and that none was recorded are two statements; the words must be those of the gap.
_ABSENCE_WORDS: Final[tuple[tuple[str, frozenset[Absence]], ...]] = (
    ("determined", frozenset({Absence.UNDETERMINED})),
    ("in the data", frozenset({Absence.NOT_IN_DATA})),
    ("available", frozenset({Absence.WITHHELD})),
    ("recorded", frozenset({Absence.NOT_RECORDED})),
    ("reported", frozenset({Absence.NOT_RECORDED})),
)
_NAMED_GAPS: Final = frozenset({Role.DOSE, Role.GROUP, Role.SPONSOR_OPINION, Role.RECHALLENGE, Role.POST_MORTEM})
_MARK: Final = "\u00a4"
_ITEM: Final = rf"(?:the )?{_MARK}+(?: of [\w ]+)?(?: \([^()]*\))?"
_LIST: Final = re.compile(rf"(?:{_ITEM}; )+and (?=(?:the )?{_MARK})")
_SPONSOR_DECISION: Final = "STUDY TERMINATED BY SPONSOR"


@dataclass(slots=True)
class Checked:
    """What a check has found wrong, and which cited facts it has seen stated."""

    problems: list["Problem"] = field(default_factory=list)
    stated: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong at a place of a sentence."""

    code: str
    start: int
    end: int
    expected: str
    found: str
    fact_id: str | None = None
    contradicts: bool = False


def check_claims(reading: Reading, facts: FactSet, checked: Checked) -> None:
    """Compare every claim with the cited facts it may state."""
    for claim in reading.claims:
        if claim.rule.category is Category.ABSENCE:
            _check_absence(reading, facts, claim, checked)
        elif claim.rule.category is Category.ATTRIBUTION:
            _check_attribution(reading, claim, checked)
        elif Role.SEX in claim.rule.roles:
            _check_sex(reading, facts, claim, checked)
        else:
            _check_code(reading, claim, checked)


def _check_code(reading: Reading, claim: Claim, checked: Checked) -> None:
    cited = [fact for fact in reading.facts if fact.role in claim.rule.roles]
    groups = _subjects_of(reading, claim)
    # A claim that names no event is held against everything that the sentence cites.
    for group in groups or [None]:
        about = [fact for fact in cited if group is None or fact.about in group]
        good = [fact for fact in about if _states(claim, fact)]
        if not good:
            checked.problems.append(_wrong(claim, about))
        # `because of` states no cause: the term of the event must stand in the sentence.
        checked.stated.update(fact.id for fact in good if fact.role is not Role.CAUSE)
    if Role.FREQUENCY in claim.rule.roles:
        checked.stated.update(fact.id for fact in cited if _states(claim, fact))
        checked.problems += _unshared(reading, claim, cited)


def _unshared(reading: Reading, claim: Claim, cited: Sequence[Fact]) -> list[Problem]:
    """A frequency said of several medications must be cited for each of them."""
    listed = [mention for mention in reading.mentions if any(e.startswith("MEDICATION/") for e in mention.entities)]
    is_before = all(mention.start >= claim.end for mention in listed)
    if not is_before and not reading.text[: claim.start].rstrip().endswith(","):
        return []
    return [
        Problem("V_DOSAGE", mention.start, mention.end, f"a cited frequency of {mention.text}", claim.text)
        for mention in listed
        if not any(fact.about in mention.entities and _states(claim, fact) for fact in cited)
    ]


def _subjects_of(reading: Reading, claim: Claim) -> Sequence[frozenset[str] | None]:
    """What the claim speaks of; an empty list where that is the subject or the only event."""
    roles = set(claim.rule.roles)
    if claim.rule.category is Category.DEATH:
        return []
    if roles & ITEM_ROLES:
        item = item_before(reading, claim.start)
        return [] if item is None else [item]
    return events_of(reading, claim) if roles & EVENT_ROLES else []


def _states(claim: Claim, fact: Fact) -> bool:
    if claim.rule.category is Category.DEATH:
        is_dated = fact.role is Role.DEATH_DATE and not fact.is_absent
        return is_dated or fact.code in ("Y", FATAL, "death", DEATH)
    if fact.is_absent:
        return not claim.rule.values
    return not claim.rule.values or fact.code in claim.rule.values


def _wrong(claim: Claim, about: Sequence[Fact]) -> Problem:
    """A claim that a cited fact contradicts, or that no cited fact bears out."""
    other = next(iter(about), None)
    expected = f"{other.role}: {other.text or other.absence}" if other else f"a cited fact on {claim.rule.roles[0]}"
    fact_id = other.id if other else None
    return Problem(
        claim.rule.category, claim.start, claim.end, expected, claim.text, fact_id, contradicts=other is not None
    )


def _uncited_gaps(reading: Reading, facts: FactSet, claim: Claim) -> list[Problem]:
    """Gaps on the subject that the sentence tells without citing them."""
    told = [
        fact
        for fact in facts.about(facts.subject)
        if fact.role in _NAMED_GAPS and fact not in reading.facts and _is_topic(reading, claim, fact.role)
    ]
    return [Problem("V_CITE", claim.start, claim.end, f"a citation of {fact.id}", claim.text, fact.id) for fact in told]


def _check_absence(reading: Reading, facts: FactSet, claim: Claim, checked: Checked) -> None:
    """A gap must be a gap of the fact it is told about, and of that sort."""
    gaps = [
        fact
        for fact in reading.facts
        if fact.absence in _absences(claim.text) and fact.role in TOPICS and _is_topic(reading, claim, fact.role)
    ]
    checked.stated.update(fact.id for fact in gaps)
    checked.problems += _uncited_gaps(reading, facts, claim)
    if gaps or claim.text.lower() in ("neither", "nor"):
        return
    told = next((fact for fact in reading.facts if fact.role in TOPICS and _is_topic(reading, claim, fact.role)), None)
    expected = f"{told.role}: {told.text or told.absence}" if told else "a cited fact that is absent"
    problem = Problem(
        "V_ABSENCE", claim.start, claim.end, expected, claim.text, told.id if told else None, told is not None
    )
    checked.problems.append(problem)


def _absences(text: str) -> frozenset[Absence]:
    return next((kinds for word, kinds in _ABSENCE_WORDS if word in text.lower()), frozenset(Absence))


def _is_topic(reading: Reading, claim: Claim, role: Role) -> bool:
    """Whether the part of the sentence that holds the claim names the topic of a role."""
    return TOPICS[role].search(_part_with(_clauses(reading), claim)) is not None


def _clauses(reading: Reading) -> str:
    """The text in which a semicolon parts clauses, and neither the words of a term nor the items of a list."""
    text = reading.text
    for mention in reading.mentions:
        text = f"{text[: mention.start]}{_MARK * (mention.end - mention.start)}{text[mention.end :]}"
    return _LIST.sub(lambda match: match.group().replace(";", ","), text)


def _part_with(text: str, claim: Claim) -> str:
    """What a gap can be about: one item of a bracket, or the clause outside all brackets."""
    if bracket(text, claim.start) is not None:
        start = max(text.rfind(sign, 0, claim.start) for sign in "(,;") + 1
        return re.split(r"[,;)]", text[start:], maxsplit=1)[0]
    outside = re.sub(r"\([^()]*\)", lambda match: " " * len(match.group()), text)
    start = outside.rfind(";", 0, claim.start) + 1
    return outside[start:].partition(";")[0]


def _check_attribution(reading: Reading, claim: Claim, checked: Checked) -> None:
    who = claim.rule.attribution
    # A sponsor who ends a study decides that, although the site records it.
    decides = who is Attribution.SPONSOR and any(fact.code == _SPONSOR_DECISION for fact in reading.facts)
    if decides or any(fact.attribution is who for fact in reading.facts):
        return
    attributed = ", ".join(sorted({fact.attribution for fact in reading.facts}))
    checked.problems.append(
        Problem("V_ATTRIBUTION", claim.start, claim.end, f"facts by {attributed}", claim.text, contradicts=True)
    )


def _check_sex(reading: Reading, facts: FactSet, claim: Claim, checked: Checked) -> None:
    """Pronouns need no citation of their own, but must agree with the subject's recorded sex."""
    sex = facts.get(facts.subject, Role.SEX)
    if sex is None or sex.code not in claim.rule.values:
        expected = f"sex: {sex.text or sex.absence}" if sex else "a subject whose sex is not recorded"
        contradicts = sex is not None and not sex.is_absent
        checked.problems.append(
            Problem("V_DEMOGRAPHY", claim.start, claim.end, expected, claim.text, sex.id if sex else None, contradicts)
        )
    elif sex in reading.facts:
        checked.stated.add(sex.id)
