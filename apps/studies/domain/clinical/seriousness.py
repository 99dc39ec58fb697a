"""Whether an adverse event is serious or fatal, by any evidence of its rows, and where the evidence disagrees.

ICH E2A II.B: an event is serious that results in death or meets one of the other criteria, whatever the sponsor's flag
says. Sponsors' flags contradict their own criteria; both are kept, and the contradiction is named.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.studies.domain.clinical.codelists import FATAL, OUTCOME, SEVERITY, is_no, is_yes
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]

FLAG: Final = "AESER"
OUTCOME_VARIABLE: Final = "AEOUT"
DEATH_CRITERION: Final = "AESDTH"
GRADE: Final = "AETOXGR"

# SDTMIG 3.2 section 6.2.1 (AE): the criteria of ICH E2A II.B, each with its own variable, the gravest first.
CRITERIA: Final[Mapping[str, str]] = {
    DEATH_CRITERION: "death",
    "AESLIFE": "life-threatening",
    "AESHOSP": "hospitalisation",
    "AESDISAB": "disability",
    "AESCONG": "congenital anomaly",
    "AESCAN": "cancer",
    "AESOD": "overdose",
    "AESMIE": "medically important",
}
EVIDENCE: Final = (OUTCOME_VARIABLE, FLAG, *CRITERIA)


class Conflict(StrEnum):
    """Evidence on an event that cannot all be true."""

    FLAG_SAYS_NO = "the flag says not serious, the criteria say serious"
    FLAG_MISSING = "the flag is not recorded, the criteria say serious"
    NO_CRITERION = "the flag says serious, no criterion is recorded"
    FATAL_BUT_FLAG_SAYS_NO = "the outcome is fatal, the flag says not serious"
    FATAL_WITHOUT_CRITERION = "the outcome is fatal, the criterion of death says no"
    DEATH_WITHOUT_FATAL_OUTCOME = "the criterion of death is met, the outcome is not fatal"


@dataclass(frozen=True, slots=True)
class Seriousness:
    """What the rows of one event say: `flag` is `Y`, `N` or None; `criteria` are the variables that were met."""

    flag: str | None
    criteria: tuple[str, ...]
    is_fatal: bool
    conflicts: tuple[Conflict, ...]

    @property
    def is_serious(self) -> bool:
        """Whether the flag, a criterion or a fatal outcome says so."""
        return self.flag == "Y" or bool(self.criteria) or self.is_fatal


def seriousness_of(rows: Sequence[Values]) -> Seriousness:
    """The seriousness of an event of these AE rows, the last of them the latest; its outcome has the last word."""
    criteria = tuple(name for name in CRITERIA if any(is_yes(row.get(name)) for row in rows))
    flag = _flag(rows)
    latest = rows[-1]
    is_fatal = DEATH_CRITERION in criteria or any(_is_fatal_outcome(row) for row in rows)
    return Seriousness(flag, criteria, is_fatal, tuple(_conflicts(latest, flag, criteria)))


def is_serious(row: Values) -> bool:
    """Whether one AE row is serious by its flag, a criterion or its outcome."""
    return seriousness_of([row]).is_serious


def is_fatal(row: Values) -> bool:
    """Whether one AE row says that the subject died of the event."""
    return seriousness_of([row]).is_fatal


def _flag(rows: Sequence[Values]) -> str | None:
    # An event that was serious at any time stays so, whatever a later row of it says.
    if any(is_yes(row.get(FLAG)) for row in rows):
        return "Y"
    return "N" if is_no(rows[-1].get(FLAG)) else None


def _is_fatal_outcome(row: Values) -> bool:
    """Fatal by outcome, by a severity of `FATAL`, or by CTCAE grade 5, which is death related to the event."""
    outcome = OUTCOME.code(row.get(OUTCOME_VARIABLE))
    grade = row.get(GRADE)
    # A grade is recorded as a number, or in words as a severity is.
    graded = [SEVERITY.code(said) for said in (row.get("AESEV"), grade, f"GRADE {grade}")]
    return outcome == FATAL or FATAL in graded or "GRADE 5" in graded


def _conflicts(latest: Values, flag: str | None, criteria: Sequence[str]) -> Iterator[Conflict]:
    outcome = OUTCOME.code(latest.get(OUTCOME_VARIABLE))
    if criteria and flag == "N":
        yield Conflict.FLAG_SAYS_NO
    if criteria and flag is None:
        yield Conflict.FLAG_MISSING
    if flag == "Y" and not criteria and outcome != FATAL:
        yield Conflict.NO_CRITERION
    if outcome == FATAL and flag == "N" and not criteria:
        yield Conflict.FATAL_BUT_FLAG_SAYS_NO
    if outcome == FATAL and is_no(latest.get(DEATH_CRITERION)):
        yield Conflict.FATAL_WITHOUT_CRITERION
    if DEATH_CRITERION in criteria and outcome not in {FATAL, None}:
        yield Conflict.DEATH_WITHOUT_FATAL_OUTCOME
