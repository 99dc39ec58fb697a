"""Serious and fatal by any evidence; evidence that disagrees is named."""

from typing import Any

import pytest

from apps.studies.domain.clinical.seriousness import CRITERIA, Conflict, is_fatal, is_serious, seriousness_of


@pytest.mark.parametrize(
    "row",
    [{"AESER": "Y"}, {"AEOUT": "FATAL"}, {"AEOUT": "Death"}, {"AESEV": "FATAL"}, {"AETOXGR": "5"}, {"AETOXGR": 5}],
)
def test_a_flag_a_fatal_outcome_or_grade_five_makes_an_event_serious(row: dict[str, Any]) -> None:
    assert is_serious(row)
    assert is_fatal(row) is ("AESER" not in row)


@pytest.mark.parametrize("grade", ["GRADE 5", "Grade 5", "grade_5", "CTCAE Grade 5", "FATAL", "Death"])
def test_a_grade_five_is_fatal_however_it_is_spelled(grade: str) -> None:
    assert is_fatal({"AETOXGR": grade})
    assert is_serious({"AETOXGR": grade, "AESER": "N"})


@pytest.mark.parametrize("grade", ["GRADE 4", "4", 4, "CTCAE Grade 3", "", None])
def test_a_lower_grade_is_not_fatal(grade: object) -> None:
    assert not is_fatal({"AETOXGR": grade})


@pytest.mark.parametrize("criterion", CRITERIA)
def test_each_criterion_makes_an_event_serious_and_only_death_makes_it_fatal(criterion: str) -> None:
    assert is_serious({criterion: "Y", "AESER": "N"})
    assert is_fatal({criterion: "Y"}) is (criterion == "AESDTH")
    assert not is_serious({criterion: "N"})


@pytest.mark.parametrize(
    ("row", "conflicts"),
    [
        ({"AESER": "Y", "AESHOSP": "Y", "AEOUT": "RECOVERED/RESOLVED"}, ()),
        ({"AESER": "N", "AEOUT": "RECOVERED/RESOLVED"}, ()),
        ({"AESER": "N", "AESHOSP": "Y"}, (Conflict.FLAG_SAYS_NO,)),
        ({"AESHOSP": "Y"}, (Conflict.FLAG_MISSING,)),
        ({"AESER": "Y"}, (Conflict.NO_CRITERION,)),
        ({"AESER": "Y", "AEOUT": "FATAL"}, ()),
        ({"AESER": "N", "AEOUT": "FATAL"}, (Conflict.FATAL_BUT_FLAG_SAYS_NO,)),
        ({"AESER": "Y", "AEOUT": "FATAL", "AESDTH": "N"}, (Conflict.FATAL_WITHOUT_CRITERION,)),
        (
            {"AESER": "Y", "AEOUT": "RECOVERED/RESOLVED", "AESDTH": "Y"},
            (Conflict.DEATH_WITHOUT_FATAL_OUTCOME,),
        ),
        ({"AESER": "Y", "AESDTH": "Y"}, ()),
    ],
)
def test_evidence_that_disagrees_is_named(row: dict[str, Any], conflicts: tuple[Conflict, ...]) -> None:
    assert seriousness_of([row]).conflicts == conflicts


def test_the_rows_of_one_event_count_together() -> None:
    found = seriousness_of([{"AESER": "Y", "AESHOSP": "Y"}, {"AESER": "N", "AEOUT": "RECOVERED/RESOLVED"}])
    assert (found.flag, found.criteria, found.is_serious, found.is_fatal) == ("Y", ("AESHOSP",), True, False)
    assert seriousness_of([{"AESER": "N"}, {}]).flag is None
