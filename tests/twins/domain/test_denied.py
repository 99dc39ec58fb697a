"""What was asked for by name and did not take place is kept as a record and told nowhere as if it had."""

from typing import Any

import pytest

from apps.studies.domain.changes import Operation, RecordChange
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin

FACTORY = DigitalTwinFactory()


def change(record: str, values: dict[str, Any], operation: Operation = Operation.INSERT) -> RecordChange:
    return RecordChange(operation, record, record.partition("/")[0], values)


def built(*rows: tuple[str, dict[str, Any]]) -> Twin:
    return FACTORY.build("S-1", [change(record, values) for record, values in rows])


def test_a_medication_that_is_not_taken_is_none() -> None:
    twin = built(("CM/1", {"CMTRT": "INSULIN", "CMOCCUR": "N"}), ("CM/2", {"CMTRT": "ASPIRIN", "CMOCCUR": "Y"}))
    assert [drug.name for drug in twin.medications()] == ["ASPIRIN"]
    assert [row.id for row in twin.denied("CM")] == ["CM/1"]
    assert [row.id for row in twin.rows("CM")] == ["CM/2"]


def test_an_event_that_did_not_occur_is_none() -> None:
    twin = built(("AE/1", {"AEDECOD": "RASH", "AEOCCUR": "N", "AESER": "Y", "AEOUT": "FATAL"}))
    assert twin.events() == []
    assert twin.death is None


def test_a_visit_that_did_not_take_place_is_not_the_last() -> None:
    visit = {"VISITNUM": 3, "VISIT": "WEEK 2", "SVSTDTC": "2013-05-09"}
    missed = {"VISITNUM": 4, "VISIT": "WEEK 4", "SVSTDTC": "2013-05-23", "SVOCCUR": "N"}
    last = built(("SV/1", visit), ("SV/2", missed)).last_visit
    assert last is not None
    assert last.text("VISIT") == "WEEK 2"


@pytest.mark.parametrize("answers", [("N", "Y"), ("Y", "N"), ("N", "Y", "N"), ("Y", "N", "Y")])
def test_a_corrected_answer_ends_as_if_it_had_been_given_first(answers: tuple[str, ...]) -> None:
    def row(answer: str) -> dict[str, Any]:
        return {"CMSPID": "1", "CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-01", "CMOCCUR": answer}

    other = ("CM/2", {"CMSPID": "1", "CMTRT": "ASPIRIN", "CMSTDTC": "2013-06-01"})
    twin = built(("CM/1", row(answers[0])), other)
    for answer in answers[1:]:
        twin = FACTORY.evolve(twin, [change("CM/1", row(answer), Operation.UPDATE)])
    fresh = built(("CM/1", row(answers[-1])), other)
    assert [[row.id for row in drug.rows] for drug in twin.medications()] == [
        [row.id for row in drug.rows] for drug in fresh.medications()
    ]
    assert twin.edges() == fresh.edges()


def test_a_record_that_did_not_happen_can_be_withdrawn() -> None:
    twin = built(("CM/1", {"CMSPID": "1", "CMTRT": "ASPIRIN", "CMOCCUR": "N"}))
    twin = FACTORY.evolve(twin, [change("CM/1", {}, Operation.WITHDRAW)])
    assert twin.denied("CM") == []
