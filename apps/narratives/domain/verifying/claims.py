"""Wordings that state a judgement or a relation, each with the fact and the code it must agree with."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.narratives.domain.facts.fact import Attribution, Role
from apps.studies.domain.clinical.ages import ADOLESCENT, CHILD, INFANT


class Category(StrEnum):
    """What a claim speaks of; it names the finding when the claim is wrong."""

    OUTCOME = "V_OUTCOME"
    DEATH = "V_DEATH"
    CAUSALITY = "V_CAUSALITY"
    SEVERITY = "V_SEVERITY"
    SERIOUSNESS = "V_SERIOUSNESS"
    ACTION = "V_ACTION"
    DIRECTION = "V_DIRECTION"
    TIMING = "V_ORDER"
    DISPOSITION = "V_DISPOSITION"
    CAUSE = "V_CAUSAL"
    DOSAGE = "V_DOSAGE"
    DEMOGRAPHY = "V_DEMOGRAPHY"
    ATTRIBUTION = "V_ATTRIBUTION"
    ABSENCE = "V_ABSENCE"


@dataclass(frozen=True, slots=True)
class ClaimRule:
    """A wording, the roles of the facts it may state and the values it stands for; no values: any present value."""

    category: Category
    pattern: re.Pattern[str]
    roles: tuple[Role, ...]
    values: frozenset[str] = frozenset()
    attribution: Attribution | None = None


PREMATURE: Final = (
    "ADVERSE EVENT",
    "LACK OF EFFICACY",
    "PROTOCOL DEVIATION",
    "PHYSICIAN DECISION",
    "STUDY TERMINATED BY SPONSOR",
    "WITHDRAWAL BY SUBJECT",
    "LOST TO FOLLOW-UP",
)

_O, _C = (Role.OUTCOME,), (Role.CAUSALITY,)
_S, _F = (Role.SEVERITY, Role.RECORDED_SEVERITY), (Role.SERIOUS_FLAG,)
_DEATH_ROLES: Final = (Role.DIED, Role.OUTCOME, Role.CRITERION, Role.DISPOSITION, Role.DEATH_DATE)
_K, _A, _D = (Role.CRITERION,), (Role.ACTION,), (Role.DIRECTION,)
_T, _L, _Q = (Role.DOSE_TIMING,), (Role.DISPOSITION,), (Role.FREQUENCY,)
_R = (Role.ROUTE,)

# Read from above, and what is read is not read again: a longer wording stands before those that it contains.
_RULES: Final[tuple[tuple[Category, str, tuple[Role, ...], Iterable[str]], ...]] = (
    (Category.OUTCOME, r"(?:resolved|recovered) with sequelae", _O, ["RECOVERED/RESOLVED WITH SEQUELAE"]),
    (
        Category.OUTCOME,
        r"(?:(?:has|had|have|did|was|were) )?not (?:yet )?(?:resolved?|recover(?:ed)?)|unresolved|ongoing|"
        r"persist(?:ed|s|ing)",
        _O,
        ["NOT RECOVERED/NOT RESOLVED"],
    ),
    (Category.OUTCOME, r"resolving|recovering|improving", _O, ["RECOVERING/RESOLVING"]),
    (Category.OUTCOME, r"resolved|recovered|resolution|recovery|subsided|abated", _O, ["RECOVERED/RESOLVED"]),
    (Category.OUTCOME, r"outcome unknown|recorded as unknown|unknown", _O, ["UNKNOWN"]),
    (
        Category.TIMING,
        r"after the onset of the fatal event",
        (Role.LAST_DOSE_AFTER_FATAL_EVENT, Role.DEATH_AFTER_FATAL_EVENT),
        (),
    ),
    (Category.TIMING, r"after the date of death", (Role.REFERENCE_END_AFTER_DEATH,), ()),
    (Category.SEVERITY, r"fatal in severity", _S, ["FATAL"]),
    (Category.SEVERITY, r"life-threatening in severity", _S, ["LIFE THREATENING"]),
    (Category.OUTCOME, r"fatal(?:ly)?", _O, ["FATAL"]),
    (Category.DEATH, r"ended with death", _L, ["DEATH"]),
    (Category.DEATH, r"dies|died|death|dead|deceased", _DEATH_ROLES, ()),
    (
        Category.CAUSALITY,
        r"not (?:considered |judged |assessed as )?related|unrelated|no (?:causal )?relationship",
        _C,
        ["NOT RELATED"],
    ),
    (Category.CAUSALITY, r"unlikely (?:to be )?related", _C, ["UNLIKELY"]),
    (Category.CAUSALITY, r"remotely related|remote relationship", _C, ["REMOTE"]),
    (Category.CAUSALITY, r"possibly related", _C, ["POSSIBLE"]),
    (Category.CAUSALITY, r"probably related", _C, ["PROBABLE"]),
    (Category.CAUSALITY, r"definitely related", _C, ["DEFINITE"]),
    (Category.CAUSE, r"event related to the discontinuation", (Role.CAUSE,), ()),
    (Category.CAUSALITY, r"related", _C, ["RELATED"]),
    (Category.SEVERITY, r"mild(?:ly)?", _S, ["MILD"]),
    (Category.SEVERITY, r"moderate(?:ly)?", _S, ["MODERATE"]),
    (Category.SEVERITY, r"severe(?:ly)?", _S, ["SEVERE"]),
    *((Category.SEVERITY, rf"grade {grade}", _S, [f"GRADE {grade}"]) for grade in range(1, 6)),
    (Category.SERIOUSNESS, r"seriousness flag (?:was|is) not set|(?:not serious|non-?serious)", _F, ["N"]),
    (Category.SERIOUSNESS, r"seriousness flag (?:was|is) set|serious", _F, ["Y"]),
    (
        Category.SERIOUSNESS,
        r"(?:was |were )?hospitali[sz]ed|hospitali[sz]ations?|in-?patient|hospital|admitted|admission",
        _K,
        ["hospitalisation"],
    ),
    (Category.SERIOUSNESS, r"life-threatening(?: event)?", _K, ["life-threatening"]),
    (Category.SERIOUSNESS, r"disability|disabling|incapacity", _K, ["disability"]),
    (Category.SERIOUSNESS, r"congenital anomaly|birth defect", _K, ["congenital anomaly"]),
    (Category.SERIOUSNESS, r"cancer", _K, ["cancer"]),
    (Category.SERIOUSNESS, r"overdose", _K, ["overdose"]),
    (Category.SERIOUSNESS, r"medically important(?: event)?", _K, ["medically important"]),
    (Category.ACTION, r"continued at an unchanged dose|dose (?:was )?not changed|unchanged", _A, ["DOSE NOT CHANGED"]),
    (Category.ACTION, r"reduced in dose|dose (?:was )?reduced", _A, ["DOSE REDUCED"]),
    (Category.ACTION, r"increased in dose|dose (?:was )?increased", _A, ["DOSE INCREASED"]),
    (Category.ACTION, r"interrupted", _A, ["DRUG INTERRUPTED"]),
    (
        Category.ACTION,
        r"(?:study drug|treatment|dosing) (?:was )?(?:discontinued|stopped)|withdrawn",
        _A,
        ["DRUG WITHDRAWN"],
    ),
    # `-` is the value of no fact: single results are facts only outside their range, so that this is never borne out.
    (Category.DIRECTION, r"within (?:its|their|the) (?:reference|normal) ranges?", _D, ["-"]),
    (
        Category.DIRECTION,
        r"above (?:its|their|the) (?:reference|normal) range|high|raised|elevated|above",
        _D,
        ["HIGH"],
    ),
    (
        Category.DIRECTION,
        r"below (?:its|their|the) (?:reference|normal) range|low|reduced|decreased|below",
        _D,
        ["LOW"],
    ),
    (Category.DIRECTION, r"abnormal", _D, ["ABNORMAL"]),
    (
        Category.TIMING,
        r"between the first and (?:the )?last dose|during dosing|"
        r"(?:while )?dosing(?: with study drug)? was in progress",
        _T,
        ["DURING DOSING"],
    ),
    (Category.TIMING, r"on the day of the last dose", _T, ["DAY OF LAST DOSE"]),
    (Category.TIMING, r"after the last dose", _T, ["AFTER LAST DOSE"]),
    (Category.TIMING, r"before the first dose", _T, ["BEFORE FIRST DOSE"]),
    (Category.TIMING, r"after the first dose", _T, ["AFTER FIRST DOSE"]),
    (Category.TIMING, r"before the last dose|before onset|prior to", (Role.DOSE_TIMING,), ["-"]),
    (Category.DISPOSITION, r"(?<=discontinued )study drug", (Role.SCOPE,), ["TREATMENT"]),
    (Category.DISPOSITION, r"completed(?: the study)?", _L, ["COMPLETED"]),
    (Category.DISPOSITION, r"withdrew(?: consent)?(?: from the study)?", _L, ["WITHDRAWAL BY SUBJECT"]),
    (Category.DISPOSITION, r"discontinued by decision of a physician", _L, ["PHYSICIAN DECISION"]),
    (Category.DISPOSITION, r"discontinued by decision of the sponsor", _L, ["STUDY TERMINATED BY SPONSOR"]),
    (Category.DISPOSITION, r"lost to follow-up", _L, ["LOST TO FOLLOW-UP"]),
    (Category.DISPOSITION, r"discontinued for lack of efficacy", _L, ["LACK OF EFFICACY"]),
    (Category.DISPOSITION, r"discontinued for a protocol deviation", _L, ["PROTOCOL DEVIATION"]),
    (Category.DISPOSITION, r"discontinued for an adverse event", _L, ["ADVERSE EVENT"]),
    (Category.DISPOSITION, r"screen failure", _L, ["SCREEN FAILURE"]),
    (Category.DISPOSITION, r"discontinued|discontinuation", _L, PREMATURE),
    (Category.CAUSE, r"because of|as the reason|the reason for", (Role.CAUSE,), ()),
    (Category.DOSAGE, r"three times daily|three times a day|thrice daily", _Q, ["TID"]),
    (Category.DOSAGE, r"four times daily|four times a day", _Q, ["QID"]),
    (Category.DOSAGE, r"twice daily|twice a day|two times daily", _Q, ["BID"]),
    (Category.DOSAGE, r"once daily|once a day|every day|daily", _Q, ["QD"]),
    (Category.DOSAGE, r"every other day", _Q, ["QOD"]),
    (Category.DOSAGE, r"once a month|monthly", _Q, ["QM"]),
    (Category.DOSAGE, r"once a week|weekly", _Q, ["QW"]),
    (Category.DOSAGE, r"every 2 hours", _Q, ["Q2H"]),
    (Category.DOSAGE, r"every 3 hours", _Q, ["Q3H"]),
    (Category.DOSAGE, r"every 4 hours", _Q, ["Q4H"]),
    (Category.DOSAGE, r"every 6 hours", _Q, ["Q6H"]),
    (Category.DOSAGE, r"every 8 hours", _Q, ["Q8H"]),
    (Category.DOSAGE, r"every 12 hours", _Q, ["Q12H"]),
    (Category.DOSAGE, r"as needed|when needed", _Q, ["PRN"]),
    (Category.DOSAGE, r"once", _Q, ["ONCE"]),
    (Category.DOSAGE, r"by mouth|orally", _R, ["ORAL"]),
    (Category.DOSAGE, r"topical(?:ly)?", _R, ["TOPICAL"]),
    (Category.DOSAGE, r"by the ophthalmic route", _R, ["OPHTHALMIC"]),
    (Category.DOSAGE, r"by inhalation|inhaled", _R, ["RESPIRATORY (INHALATION)"]),
    (Category.DOSAGE, r"intramuscular(?:ly)?", _R, ["INTRAMUSCULAR"]),
    (Category.DOSAGE, r"transdermal(?:ly)?", _R, ["TRANSDERMAL"]),
    (Category.DOSAGE, r"subcutaneous(?:ly)?", _R, ["SUBCUTANEOUS"]),
    (Category.DOSAGE, r"by the nasal route", _R, ["NASAL"]),
    (Category.DOSAGE, r"by the vaginal route", _R, ["VAGINAL"]),
    (Category.DOSAGE, r"sublingual(?:ly)?", _R, ["SUBLINGUAL"]),
    (Category.DOSAGE, r"intravenous(?:ly)?", _R, ["INTRAVENOUS"]),
    (Category.DOSAGE, r"by the auricular route", _R, ["AURICULAR (OTIC)"]),
    (Category.DOSAGE, r"rectal(?:ly)?", _R, ["RECTAL"]),
    (Category.DEMOGRAPHY, r"she|her|hers|herself|woman|female|lady", (Role.SEX,), ["F"]),
    (Category.DEMOGRAPHY, r"infant", (Role.AGE_GROUP,), [INFANT]),
    (Category.DEMOGRAPHY, r"child", (Role.AGE_GROUP,), [CHILD]),
    (Category.DEMOGRAPHY, r"adolescent", (Role.AGE_GROUP,), [ADOLESCENT]),
    (Category.DEMOGRAPHY, r"he|him|his|himself|man|male|gentleman", (Role.SEX,), ["M"]),
    (
        Category.DEMOGRAPHY,
        r"native hawaiian or other pacific islander",
        (Role.RACE,),
        ["NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER"],
    ),
    (Category.DEMOGRAPHY, r"american indian or alaska native", (Role.RACE,), ["AMERICAN INDIAN OR ALASKA NATIVE"]),
    (
        Category.DEMOGRAPHY,
        r"black(?: or african american)?|african american",
        (Role.RACE,),
        ["BLACK OR AFRICAN AMERICAN"],
    ),
    (Category.DEMOGRAPHY, r"white|caucasian", (Role.RACE,), ["WHITE"]),
    (Category.DEMOGRAPHY, r"asian", (Role.RACE,), ["ASIAN"]),
)

_ATTRIBUTIONS: Final = (
    (r"investigator(?:'s|s)?", Attribution.INVESTIGATOR),
    (r"sponsor(?:'s|s)?", Attribution.SPONSOR),
)

# Wordings that say there is no value. The longest is read first, so that `no` alone comes last.
_ABSENCES: Final = (
    r"no death, serious adverse event or discontinuation for an adverse event was recorded",
    # `Jun (year not known)` and `a date not known` are dates, as far as they are recorded.
    r"(?:(?:was|were|is|are) )?(?<!\(month )(?<!\(year )(?<!\ba date )"
    r"not (?:recorded|reported|known|available|in the data|documented)",
    r"could not be determined",
    r"neither|nor",
    r"no(?= (?:medical history|concomitant medication|medication|treatment|end of|post-mortem|laboratory results))",
)


def _rule(category: Category, pattern: str, roles: tuple[Role, ...], values: Iterable[str]) -> ClaimRule:
    # A hyphen before a word makes another one: `non-serious` is not `serious`.
    return ClaimRule(category, re.compile(rf"(?<![\w-])(?:{pattern})(?![\w])", re.IGNORECASE), roles, frozenset(values))


CLAIM_RULES: Final[tuple[ClaimRule, ...]] = (
    *(_rule(Category.ABSENCE, pattern, (), ()) for pattern in _ABSENCES),
    ClaimRule(
        Category.DIRECTION,
        re.compile(r"\bno laboratory results?\b(?=[^.;]*\boutside (?:its|their|the) reference range)", re.IGNORECASE),
        (Role.LABORATORY,),
        frozenset({"NONE OUTSIDE RANGE"}),
    ),
    *(_rule(*rule) for rule in _RULES),
    *(
        ClaimRule(Category.ATTRIBUTION, re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE), (), frozenset(), who)
        for pattern, who in _ATTRIBUTIONS
    ),
)

# What an absent fact must be called, so that a gap is told about the thing that has it.
TOPICS: Final[dict[Role, re.Pattern[str]]] = {
    role: re.compile(pattern, re.IGNORECASE)
    for role, pattern in {
        Role.CAUSALITY: r"causality",
        Role.ACTION: r"action",
        Role.SPONSOR_OPINION: r"sponsor's opinion",
        Role.OUTCOME: r"outcome",
        Role.ONSET: r"on a date that was not recorded",
        Role.END: r"on a date that was not recorded|end date",
        Role.DISPOSED_ON: r"on a date that was not recorded",
        Role.SEVERITY: r"severity",
        Role.SERIOUS_FLAG: r"seriousness",
        # The dates of doses are told; only the amount is withheld.
        Role.DOSE: r"(?<!first )(?<!last )(?<!unchanged )\bdose\b",
        Role.GROUP: r"treatment group",
        Role.POST_MORTEM: r"post-mortem|autopsy",
        Role.RECHALLENGE: r"rechallenge",
        Role.QUALIFYING: r"no death, serious adverse event or discontinuation|qualifying event",
        Role.HISTORY: r"medical history",
        Role.MEDICATION: r"concomitant medication",
        Role.MEASURES: r"treatment|medication",
        Role.LABORATORY: r"laboratory results",
        Role.FIRST_DOSE: r"first (?:and last )?dose",
        Role.LAST_DOSE: r"last dose",
        Role.DEATH_DATE: r"date of death",
        Role.CAUSE: r"event related to the discontinuation",
        Role.NO_DISPOSITION: r"end of participation",
        Role.AGE: r"\bage\b",
        Role.SEX: r"\bsex\b",
        Role.DISEASE: r"disease",
        Role.DISEASE_SINCE: r"date of onset",
        Role.DOSE_TIMING: r"timing|relates in time",
    }.items()
}
_TOPIC_WORDS_TEXT: Final = """
    autopsy post-mortem dechallenge rechallenge sponsor's investigator's decision physician
