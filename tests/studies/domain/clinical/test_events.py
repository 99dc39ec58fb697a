"""One event of several rows: how severe it was and since when, and whether it is over."""

from typing import Any

import pytest

from apps.studies.domain.clinical.events import event_of, is_severe, severity_of, severity_variable, term_of
from apps.studies.domain.clinical.records import ClinicalRecord


def row(number: int = 1, **values: Any) -> ClinicalRecord:
    return ClinicalRecord(f"AE/{number}", "AE", values)


def test_rows_that_repeat_the_onset_say_when_each_severity_was_recorded() -> None:
    """`mild from 24 May, moderate from 24 May` said of every event of the pilot that grew worse what no row says."""
    rows = [
        row(1, AESEV="MILD", AESTDTC="2013-05-24", AEDTC="2013-05-27"),
        row(2, AESEV="MODERATE", AESTDTC="2013-05-24", AEDTC="2013-06-10"),
    ]
    told = [(part.severity, part.since, part.is_date_of_record) for part in event_of("E", rows).severities]
    assert told == [("MILD", "2013-05-27", True), ("MODERATE", "2013-06-10", True)]


def test_rows_with_starts_of_their_own_say_since_when() -> None:
    rows = [
        row(1, AESEV="MILD", AESTDTC="2013-05-24", AEENDTC="2013-05-30", AEDTC="2013-07-01"),
        row(2, AESEV="SEVERE", AESTDTC="2013-05-30", AEDTC="2013-07-02"),
    ]
    event = event_of("E", rows)
    told = [(part.severity, part.since, part.end, part.is_date_of_record) for part in event.severities]
    assert told == [("MILD", "2013-05-24", "2013-05-30", False), ("SEVERE", "2013-05-30", None, False)]
    assert (event.onset, event.worst_severity, event.is_severe) == ("2013-05-24", "SEVERE", True)


def test_one_row_has_its_severity_since_the_onset() -> None:
    (part,) = event_of("E", [row(AESEV="MILD", AESTDTC="2013-05-24", AEDTC="2013-07-01")]).severities
    assert (part.since, part.is_date_of_record) == ("2013-05-24", False)


@pytest.mark.parametrize(
    ("values", "severity", "variable", "severe"),
    [
        ({"AESEV": "SEVERE", "AETOXGR": "2"}, "SEVERE", "AESEV", True),
        ({"AETOXGR": "4"}, "GRADE 4", "AETOXGR", True),
        ({"AETOXGR": 3}, "GRADE 3", "AETOXGR", True),
        ({"AETOXGR": "2"}, "GRADE 2", "AETOXGR", False),
        ({"AETOXGR": "UNKNOWN"}, "UNKNOWN", "AETOXGR", False),
        ({"AESEV": "Life threatening"}, "Life threatening", "AESEV", True),
        ({"AESEV": "MODERATE"}, "MODERATE", "AESEV", False),
        ({}, None, "AESEV", False),
    ],
)
def test_a_grade_stands_for_a_severity_where_no_severity_is_recorded(
    values: dict[str, Any], severity: str | None, variable: str, severe: bool
) -> None:
    assert (severity_of(values), severity_variable(values), is_severe(values)) == (severity, variable, severe)
    assert event_of("E", [row(**values)]).sources["severity"] == (f"AE/1.{variable}",)


@pytest.mark.parametrize(
    ("outcome", "goes_on", "is_over", "end"),
    [
        ("NOT RECOVERED/NOT RESOLVED", True, False, None),
        ("Ongoing", True, False, None),
        ("RECOVERING/RESOLVING", True, False, None),
        ("UNKNOWN", False, False, None),
        ("RECOVERED/RESOLVED", False, True, "2013-06-01"),
        ("FATAL", False, False, "2013-06-01"),
        (None, False, False, "2013-06-01"),
    ],
)
def test_an_end_date_ends_an_event_only_where_its_outcome_lets_it(
    outcome: str | None, goes_on: bool, is_over: bool, end: str | None
) -> None:
    values = {"AEENDTC": "2013-06-01", **({"AEOUT": outcome} if outcome else {})}
    event = event_of("E", [row(**values)])
    assert (event.is_ongoing, event.has_ended, event.end) == (goes_on, is_over, end)


def test_every_detail_comes_from_its_variable_of_the_last_row() -> None:
    first = row(
        1, AETERM="RASH", AESEV="SEVERE", AESTDTC="2013-05", AEREL="NONE", AEACN="DOSE NOT CHANGED",
        AEOUT="RECOVERED/RESOLVED", AEENDTC="2013-05-30", AEDTC="2013-05-30", AESHOSP="Y",
    )  # fmt: skip
    last = row(
        2, AETERM="RASH", AEDECOD="DERMATITIS", AESEV="MILD", AESTDTC="2013-05-24", AEREL="PROBABLE",
        AEACN="DRUG WITHDRAWN", AEOUT="FATAL", AEENDTC="2013-06-02", AEDTC="2013-06-10", AESER="N",
    )  # fmt: skip
    event = event_of("EVENT/1", [last, first])
    assert (event.id, [part.id for part in event.rows]) == ("EVENT/1", ["AE/1", "AE/2"])
    assert (event.term, event.onset, event.end, event.outcome) == ("DERMATITIS", "2013-05", "2013-06-02", "FATAL")
    assert (event.causality, event.action, event.worst_severity) == ("PROBABLE", "DRUG WITHDRAWN", "SEVERE")
    assert (event.criteria, event.is_serious, event.is_fatal) == (("AESHOSP",), True, True)
    assert event.sources == {
        "term": ("AE/2.AEDECOD",),
        "onset": ("AE/1.AESTDTC", "AE/2.AESTDTC"),
        "end": ("AE/2.AEENDTC",),
        "outcome": ("AE/2.AEOUT",),
        "causality": ("AE/2.AEREL",),
        "action": ("AE/2.AEACN",),
        "severity": ("AE/1.AESEV", "AE/2.AESEV"),
        "flag": ("AE/1.AESER", "AE/2.AESER"),
        "serious": ("AE/1.AESHOSP", "AE/2.AESER"),
    }


def test_the_term_is_the_coded_one_where_there_is_one() -> None:
    assert term_of(row(AEDECOD="SYNCOPE", AETERM="fainted")) == "SYNCOPE"
    assert term_of(row(AETERM="fainted")) == "fainted"
    assert term_of(row()) == ""


def test_a_withdrawal_of_study_drug_names_its_event() -> None:
    assert event_of("E", [row(AEACN="Drug withdrawn")]).is_cause_of_withdrawal
    assert not event_of("E", [row(AEACN="DRUG INTERRUPTED")]).is_cause_of_withdrawal


@pytest.mark.parametrize(
    ("values", "term", "source"),
    [
        ({"AEDECOD": "SEIZURE", "AETERM": "Fits"}, "SEIZURE", "AEDECOD"),
        ({"AETERM": "Fits"}, "Fits", "AETERM"),
        ({"AEDECOD": "", "AETERM": "Fits"}, "Fits", "AETERM"),
        ({}, "", "AEDECOD"),
    ],
)
def test_a_term_names_the_variable_that_it_was_read_from(values: dict[str, Any], term: str, source: str) -> None:
    event = event_of("E", [row(1, AEDECOD="OTHER", AEDTC="2013-05-01"), row(2, AEDTC="2013-06-01", **values)])
    assert (event.term, event.sources["term"]) == (term, (f"AE/2.{source}",))
