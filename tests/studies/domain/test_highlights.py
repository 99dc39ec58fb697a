"""What matters in a change comes first: deaths, serious events, changed judgements, discontinuations."""

from typing import Any

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.highlights import Matter, highlights


def change(domain: str, values: dict[str, Any], before: dict[str, Any] | None = None, **more: Any) -> RecordChange:
    operation = more.get("operation", Operation.UPDATE if before is not None else Operation.INSERT)
    return RecordChange(operation, f"{domain}/1", domain, values, before)


def test_the_most_serious_stands_first_whatever_came_first() -> None:
    found = highlights(
        [
            change("DS", {"DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT"}),
            change("AE", {"AEDECOD": "RASH", "AESEV": "SEVERE"}),
            change("AE", {"AEDECOD": "SYNCOPE", "AESHOSP": "Y", "AESER": "N"}),
            change("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-02"}, {}),
            change("CM", {"CMTRT": "ASA"}, operation=Operation.WITHDRAW),
        ]
    )
    assert [item.matter for item in found] == [
        Matter.DEATH,
        Matter.SERIOUS,
        Matter.DISCONTINUED,
        Matter.SEVERE,
        Matter.WITHDRAWN,
    ]


def test_a_changed_judgement_is_told_with_old_and_new() -> None:
    (found,) = highlights([change("AE", {"AETERM": "RASH", "AEREL": "NONE"}, {"AETERM": "RASH", "AEREL": "POSSIBLE"})])
    assert (found.matter, found.variable, found.old, found.new) == (Matter.JUDGEMENT, "AEREL", "POSSIBLE", "NONE")


def test_what_does_not_matter_is_not_told() -> None:
    quiet = [
        change("DM", {"DTHFL": "Y"}, {"DTHFL": "Y", "AGE": 1}),
        change("AE", {"AEDECOD": "RASH", "AESEV": "MILD"}),
        change("DS", {"DSDECOD": "COMPLETED"}),
        change("DS", {"DSDECOD": "FINAL LAB VISIT", "DSCAT": "OTHER EVENT"}),
        change("LB", {"LBTESTCD": "ALT"}),
    ]
    assert highlights(quiet) == []
