"""A record of what was asked for and did not take place is no event, no illness and no medication."""

import pytest

from apps.studies.domain.clinical.records import ClinicalRecord


@pytest.mark.parametrize("values", [{}, {"MHOCCUR": "Y"}, {"MHOCCUR": "yes"}, {"MHSTAT": "DONE"}, {"CMOCCUR": "N"}])
def test_what_nothing_denies_took_place(values: dict[str, str]) -> None:
    assert ClinicalRecord("MH/1", "MH", values).happened


@pytest.mark.parametrize(
    "values",
    [
        {"MHOCCUR": "N"},
        {"MHOCCUR": "U"},
        {"MHOCCUR": "Unknown"},
        {"MHSTAT": "NOT DONE"},
        {"MHSTAT": "not done "},
        {"MHOCCUR": "Y", "MHSTAT": "ND"},
    ],
)
def test_what_was_denied_left_unknown_or_not_done_did_not(values: dict[str, str]) -> None:
    assert not ClinicalRecord("MH/1", "MH", values).happened
