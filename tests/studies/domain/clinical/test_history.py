"""What a row of medical history says of its time: only what it says itself, in whatever words sponsors use."""

import pytest

from apps.studies.domain.clinical.history import is_disease_treated, is_present_at_entry
from apps.studies.domain.clinical.records import ClinicalRecord


def mh(**values: str) -> ClinicalRecord:
    return ClinicalRecord("MH/1", "MH", {"MHTERM": "GOUT", **values})


@pytest.mark.parametrize("name", ["MHCAT", "MHSCAT"])
@pytest.mark.parametrize("category", ["PRIMARY DIAGNOSIS", "Disease Under Study", "primary  diagnosis"])
def test_a_category_of_the_study_names_the_disease_treated(name: str, category: str) -> None:
    assert is_disease_treated(mh(**{name: category}))


@pytest.mark.parametrize("category", ["GENERAL", "SECONDARY DIAGNOSIS", "PRIMARY DIAGNOSIS OF RELATIVES"])
def test_no_other_category_does(category: str) -> None:
    assert not is_disease_treated(mh(MHCAT=category))
    assert not is_disease_treated(mh())


PRESENT = [
    {"MHENRF": "DURING/AFTER"},
    {"MHENRF": "AFTER"},
    {"MHENRF": "during"},
    {"MHENRTPT": "ONGOING"},
    {"MHONGO": "Y"},
    {"MHCAT": "SIGNIFICANT PRE-EXISTING CONDITION"},
    {"MHSCAT": "Concurrent Illness"},
    {"MHCAT": "Pre-existing Conditions"},
    {"MHCAT": "GENERAL", "MHENRTPT": "ONGOING", "MHENRF": "BEFORE"},
]
SILENT = [
    {},
    {"MHCAT": "GENERAL MEDICAL HISTORY"},
    {"MHCAT": "HISTORICAL DIAGNOSIS"},
    {"MHENRF": "BEFORE"},
    {"MHENRF": "U"},
    {"MHONGO": "N"},
    {"MHCAT": "SIGNIFICANT PRE-EXISTING CONDITION", "MHENRF": "BEFORE"},
]


@pytest.mark.parametrize("values", PRESENT)
def test_an_illness_is_present_where_the_record_says_so(values: dict[str, str]) -> None:
    assert is_present_at_entry(mh(**values))


@pytest.mark.parametrize("values", SILENT)
def test_an_illness_of_which_nothing_is_said_is_history(values: dict[str, str]) -> None:
    assert not is_present_at_entry(mh(**values))
