"""How a subject left the study, and whether the subject died, by any evidence.

SDTMIG 3.4 6.2.3 (DS): a disposition event says how participation, or study treatment alone, ended (DSSCAT); milestones
and other events are no disposition.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from apps.studies.domain.clinical.codelists import (
    ADVERSE_EVENT,
    COMPLETED,
    DEATH,
    DISPOSITION,
    SCREEN_FAILURE,
    is_no,
    is_yes,
)
from apps.studies.domain.clinical.records import ClinicalRecord, SortKey
from apps.studies.domain.clinical.seriousness import DEATH_CRITERION, OUTCOME_VARIABLE, is_fatal
from apps.studies.domain.dates import sort_key
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]

REASON: Final = "DSDECOD"
LEFT_ON: Final = "DSSTDTC"
DEATH_FLAG: Final = "DTHFL"
DEATH_DATE: Final = "DTHDTC"
DOMAINS_OF_DEATH: Final = ("DM", "DS", "AE", "DD")
_DISPOSITION_EVENT: Final = "DISPOSITION EVENT"
# PROTMLST (C114118): what is recorded in DS and is no end of anything, in data without DSCAT.
_MILESTONES: Final = ("INFORMED CONSENT", "RANDOMI", "ENROLLED", "ELIGIBILITY", "ENTERED", "FINAL ")
_OF_TREATMENT: Final = ("TREATMENT", "STUDY DRUG", "DOSING", "MEDICATION", "EXPOSURE")


class Scope(StrEnum):
    """What a disposition ended."""

    PARTICIPATION = "participation"
    TREATMENT = "treatment"


class DeathConflict(StrEnum):
    """Evidence on a death that cannot all be true."""

    NOT_IN_DEMOGRAPHICS = "a death is recorded, demographics do not say so"
    DEMOGRAPHICS_SAY_NO = "a death is recorded, demographics say that the subject did not die"
    DATE_WITHOUT_FLAG = "demographics give a date of death and no death"


@dataclass(frozen=True, slots=True)
class Death:
    """What says that a subject died: references to the values, and the date of DM where it is recorded."""

    evidence: tuple[str, ...]
    on: str | None
    conflicts: tuple[DeathConflict, ...]


def reason_variable(row: Values) -> str:
    """The variable that says why: the coded reason, or the reported one where nobody coded it."""
    return REASON if row.get(REASON) is not None else "DSTERM"


def is_disposition(row: Values) -> bool:
    """Whether a DS row says how something ended; without DSCAT a protocol milestone is told by its term."""
    reason, category = row.get(reason_variable(row)), row.get("DSCAT")
    if reason is None:
        return False
    if category is not None:
        return str(category).strip().upper() == _DISPOSITION_EVENT
    return not str(reason).upper().startswith(_MILESTONES)


def scope_of(row: Values) -> Scope:
    """What a disposition ended, by DSSCAT; where that says nothing of treatment, participation."""
    named = str(row.get("DSSCAT", "")).upper()
    return Scope.TREATMENT if any(word in named for word in _OF_TREATMENT) else Scope.PARTICIPATION


def reason_of(row: Values) -> str:
    """Why or how the subject left, as a CDISC term where it is one; empty where none is recorded."""
    return DISPOSITION.code(row.get(reason_variable(row))) or ""


def dispositions(rows: Iterable[ClinicalRecord]) -> list[ClinicalRecord]:
    """DS rows that say how something ended, in the order given."""
    return [row for row in rows if is_disposition(row.values)]


def leaving(rows: Iterable[ClinicalRecord]) -> ClinicalRecord | None:
    """How participation ended: the last such disposition; one without a date is never taken for the last."""
    found = [row for row in dispositions(rows) if scope_of(row.values) is Scope.PARTICIPATION]
    return max(found, key=lambda row: latest_last(row.text(LEFT_ON)), default=None)


def is_completion(row: Values) -> bool:
    """Whether a disposition says that what it ended was completed."""
    return reason_of(row) == COMPLETED


def is_screen_failure(row: Values) -> bool:
    """Whether the subject never came past screening."""
    return reason_of(row) == SCREEN_FAILURE


def is_death(row: Values) -> bool:
    """Whether a DS row gives death as the reason, whatever its category."""
    return reason_of(row) == DEATH


def is_for_event(row: Values) -> bool:
    """Whether a disposition gives an adverse event as its reason."""
    return reason_of(row) == ADVERSE_EVENT


def is_concern(row: Values) -> bool:
    """Whether a disposition row is an early end that a person must see: neither completed nor a screen failure."""
    return is_disposition(row) and not is_completion(row) and not is_screen_failure(row)


def says_died(domain: str, row: Values) -> bool:
    """Whether one record says that its subject died."""
    return next(_evidence_in(domain, row), None) is not None


def death_of(dm: ClinicalRecord | None, rows: Sequence[ClinicalRecord]) -> Death | None:
    """The death of a subject by DM, DS, AE and DD, with what of it disagrees; None where nothing says so."""
    every = [*([dm] if dm is not None else []), *(row for row in rows if row.domain != "DM")]
    evidence = tuple(row.reference(name) for row in every for name in _evidence_in(row.domain, row.values))
    if not evidence:
        return None
    values = dm.values if dm is not None else {}
    # From DM alone: DS dates the disposition and AE the event, neither of which need be the day of death.
    on = dm.text(DEATH_DATE) if dm is not None else None
    return Death(evidence, on, tuple(_conflicts(values)))


def _evidence_in(domain: str, row: Values) -> Iterator[str]:
    """Names of the variables of one record that say that the subject died."""
    if domain == "DM":
        if is_yes(row.get(DEATH_FLAG)):
            yield DEATH_FLAG
        if row.get(DEATH_DATE) is not None:
            yield DEATH_DATE
    elif domain == "DS" and is_death(row):
        yield reason_variable(row)
    elif domain == "AE" and is_fatal(row):
        yield DEATH_CRITERION if is_yes(row.get(DEATH_CRITERION)) else OUTCOME_VARIABLE
    # DD holds details of a death: whoever lives has no row in it.
    elif domain == "DD" and row.get("DDTESTCD") is not None:
        yield "DDTESTCD"


def _conflicts(dm: Values) -> Iterator[DeathConflict]:
    if is_no(dm.get(DEATH_FLAG)):
        yield DeathConflict.DEMOGRAPHICS_SAY_NO
    elif not is_yes(dm.get(DEATH_FLAG)):
        is_dated = dm.get(DEATH_DATE) is not None
        yield DeathConflict.DATE_WITHOUT_FLAG if is_dated else DeathConflict.NOT_IN_DEMOGRAPHICS


def latest_last(text: str | None) -> tuple[bool, SortKey]:
    """Key under which the latest dated row is the greatest."""
    return text is not None, sort_key(text or "")
