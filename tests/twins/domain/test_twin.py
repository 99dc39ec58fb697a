"""What is read from a twin: liver quadrants, edges with their reasons, treatment of an event."""

from typing import Any

import pytest

from apps.studies.domain.changes import Operation, RecordChange
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin


def twin_of(*rows: tuple[str, dict[str, Any]], targets: dict[int, str] | None = None) -> Twin:
    changes = [
        RecordChange(Operation.INSERT, f"{domain}/{number}", domain, values, target=(targets or {}).get(number))
        for number, (domain, values) in enumerate(rows)
    ]
    return DigitalTwinFactory().build("S1", changes)


def result(test: str, value: float, limit: float = 10) -> tuple[str, dict[str, Any]]:
    return "LB", {"LBTESTCD": test, "LBSTRESN": value, "LBSTNRHI": limit, "LBDTC": "2013-05-01"}


@pytest.mark.parametrize(
    ("alt", "bilirubin", "alp", "quadrant", "is_met"),
    [
        (31, 21, 10, "ALT or AST above 3 × ULN and bilirubin above 2 × ULN", True),
        (31, 21, 20, "ALT or AST above 3 × ULN and bilirubin above 2 × ULN", False),
        (31, 20, 10, "ALT or AST above 3 × ULN, bilirubin not above 2 × ULN", False),
        (30, 21, 10, "bilirubin above 2 × ULN, ALT and AST not above 3 × ULN", False),
        (30, 20, 10, "neither above the limits", False),
    ],
)
def test_liver_quadrants_at_their_limits(alt: float, bilirubin: float, alp: float, quadrant: str, is_met: bool) -> None:
    facts = twin_of(result("ALT", alt), result("BILI", bilirubin), result("ALP", alp)).facts
    assert facts["LIVER.quadrant"].value == quadrant
    assert facts["LIVER.hys_law"].value is is_met


def test_the_peak_names_its_sample() -> None:
    twin = twin_of(result("ALT", 20), result("ALT", 25), result("ALT", 5))
    assert twin.facts["LAB/ALT.peak_times_uln"].value == 2.5
    assert twin.facts["LAB/ALT.peak_times_uln"].derived_from == ("LB/1.times_uln",)


def test_a_medication_for_an_event_treats_it_and_one_at_the_time_overlaps() -> None:
    rash = {"AEDECOD": "RASH", "AESTDTC": "2013-05-10", "AEENDTC": "2013-05-20", "AEOUT": "RECOVERED/RESOLVED"}
    cream = {"CMTRT": "CREAM", "CMINDC": "Rash", "CMSTDTC": "2013-05-12", "CMENDTC": "2013-05-13"}
    later = {"CMTRT": "ASA", "CMSTDTC": "2014-01-01"}
    edges = twin_of(("AE", rash), ("CM", cream), ("CM", later)).edges()
    assert ("EVENT/0", "MEDICATION/1", "TREATED_BY") in edges
    assert ("EVENT/0", "MEDICATION/1", "OVERLAPS") in edges
    assert not [edge for edge in edges if edge[0] == "EVENT/0" and edge[1] == "MEDICATION/2"]


def test_related_records_are_joined_both_ways_and_again_after_a_change() -> None:
    relation = {"RELID": "R1"}
    rows = [
        ("AE", {"AEDECOD": "RASH"}),
        ("DS", {"DSDECOD": "ADVERSE EVENT"}),
        ("RELREC", relation),
        ("RELREC", relation),
    ]
    twin = twin_of(*rows, targets={2: "AE/0", 3: "DS/1"})
    assert twin.related("AE/0") == ["DS/1"]
    assert twin.related("DS/1") == ["AE/0"]
    assert twin.related("AE/9") == []
    factory = DigitalTwinFactory()
    factory.evolve(twin, [RecordChange(Operation.UPDATE, "AE/0", "AE", {"AEDECOD": "SYNCOPE"})])
    assert twin.related("DS/1") == ["AE/0"]
    factory.evolve(twin, [RecordChange(Operation.WITHDRAW, "AE/0", "AE", {})])
    assert twin.related("DS/1") == []
