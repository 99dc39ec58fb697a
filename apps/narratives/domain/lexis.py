"""The words the realiser has for codes: one entry per code, quoted as recorded where the code is not known."""

from collections.abc import Mapping
from typing import Final

from apps.narratives.domain.facts import Fact

FREQUENCIES: Final[Mapping[str, str]] = {
    "QD": "once daily",
    "BID": "twice daily",
    "TID": "three times daily",
    "QID": "four times daily",
    "QOD": "every other day",
    "QM": "once a month",
    "QW": "once a week",
    "Q3H": "every 3 hours",
    "Q4H": "every 4 hours",
    "Q6H": "every 6 hours",
    "Q8H": "every 8 hours",
    "Q12H": "every 12 hours",
    "PRN": "as needed",
    "ONCE": "once",
}
ROUTES: Final[Mapping[str, str]] = {
    "ORAL": "by mouth",
    "TOPICAL": "topically",
    "OPHTHALMIC": "by the ophthalmic route",
    "RESPIRATORY (INHALATION)": "by inhalation",
    "INTRAMUSCULAR": "intramuscularly",
    "TRANSDERMAL": "transdermally",
    "SUBCUTANEOUS": "subcutaneously",
    "NASAL": "by the nasal route",
    "VAGINAL": "by the vaginal route",
    "SUBLINGUAL": "sublingually",
    "INTRAVENOUS": "intravenously",
    "AURICULAR (OTIC)": "by the auricular route",
    "RECTAL": "rectally",
}
RACES: Final[Mapping[str, str]] = {
    "WHITE": "White",
    "BLACK OR AFRICAN AMERICAN": "Black or African American",
    "AMERICAN INDIAN OR ALASKA NATIVE": "American Indian or Alaska Native",
    "ASIAN": "Asian",
    "NATIVE HAWAIIAN OR OTHER PACIFIC ISLANDER": "Native Hawaiian or other Pacific Islander",
}
PERSONS: Final[Mapping[str, str]] = {"F": "woman", "M": "man"}
SEXES: Final[Mapping[str, str]] = {"F": "female", "M": "male"}
PRONOUNS: Final[Mapping[str, str]] = {"F": "she", "M": "he"}
POSSESSIVES: Final[Mapping[str, str]] = {"F": "her", "M": "his"}
SEVERITIES: Final[Mapping[str, str]] = {
    "MILD": "mild",
    "MODERATE": "moderate",
    "SEVERE": "severe",
}
RELATIONS: Final[Mapping[str, str]] = {
    "NONE": "not related",
    "NOT RELATED": "not related",
    "UNRELATED": "not related",
    "REMOTE": "remotely related",
    "UNLIKELY": "unlikely to be related",
    "UNLIKELY RELATED": "unlikely to be related",
    "POSSIBLE": "possibly related",
    "POSSIBLY RELATED": "possibly related",
    "PROBABLE": "probably related",
    "PROBABLY RELATED": "probably related",
    "DEFINITE": "definitely related",
    "RELATED": "related",
    "Y": "related",
    "N": "not related",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "RECOVERED/RESOLVED": "resolved",
    "RECOVERED/RESOLVED WITH SEQUELAE": "resolved with sequelae",
    "RECOVERING/RESOLVING": "resolving",
    "NOT RECOVERED/NOT RESOLVED": "not resolved",
    "FATAL": "fatal",
    "UNKNOWN": "unknown",
}
ACTIONS: Final[Mapping[str, str]] = {
    "DRUG WITHDRAWN": "withdrawn",
    "DRUG INTERRUPTED": "interrupted",
    "DOSE REDUCED": "reduced in dose",
    "DOSE INCREASED": "increased in dose",
    "DOSE NOT CHANGED": "continued at an unchanged dose",
}
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
DECISIONS: Final[Mapping[str, str]] = {
    "COMPLETED": "completed the study",
    "WITHDRAWAL BY SUBJECT": "withdrew from the study",
    "PHYSICIAN DECISION": "was discontinued by decision of a physician",
    "LOST TO FOLLOW-UP": "was lost to follow-up",
    "LACK OF EFFICACY": "discontinued for lack of efficacy",
    "PROTOCOL DEVIATION": "discontinued for a protocol deviation",
    "STUDY TERMINATED BY SPONSOR": "was discontinued by decision of the sponsor",
    "SCREEN FAILURE": "was a screen failure",
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


def word_for(codes: Mapping[str, str], fact: Fact) -> str:
    """The word for a coded value, or the value itself in quotation marks, as recorded."""
    return codes.get(fact.text, f"“{fact.text.lower()}”")
