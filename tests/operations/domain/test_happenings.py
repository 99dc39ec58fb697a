"""What happened between two states of a subject: events and not rows, most serious first, nothing invented."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.operations.domain.happenings import Happening, happenings
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.highlights import Matter


def row(domain: str, number: int = 1, **values: Any) -> ClinicalRecord:
    return ClinicalRecord(f"{domain}/{number}", domain, values)


def event(number: int = 1, **values: Any) -> ClinicalRecord:
    return row("AE", number, **{"AEDECOD": "SYNCOPE", "AESPID": "E1", "AESEV": "MILD", **values})


def told(before: list[ClinicalRecord], now: list[ClinicalRecord]) -> list[tuple[Matter | None, str, str]]:
    return [(found.matter, found.text, found.note) for found in happenings(before, now)]


def test_a_death_names_its_day_and_comes_first():
    now = [event(AESER="Y", AESDTH="Y"), row("DM", DTHFL="Y", DTHDTC="2013-08-02")]
    assert told([row("DM")], now) == [
        (Matter.DEATH, "Died 02 Aug 2013", ""),
        (Matter.SERIOUS, "Syncope", "death"),
    ]


def test_a_death_that_only_disposition_records_is_one_death_and_no_discontinuation():
    now = [row("DS", DSDECOD="DEATH", DSCAT="DISPOSITION EVENT")]
    assert told([], now) == [
        (Matter.DEATH, "Died", "date not recorded"),
        (Matter.CONTRADICTION, "A death is recorded, demographics do not say so", ""),
    ]


@pytest.mark.parametrize(
    "evidence",
    [
        row("DM", DTHDTC="2013-08-02", DTHFL="Y"),
        row("AE", AEDECOD="SYNCOPE", AEOUT="FATAL"),
        row("AE", AEDECOD="SYNCOPE", AESDTH="Y"),
        row("DD", DDTESTCD="PRCDTH"),
    ],
)
def test_a_death_by_any_evidence_is_one_death(evidence):
    found = told([row("DM")], [row("DM"), evidence] if evidence.domain != "DM" else [evidence])
    assert [matter for matter, _, _ in found].count(Matter.DEATH) == 1


def test_a_contradiction_is_named_when_it_comes_and_not_again():
    before, now = event(AEOUT="FATAL", AESDTH="Y", AESER="Y"), event(AEOUT="RECOVERED/RESOLVED", AESDTH="Y", AESER="Y")
    words = "Syncope: the criterion of death is met, the outcome is not fatal"
    assert words in [found.text for found in happenings([before], [now]) if found.matter is Matter.CONTRADICTION]
    assert words not in [found.text for found in happenings([now], [now])]


def test_a_death_that_is_no_longer_recorded_is_said():
    assert told([row("DM", DTHFL="Y")], [row("DM")]) == [(Matter.JUDGEMENT, "Death no longer recorded", "")]


@pytest.mark.parametrize(
    ("values", "note"),
    [
        ({"AESER": "Y"}, "by flag, no criterion recorded"),
        ({"AESER": "Y", "AESHOSP": "Y"}, "hospitalisation"),
        ({"AESER": "N", "AESHOSP": "Y"}, "hospitalisation (the flag does not say serious)"),
        ({"AESLIFE": "Y", "AESHOSP": "Y"}, "life-threatening, hospitalisation (the flag does not say serious)"),
    ],
)
def test_a_new_serious_event_says_why_it_is_serious(values, note):
    assert told([], [event(**values)]) == [(Matter.SERIOUS, "Syncope", note)]


def test_a_severe_event_is_not_called_serious_and_a_mild_one_is_only_news():
    assert told([], [event(AESEV="SEVERE")]) == [(Matter.SEVERE, "Syncope", "severe")]
    assert told([], [event()]) == [(None, "Syncope", "mild")]
    assert told([], [event(AESEV=None)]) == [(None, "Syncope", "")]


def test_two_rows_of_one_event_are_one_event():
    assert len(told([], [event(1), event(2, AESEV="MODERATE")])) == 1
    assert len(told([], [event(1, AESPID=None), event(2, AESPID=None)])) == 2


def test_another_row_of_a_known_serious_event_is_no_new_serious_event():
    before = [event(1, AESER="Y")]
    assert told(before, [*before, event(2, AESER="Y")]) == []


def test_an_event_that_becomes_serious_is_told_as_serious():
    assert told([event()], [event(AESHOSP="Y", AESER="Y")]) == [
        (Matter.SERIOUS, "Syncope", "now serious: hospitalisation")
    ]


def test_changed_judgements_carry_old_and_new():
    before = event(AEOUT="NOT RECOVERED/NOT RESOLVED", AEREL="NONE", AESER="Y")
    now = event(AEOUT="RECOVERED/RESOLVED", AEREL="PROBABLE", AESER="N")
    changes = [(found.note, found.old, found.new) for found in happenings([before], [now]) if found.is_judgement]
    assert changes == [
        ("seriousness", "serious", "not serious"),
        ("outcome", "not recovered", "recovered"),
        ("causality", "not related", "probable"),
    ]


def test_an_event_that_worsens_to_severe_says_from_what():
    found = happenings([event(AESEV="MODERATE")], [event(AESEV="SEVERE")])
    assert found == [Happening(Matter.SEVERE, "Syncope", "severity", "moderate", "severe", is_judgement=True)]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (
            {"DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-08-08T10:00"},
            (Matter.DISCONTINUED, "Discontinued: adverse event", "08 Aug 2013"),
        ),
        (
            {"DSDECOD": "LOST TO FOLLOW-UP"},
            (Matter.DISCONTINUED, "Discontinued: lost to follow-up", "date not recorded"),
        ),
        ({"DSDECOD": "COMPLETED", "DSSTDTC": "2013-08"}, (None, "Completed", "Aug 2013")),
    ],
)
def test_leaving_is_told_once_with_its_reason_and_day(values, expected):
    leaving = row("DS", **values)
    assert told([], [leaving]) == [expected]
    assert told([leaving], [leaving]) == []


def test_withdrawn_records_are_counted_by_domain():
    before = [row("LB", 1), row("LB", 2), event()]
    assert told(before, []) == [
        (Matter.WITHDRAWN, "1 record withdrawn", "Adverse events"),
        (Matter.WITHDRAWN, "2 records withdrawn", "Laboratory results"),
    ]


ROWS = st.lists(
    st.builds(
        lambda number, severity, flag, sponsor: event(number, AESEV=severity, AESER=flag, AESPID=sponsor),
        st.integers(1, 6),
        st.sampled_from(["MILD", "SEVERE", None]),
        st.sampled_from(["Y", "N", None]),
        st.sampled_from(["E1", "E2", None]),
    ),
    max_size=6,
    unique_by=lambda found: found.id,
)


@given(ROWS)
def test_nothing_happens_between_a_state_and_itself(rows):
    assert happenings(rows, rows) == []


@given(ROWS, ROWS)
def test_what_happened_is_in_order_of_weight(before, now):
    weights = [found.weight for found in happenings(before, now)]
    assert weights == sorted(weights)
