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
        Matter.CONTRADICTION,
        Matter.DISCONTINUED,
        Matter.SEVERE,
        Matter.WITHDRAWN,
    ]


def test_a_changed_judgement_is_told_with_old_and_new() -> None:
    (found,) = highlights([change("AE", {"AETERM": "RASH", "AEREL": "NONE"}, {"AETERM": "RASH", "AEREL": "POSSIBLE"})])
    assert (found.matter, found.variable, found.old, found.new) == (Matter.JUDGEMENT, "AEREL", "POSSIBLE", "NONE")


def test_a_death_without_a_date_is_told_without_one() -> None:
    for values in ({"DTHFL": "Y"}, {"DTHFL": "Y", "DTHDTC": "2013-08"}):
        (found,) = highlights([change("DM", values, {})])
        assert (found.matter, found.text) == (Matter.DEATH, values.get("DTHDTC", ""))


def test_what_does_not_matter_is_not_told() -> None:
    quiet = [
        change("DM", {"DTHFL": "Y"}, {"DTHFL": "Y", "AGE": 1}),
        change("AE", {"AEDECOD": "RASH", "AESEV": "MILD"}),
        change("DS", {"DSDECOD": "COMPLETED"}),
        change("DS", {"DSDECOD": "FINAL LAB VISIT", "DSCAT": "OTHER EVENT"}),
        change("LB", {"LBTESTCD": "ALT"}),
    ]
    assert highlights(quiet) == []


def test_an_event_is_told_by_its_coded_term_else_its_reported_one() -> None:
    coded = change("AE", {"AEDECOD": "SYNCOPE", "AETERM": "fainted", "AESER": "Y"})
    reported = change("AE", {"AETERM": "fainted", "AESER": "Y"})
    nameless = change("AE", {"AESER": "Y"})
    assert [item.text for item in highlights([coded, reported, nameless])] == ["SYNCOPE", "fainted", ""]
    (found,) = highlights([coded])
    assert (found.domain, found.record_id, found.variable, found.old, found.new) == ("AE", "AE/1", "", None, None)


def test_a_subject_dies_once_and_the_record_with_the_date_tells_it() -> None:
    changes = [
        change("AE", {"AEDECOD": "SYNCOPE", "AEOUT": "FATAL", "AESER": "Y"}),
        change("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-02"}, {}),
        change("DS", {"DSDECOD": "DEATH", "DSCAT": "DISPOSITION EVENT"}),
    ]
    deaths = [item for item in highlights(changes) if item.matter is Matter.DEATH]
    assert [(item.domain, item.text) for item in deaths] == [("DM", "2013-08-02")]
    again = change("AE", {"AEOUT": "FATAL", "AETERM": "x"}, {"AEOUT": "FATAL"})
    assert Matter.DEATH not in [item.matter for item in highlights([again])]


def test_leaving_is_told_when_it_comes_and_when_its_reason_becomes_one() -> None:
    left, stayed = {"DSDECOD": "PHYSICIAN DECISION", "DSCAT": "DISPOSITION EVENT"}, {"DSDECOD": "COMPLETED"}
    assert [item.text for item in highlights([change("DS", left)])] == ["PHYSICIAN DECISION"]
    assert [item.matter for item in highlights([change("DS", left, stayed)])] == [Matter.DISCONTINUED]
    assert highlights([change("DS", {**left, "DSSTDTC": "2013-05-01"}, left)]) == []
    assert highlights([change("DS", stayed)]) == []


def test_a_contradiction_is_told_when_it_comes() -> None:
    values = {"AEDECOD": "SYNCOPE", "AEOUT": "FATAL", "AESDTH": "N", "AESER": "Y"}
    words = "SYNCOPE: the outcome is fatal, the criterion of death says no"
    assert words in [item.text for item in highlights([change("AE", values)])]
    assert words not in [item.text for item in highlights([change("AE", {**values, "AEREL": "NONE"}, values)])]
