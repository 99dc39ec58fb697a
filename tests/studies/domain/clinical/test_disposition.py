"""How a subject left and whether the subject died: by any evidence, told apart by what was ended."""

from typing import Any

import pytest

from apps.studies.domain.clinical.disposition import (
    DeathConflict,
    Scope,
    death_of,
    dispositions,
    is_concern,
    is_disposition,
    leaving,
    reason_of,
    reason_variable,
    says_died,
    scope_of,
)
from apps.studies.domain.clinical.records import ClinicalRecord

EVENT = "DISPOSITION EVENT"


def record(domain: str, number: int = 1, **values: Any) -> ClinicalRecord:
    return ClinicalRecord(f"{domain}/{number}", domain, values)


@pytest.mark.parametrize(
    ("domain", "values", "died"),
    [
        ("DM", {"DTHFL": "Y"}, True),
        ("DM", {"DTHDTC": "2021-05"}, True),
        ("DM", {"DTHFL": "N"}, False),
        ("DM", {}, False),
        ("DS", {"DSDECOD": "DEATH", "DSCAT": EVENT}, True),
        ("DS", {"DSDECOD": "Died"}, True),
        ("DS", {"DSDECOD": "COMPLETED"}, False),
        ("AE", {"AEOUT": "FATAL"}, True),
        ("AE", {"AESDTH": "Y"}, True),
        ("AE", {"AEOUT": "RECOVERED/RESOLVED"}, False),
        ("DD", {"DDTESTCD": "PRCDTH"}, True),
        ("LB", {"DTHFL": "Y"}, False),
    ],
)
def test_any_record_of_a_death_says_that_the_subject_died(domain: str, values: dict[str, Any], died: bool) -> None:
    assert says_died(domain, values) is died
    found = death_of(record("DM", **values) if domain == "DM" else None, [record(domain, **values)])
    assert (found is not None) is died


def test_a_death_names_every_value_that_records_it_and_takes_its_date_from_demographics() -> None:
    dm = record("DM", DTHFL="Y", DTHDTC="2021-05-30")
    rows = [record("AE", AEOUT="FATAL"), record("AE", 2, AESDTH="Y"), record("DS", DSDECOD="DEATH", DSSTDTC="2021-06")]
    found = death_of(dm, [dm, *rows])
    assert found is not None
    assert found.evidence == ("DM/1.DTHFL", "DM/1.DTHDTC", "AE/1.AEOUT", "AE/2.AESDTH", "DS/1.DSDECOD")
    assert (found.on, found.conflicts) == ("2021-05-30", ())


@pytest.mark.parametrize(
    ("dm", "conflict"),
    [
        ({}, DeathConflict.NOT_IN_DEMOGRAPHICS),
        ({"DTHFL": "N"}, DeathConflict.DEMOGRAPHICS_SAY_NO),
        ({"DTHDTC": "2021-05-30"}, DeathConflict.DATE_WITHOUT_FLAG),
    ],
)
def test_demographics_that_disagree_with_a_death_are_named(dm: dict[str, Any], conflict: DeathConflict) -> None:
    found = death_of(record("DM", **dm), [record("AE", AEOUT="FATAL")])
    assert found is not None
    assert found.conflicts == (conflict,)


@pytest.mark.parametrize(
    ("values", "is_one"),
    [
        ({"DSCAT": EVENT, "DSDECOD": "COMPLETED"}, True),
        ({"DSCAT": "Disposition Event", "DSDECOD": "COMPLETED"}, True),
        ({"DSCAT": EVENT}, False),
        ({"DSCAT": "PROTOCOL MILESTONE", "DSDECOD": "RANDOMIZED"}, False),
        ({"DSCAT": "OTHER EVENT", "DSDECOD": "FINAL LAB VISIT"}, False),
        ({"DSDECOD": "ADVERSE EVENT"}, True),
        ({"DSDECOD": "INFORMED CONSENT OBTAINED"}, False),
        ({"DSDECOD": "Randomized"}, False),
    ],
)
def test_milestones_are_no_disposition(values: dict[str, Any], is_one: bool) -> None:
    assert is_disposition(values) is is_one


def test_the_end_of_treatment_is_not_the_end_of_participation() -> None:
    treatment = record("DS", 1, DSDECOD="COMPLETED", DSCAT=EVENT, DSSCAT="END OF TREATMENT", DSSTDTC="2021-06-30")
    study = record("DS", 2, DSDECOD="WITHDRAWAL BY SUBJECT", DSCAT=EVENT, DSSCAT="END OF STUDY", DSSTDTC="2021-06-09")
    assert leaving([treatment, study]) is study
    assert leaving([treatment]) is None
    assert dispositions([treatment, study]) == [treatment, study]
    assert (scope_of(treatment.values), scope_of(study.values)) == (Scope.TREATMENT, Scope.PARTICIPATION)


def test_the_later_end_of_participation_counts_in_whatever_order_they_stand() -> None:
    early = record("DS", 1, DSDECOD="ADVERSE EVENT", DSCAT=EVENT, DSSTDTC="2013-05-02")
    late = record("DS", 2, DSDECOD="WITHDRAWAL BY SUBJECT", DSCAT=EVENT, DSSTDTC="2013-06-02")
    assert leaving([late, early]) == leaving([early, late]) == late


def test_the_last_disposition_counts_and_one_without_a_date_is_never_the_last() -> None:
    first = record("DS", 1, DSDECOD="PHYSICIAN DECISION", DSCAT=EVENT, DSSTDTC="2021-05-01")
    last = record("DS", 2, DSDECOD="ADVERSE EVENT", DSCAT=EVENT, DSSTDTC="2021-06-01")
    undated = record("DS", 3, DSDECOD="LOST TO FOLLOW-UP", DSCAT=EVENT)
    assert leaving([last, first, undated]) is last
    assert leaving([undated]) is undated


@pytest.mark.parametrize(
    ("reason", "concern"), [("COMPLETED", False), ("SCREEN FAILURE", False), ("ADVERSE EVENT", True), ("MOVED", True)]
)
def test_an_early_end_is_a_concern(reason: str, concern: bool) -> None:
    assert is_concern({"DSDECOD": reason, "DSCAT": EVENT}) is concern


def test_a_reason_that_nobody_coded_is_the_reported_one() -> None:
    reported = record("DS", DSTERM="Withdrew, moved house", DSCAT=EVENT, DSSTDTC="2013-08-01")
    assert is_disposition(reported.values)
    assert (reason_variable(reported.values), reason_of(reported.values)) == ("DSTERM", "Withdrew, moved house")
    assert leaving([reported]) == reported
    assert not is_disposition({"DSTERM": "INFORMED CONSENT OBTAINED"})
    assert not is_disposition({"DSCAT": EVENT})


def test_a_coded_reason_stands_before_the_reported_one() -> None:
    values = {"DSTERM": "DIED", "DSDECOD": "ADVERSE EVENT", "DSCAT": EVENT}
    assert (reason_variable(values), reason_of(values)) == ("DSDECOD", "ADVERSE EVENT")


def test_a_death_that_is_only_reported_is_one_and_names_its_variable() -> None:
    death = death_of(None, [record("DS", DSTERM="Death")])
    assert death is not None
    assert death.evidence == ("DS/1.DSTERM",)
