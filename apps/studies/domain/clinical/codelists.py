"""What coded values say: one table for each codelist, with the words of a page and of a sentence.

Sponsors write the same judgement in several ways: in the term of CDISC Controlled Terminology (each table names its
codelist), in older or their own terms, in another case. A table knows them all and answers with the CDISC term; a value
that it does not know stays as it was recorded, and whoever shows it says so.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from apps.studies.domain.clinical.terms import inline
from apps.studies.domain.variables import Value


@dataclass(frozen=True, slots=True)
class CodedTerm:
    """One term of a codelist; a higher `rank` weighs more where the list has an order.

    `page` is its word in a table, `sentence` its word in running text, `others` are other spellings of the same.
    """

    code: str
    page: str
    sentence: str
    rank: int = 0
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Codelist:
    """The terms of one codelist."""

    terms: tuple[CodedTerm, ...]

    @cached_property
    def _by_spelling(self) -> Mapping[str, CodedTerm]:
        return {_plain(spelling): term for term in self.terms for spelling in (term.code, *term.others)}

    def find(self, value: Value | None) -> CodedTerm | None:
        """The term that a recorded value means, in whatever spelling; None for one that the list does not know."""
        return None if value is None else self._by_spelling.get(_plain(str(value)))

    def code(self, value: Value | None) -> str | None:
        """The CDISC term of a recorded value, or the value as it stands where the list does not know it."""
        term = self.find(value)
        return term.code if term is not None else None if value is None else str(value)

    def rank(self, value: Value | None) -> int:
        """How much a value weighs; a value that the list does not know weighs least."""
        term = self.find(value)
        return term.rank if term is not None else -1

    def page(self, value: Value | None) -> str:
        """The word of a table; a value that the list does not know as it was recorded, empty where nothing is."""
        term = self.find(value)
        return term.page if term is not None else "" if value is None else inline(str(value))


def _plain(text: str) -> str:
    """A value without case, and with one blank for blanks, hyphens and underscores."""
    return " ".join(text.replace("-", " ").replace("_", " ").split()).casefold()


# NY (C66742). Raw exports write the words, or the numbers of a check box.
_YES: Final = frozenset({"y", "yes", "1", "true"})
_NO: Final = frozenset({"n", "no", "0", "false"})


def is_yes(value: Value | None) -> bool:
    """Whether a flag is set."""
    return value is not None and _plain(str(value)) in _YES


def is_no(value: Value | None) -> bool:
    """Whether a flag is recorded as not set; a blank, `U` and `NA` are neither yes nor no."""
    return value is not None and _plain(str(value)) in _NO


# SEX (C66731).
SEX: Final = Codelist(
    (
        CodedTerm("F", "female", "female", others=("female", "woman")),
        CodedTerm("M", "male", "male", others=("male", "man")),
    )
)

FATAL: Final = "FATAL"
RECOVERED: Final = "RECOVERED/RESOLVED"
RECOVERED_WITH_SEQUELAE: Final = "RECOVERED/RESOLVED WITH SEQUELAE"
NOT_RECOVERED: Final = "NOT RECOVERED/NOT RESOLVED"
RECOVERING: Final = "RECOVERING/RESOLVING"
UNKNOWN: Final = "UNKNOWN"

# OUT (C66768).
OUTCOME: Final = Codelist((
    CodedTerm(
        FATAL, "fatal", "fatal", 5,
        ("death", "died", "dead", "fatal outcome", "resulted in death", "death related to adverse event"),
    ),
    CodedTerm(
        NOT_RECOVERED, "not recovered", "not resolved", 4,
        ("not recovered", "not resolved", "unresolved", "ongoing", "continuing", "persisting"),
    ),
    CodedTerm(
        RECOVERED_WITH_SEQUELAE, "recovered with sequelae", "resolved with sequelae", 3,
        ("recovered with sequelae", "resolved with sequelae", "recovered/resolved with sequela",
         "recovered with sequela", "resolved with sequela", "sequelae"),
    ),
    CodedTerm(RECOVERING, "recovering", "resolving", 2, ("recovering", "resolving", "improving")),
    CodedTerm(
        RECOVERED, "recovered", "resolved", 1,
        ("recovered", "resolved", "recovered without sequelae", "resolved without sequelae", "recovered completely"),
    ),
    CodedTerm(UNKNOWN, "unknown", "unknown", 0, ("unk", "not known")),
))  # fmt: skip

# AESEV (C66769) and the grades of CTCAE 5.0 (NCI), which stand for a severity where a study records them instead.
SEVERITY: Final = Codelist((
    CodedTerm("MILD", "mild", "mild", 1),
    CodedTerm("MODERATE", "moderate", "moderate", 2),
    CodedTerm("SEVERE", "severe", "severe", 3),
    # In a sentence "fatal" alone would be an outcome, and "life-threatening" a criterion of seriousness.
    CodedTerm(
        "LIFE THREATENING", "life-threatening", "life-threatening in severity", 4, ("potentially life threatening",)
    ),
    CodedTerm(FATAL, "fatal", "fatal in severity", 5, ("death",)),
    *(CodedTerm(f"GRADE {grade}", f"grade {grade}", f"grade {grade}", grade, (f"ctcae grade {grade}",))
      for grade in range(1, 6)),
))  # fmt: skip
SEVERE_RANK: Final = 3

# AEREL has no CDISC codelist (SDTMIG 3.4 6.2.1): the terms of ICH E2B guides and of sponsors.
CAUSALITY: Final = Codelist((
    CodedTerm(
        "NOT RELATED", "not related", "not related", 0,
        ("none", "n", "no", "unrelated", "definitely not related", "no relationship"),
    ),
    CodedTerm("REMOTE", "remote", "remotely related", 1, ("remotely related",)),
    CodedTerm(
        "UNLIKELY", "unlikely", "unlikely to be related", 1,
        ("unlikely related", "unlikely to be related", "probably not related", "doubtful"),
    ),
    CodedTerm("POSSIBLE", "possible", "possibly related", 2, ("possibly related",)),
    CodedTerm("PROBABLE", "probable", "probably related", 3, ("probably related", "likely", "likely related")),
    CodedTerm("RELATED", "related", "related", 4, ("y", "yes", "related to study drug")),
    CodedTerm("DEFINITE", "definite", "definitely related", 5, ("definitely related", "certain")),
))  # fmt: skip

WITHDRAWN: Final = "DRUG WITHDRAWN"

# ACN (C66767).
ACTION: Final = Codelist((
    CodedTerm(
        WITHDRAWN, "drug withdrawn", "withdrawn", 4,
        ("withdrawn", "permanently discontinued", "drug discontinued", "drug permanently discontinued",
         "study drug withdrawn", "study drug discontinued", "discontinued"),
    ),
    CodedTerm(
        "DRUG INTERRUPTED", "drug interrupted", "interrupted", 3,
        ("interrupted", "temporarily discontinued", "dose interrupted", "study drug interrupted", "dose held"),
    ),
    CodedTerm("DOSE REDUCED", "dose reduced", "reduced in dose", 2, ("reduced", "dose decreased")),
    CodedTerm("DOSE INCREASED", "dose increased", "increased in dose", 1),
    CodedTerm(
        "DOSE NOT CHANGED", "dose not changed", "continued at an unchanged dose", 0,
        ("dose unchanged", "no change"),
    ),
))  # fmt: skip

HIGH: Final = "HIGH"
LOW: Final = "LOW"
NORMAL: Final = "NORMAL"
ABNORMAL: Final = "ABNORMAL"

# NRIND (C78736), with the flags that laboratories send (HL7 v2 table 0078).
RANGE_FLAG: Final = Codelist((
    CodedTerm(
        HIGH, "high", "high", 2,
        ("h", "hh", "high high", "critical high", "panic high", "high panic", "above", "above normal", "above range",
         "h*", "hp", "very high", ">"),
    ),
    CodedTerm(
        LOW, "low", "low", 2,
        ("l", "ll", "low low", "critical low", "panic low", "low panic", "below", "below normal", "below range",
         "l*", "lp", "very low", "<"),
    ),
    CodedTerm(ABNORMAL, "abnormal", "abnormal", 1, ("a", "aa", "abn", "critical", "outside")),
    CodedTerm(NORMAL, "normal", "normal", 0, ("n", "within", "within range", "in range", "wnl")),
))  # fmt: skip

# FREQ (C71113).
FREQUENCY: Final = Codelist((
    CodedTerm("QD", "daily", "once daily", others=("daily", "once daily", "od", "every day", "once a day")),
    CodedTerm("BID", "twice daily", "twice daily", others=("twice daily", "twice a day", "bd", "2 times per day")),
    CodedTerm("TID", "three times daily", "three times daily", others=("three times daily", "tds", "3 times per day")),
    CodedTerm("QID", "four times daily", "four times daily", others=("four times daily", "qds", "4 times per day")),
    CodedTerm("QOD", "every other day", "every other day", others=("every other day", "every 2 days", "q2d")),
    CodedTerm("QM", "monthly", "once a month", others=("every month", "monthly", "once a month")),
    CodedTerm("QW", "weekly", "once a week", others=("every week", "weekly", "once a week", "1 time per week")),
    *(CodedTerm(f"Q{hours}H", f"every {hours} hours", f"every {hours} hours") for hours in (2, 3, 4, 6, 8, 12)),
    CodedTerm("PRN", "as needed", "as needed", others=("as needed",)),
    CodedTerm("ONCE", "once", "once", others=("single dose", "one time")),
))  # fmt: skip

# ROUTE (C66729).
ROUTE: Final = Codelist((
    CodedTerm("ORAL", "oral", "by mouth", others=("po", "by mouth", "per os")),
    CodedTerm("TOPICAL", "topical", "topically", others=("cutaneous",)),
    CodedTerm("OPHTHALMIC", "ophthalmic", "by the ophthalmic route"),
    CodedTerm(
        "RESPIRATORY (INHALATION)", "inhalation", "by inhalation", others=("inhalation", "inhaled", "respiratory")
    ),
    CodedTerm("INTRAMUSCULAR", "intramuscular", "intramuscularly", others=("im",)),
    CodedTerm("TRANSDERMAL", "transdermal", "transdermally"),
    CodedTerm("SUBCUTANEOUS", "subcutaneous", "subcutaneously", others=("sc", "subcut")),
    CodedTerm("NASAL", "nasal", "by the nasal route", others=("intranasal",)),
    CodedTerm("VAGINAL", "vaginal", "by the vaginal route"),
    CodedTerm("SUBLINGUAL", "sublingual", "sublingually", others=("sl",)),
    CodedTerm("INTRAVENOUS", "intravenous", "intravenously", others=("iv",)),
    CodedTerm("AURICULAR (OTIC)", "auricular", "by the auricular route", others=("auricular", "otic")),
    CodedTerm("RECTAL", "rectal", "rectally", others=("pr",)),
))  # fmt: skip

COMPLETED: Final = "COMPLETED"
SCREEN_FAILURE: Final = "SCREEN FAILURE"
ADVERSE_EVENT: Final = "ADVERSE EVENT"
DEATH: Final = "DEATH"

# NCOMPLT (C66727): why a subject left, or that they did not leave early.
DISPOSITION: Final = Codelist((
    CodedTerm(COMPLETED, "completed", "completed the study", others=("complete", "completion")),
    CodedTerm(ADVERSE_EVENT, "adverse event", "discontinued for an adverse event", others=("adverse events", "ae")),
    CodedTerm(DEATH, "death", "died", others=("died", "dead", "deceased")),
    CodedTerm(
        "WITHDRAWAL BY SUBJECT", "withdrawal by subject", "withdrew from the study",
        others=("subject withdrawal", "withdrawal of consent", "withdrew consent", "consent withdrawn",
                "subject withdrew consent", "patient withdrawal"),
    ),
    CodedTerm(
        "PHYSICIAN DECISION", "physician decision", "was discontinued by decision of a physician",
        others=("investigator decision",),
    ),
    CodedTerm("LOST TO FOLLOW-UP", "lost to follow-up", "was lost to follow-up", others=("lost to followup",)),
    CodedTerm("LACK OF EFFICACY", "lack of efficacy", "discontinued for lack of efficacy"),
    CodedTerm(
        "PROTOCOL DEVIATION", "protocol deviation", "discontinued for a protocol deviation",
        others=("protocol violation",),
    ),
    CodedTerm(
        "STUDY TERMINATED BY SPONSOR", "study terminated by sponsor", "was discontinued by decision of the sponsor",
        others=("sponsor decision", "terminated by sponsor"),
    ),
    CodedTerm(SCREEN_FAILURE, "screen failure", "was a screen failure", others=("screen failed", "screening failure")),
))  # fmt: skip

# The codelist of each variable that has one here.
CODELISTS: Final[Mapping[str, Codelist]] = {
    "AEOUT": OUTCOME,
    "AESEV": SEVERITY,
    "AEREL": CAUSALITY,
    "AEACN": ACTION,
    "LBNRIND": RANGE_FLAG,
    "CMDOSFRQ": FREQUENCY,
    "EXDOSFRQ": FREQUENCY,
    "CMROUTE": ROUTE,
    "EXROUTE": ROUTE,
    "DSDECOD": DISPOSITION,
    "SEX": SEX,
}