"""
TOPIC_WORDS: Final = frozenset(_TOPIC_WORDS_TEXT.split())

# Words just before a date that say which date it is; the nearest one counts.
DATE_WORDINGS: Final[tuple[tuple[re.Pattern[str], frozenset[Role]], ...]] = tuple(
    (re.compile(pattern, re.IGNORECASE), frozenset(roles))
    for pattern, roles in (
        (r"\bfirst dose\b|\bfrom$", (Role.FIRST_DOSE, Role.START, Role.ONSET)),
        (r"\bstarted\b", (Role.FIRST_DOSE, Role.START)),
        (r"\bbegan\b|\bbeginning\b", (Role.FIRST_DOSE, Role.START, Role.ONSET)),
        (r"\blast given\b|\blast dose\b|\bthe last\b", (Role.LAST_DOSE,)),
        (r"\bonset\b|\bhad\b|\bexperienced\b|\bdeveloped\b|\breported\b", (Role.ONSET, Role.DISEASE_SINCE)),
        (r"(?<!\bdate) of$", (Role.ONSET, Role.COLLECTED)),
        (r"\bresolved\b|\brecovered\b|\bresolving\b|\bend date\b|\bfatal\b(?! in severity)", (Role.END,)),
        (r"\bdied\b|\bdeath occurred\b|\bdate of death\b", (Role.DEATH_DATE, Role.DISPOSED_ON)),
        (r"\bended with death\b|\bdiscontinued\b|\bcompleted\b|\bwithdrew\b", (Role.DISPOSED_ON,)),
        (r"\bcollected\b|\bsample of\b", (Role.COLLECTED,)),
        (r"\buntil\b", (Role.STOP,)),
        (r"\bsince\b", (Role.DISEASE_SINCE, Role.START)),
    )
)
# The study day that may stand beside a date.
DAY_OF: Final[dict[Role, Role]] = {
    Role.ONSET: Role.ONSET_DAY,
    Role.END: Role.END_DAY,
    Role.LAST_DOSE: Role.LAST_DOSE_DAY,
    Role.DEATH_DATE: Role.DEATH_DAY,
    Role.COLLECTED: Role.COLLECTED_DAY,
    Role.DISPOSED_ON: Role.DISPOSED_DAY,
}
