"""What a row of medical history is: the disease that the study treats, an illness present at entry, or history."""

from typing import Final

from apps.studies.domain.clinical.codelists import is_yes
from apps.studies.domain.clinical.records import ClinicalRecord

# CDISC has no codelist for MHCAT and MHSCAT: what sponsors call the disease that their study is about.
_OF_THE_STUDY: Final = frozenset(
    {
        "DISEASE UNDER INVESTIGATION",
        "DISEASE UNDER STUDY",
        "INDICATION UNDER STUDY",
        "PRIMARY DIAGNOSIS",
        "PRIMARY DISEASE",
        "STUDY DISEASE",
        "STUDY INDICATION",
    }
)
# What they call illnesses that were there when the subject came in; every other category says nothing of the time.
_AT_ENTRY: Final = frozenset(
    {
        "CONCOMITANT DISEASE",
        "CONCOMITANT ILLNESS",
        "CONCURRENT CONDITION",
        "CONCURRENT ILLNESS",
        "PRE-EXISTING CONDITION",
        "SIGNIFICANT PRE-EXISTING CONDITION",
    }
)
# MHENRTPT and MHENRF (C66728): the end lies after the point in time, or after the beginning of the study.
_GOES_ON: Final = frozenset({"AFTER", "DURING", "DURING/AFTER", "ONGOING"})
_IS_OVER: Final = frozenset({"BEFORE"})


def is_disease_treated(row: ClinicalRecord) -> bool:
    """Whether an MH row is of the disease that the study treats (ICH E3 12.3.2: disease being treated)."""
    return not _categories(row).isdisjoint(_OF_THE_STUDY)


def is_present_at_entry(row: ClinicalRecord) -> bool:
    """Whether an MH row says that the illness was there when the subject came in; silence says nothing."""
    said = {_folded(row, name) for name in ("MHENRTPT", "MHENRF")}
    if not said.isdisjoint(_GOES_ON) or is_yes(row.values.get("MHONGO")):
        return True
    return said.isdisjoint(_IS_OVER) and not _categories(row).isdisjoint(_AT_ENTRY)


def _categories(row: ClinicalRecord) -> set[str]:
    # "Pre-existing Conditions" is the same category as "PRE-EXISTING CONDITION".
    found = {_folded(row, name) for name in ("MHCAT", "MHSCAT")}
    return found | {name.removesuffix("S") for name in found}


def _folded(row: ClinicalRecord, name: str) -> str:
    return " ".join((row.text(name) or "").upper().split())
