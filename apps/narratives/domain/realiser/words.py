"""The words the realiser has beside those of the codelists; a code that is not known is quoted as recorded."""

from collections.abc import Mapping
from typing import Final

from apps.narratives.domain.facts.fact import Fact
from apps.studies.domain.clinical.ages import ADOLESCENT, CHILD, INFANT

RACES: Final[Mapping[str, str]] = {
    "WHITE": "White",
    "BLACK OR AFRICAN AMERICAN": "Black or African American",
    "AMERICAN INDIAN OR ALASKA NATIVE": "American Indian or Alaska Native",
    "ASIAN": "Asian",
    "NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER": "Native Hawaiian or other Pacific Islander",
}
PERSONS: Final[Mapping[str, str]] = {"F": "woman", "M": "man"}
# Of a child no adult's word is said: the sex, then the group.
SEXES: Final[Mapping[str, str]] = {"F": "female", "M": "male"}
MINORS: Final[Mapping[str, str]] = {INFANT: "infant", CHILD: "child", ADOLESCENT: "adolescent"}
PRONOUNS: Final[Mapping[str, str]] = {"F": "she", "M": "he"}
POSSESSIVES: Final[Mapping[str, str]] = {"F": "her", "M": "his"}
CRITERIA: Final[Mapping[str, str]] = {
    "death": "death",
    "life-threatening": "life-threatening event",
    "hospitalisation": "hospitalisation",
    "disability": "disability",
    "congenital anomaly": "congenital anomaly",
    "cancer": "cancer",
    "overdose": "overdose",
    "medically important": "medically important event",
}
# Events that nobody "has": they are reported, and they end in the word itself.
REPORTED_ONLY: Final = (
    "death",
    "suicide",
    "use",
    "increased",
    "decreased",
    "abnormal",
    "present",
    "depression",
    "inversion",
)
# Heads of terms that take an article in the singular.
_COUNTED_HEADS_TEXT: Final = """
    infarction attack fracture fall infection block rash ulcer laceration contusion blister cyst reaction
    disorder state hernia defect wound seizure headache cough delusion hallucination nightmare flush biopsy
    operation dislocation eruption haemorrhage lesion allergy hordeolum injury abscess stroke
    accident tumour
"""
COUNTED_HEADS: Final = frozenset(_COUNTED_HEADS_TEXT.split())


def word_for(fact: Fact) -> str:
    """The word for a coded value, or the value itself in quotation marks, as recorded."""
    term = fact.term
    return term.sentence if term is not None else f"“{fact.text.lower()}”"


def is_adjective(severity: str) -> bool:
    """Whether the word for a severity can stand before the event it judges."""
    return not severity.endswith(" in severity")
