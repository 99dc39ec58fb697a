"""One more observation costs the same in a small and a large twin, and little more than a plain dict."""

from typing import Any

import pytest

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import LIVER_TESTS, Twin
from tests.benchmarks.timing import median_seconds

pytestmark = pytest.mark.benchmark

TESTS = ["ALT", "AST", "BILI", "ALP", "K", "NA", "CREAT", "GGT", "ALB", "GLUC"]
factory = DigitalTwinFactory()


def observation(number: int) -> dict[str, Any]:
    return {
        "STUDYID": "S",
        "DOMAIN": "LB",
        "USUBJID": "S-1",
        "LBSEQ": number,
        "LBTESTCD": TESTS[number % 10],
        "LBCAT": "CHEMISTRY",
        "LBORRES": str(number),
        "LBSTRESN": number % 90,
        "LBSTRESU": "U/L",
        "LBSTNRHI": 40,
        "VISITNUM": number // 40 % 12,
        "LBDTC": f"2013-{number % 12 + 1:02d}-{number % 27 + 1:02d}",
    }


def changes(first: int, last: int) -> list[RecordChange]:
    return [RecordChange(Operation.INSERT, f"LB/{n}", "LB", observation(n)) for n in range(first, last)]


def large_twin(size: int) -> Twin:
    visits = [
        RecordChange(Operation.INSERT, f"SV/{n}", "SV", {"VISITNUM": n, "SVSTDTC": f"2013-{n + 1:02d}-01"})
        for n in range(12)
    ]
    return factory.build("S-1", [*visits, *changes(0, size)])


class PlainDict:
    """The peer: the same records, indexes and marks in plain dicts; no graph, no edges."""

    def __init__(self, size: int) -> None:
        self.rows: dict[str, dict[str, ClinicalRecord]] = {}
        self.visits: dict[Any, set[str]] = {number: {f"SV/{number}"} for number in range(12)}
        self.by_visit: dict[Any, set[str]] = {}
        self.by_test: dict[str, set[str]] = {}
        self.relations: dict[str, set[str]] = {}
        self.marks: set[str] = set()
        self.joined: dict[str, list[str]] = {}
        for change in changes(0, size):
            self.put(change)

    def put(self, change: RecordChange) -> None:
        """One record with its counters."""
        row = ClinicalRecord(change.record_id, change.domain, change.values, change.target)
        rows = self.rows.setdefault(row.domain, {})
        if row.id in rows:
            self.by_visit[row.values["VISITNUM"]].discard(row.id)
        rows[row.id] = row
        number = row.values.get("VISITNUM")
        self.by_visit.setdefault(number, set()).add(row.id)
        self.joined[row.id] = list(self.visits.get(number, ()))
        test = str(row.values.get("LBTESTCD"))
        self.marks.add(f"LAB/{test}")
        if test in LIVER_TESTS:
            self.marks.add("LIVER")
        self.by_test.setdefault(test, set()).add(row.id)
        self.marks.update(self.relations.get(row.id, ()))


def per_observation(size: int) -> tuple[float, float]:
    """Seconds per observation, of the twin and of the peer, on top of `size` observations."""
    twin, peer = large_twin(size), PlainDict(size)
    more = [changes(size + 1000 * k, size + 1000 * (k + 1)) for k in range(9)]
    batches, others = iter(more), iter(more)

    def evolve() -> None:
        for change in next(batches):
            factory.evolve(twin, (change,))

    def put() -> None:
        for change in next(others):
            peer.put(change)

    return median_seconds(evolve) / 1000, median_seconds(put) / 1000


def test_evolving_by_one_record_costs_at_most_three_plain_dicts_and_stays_flat() -> None:
    figures = {size: per_observation(size) for size in (100, 1_200, 12_000)}
    print()
    for size, (ours, theirs) in figures.items():
        print(f"{size:>7,} observations: twin {ours * 1e6:6.2f} us, dict {theirs * 1e6:6.2f} us, {ours / theirs:.2f}x")
    assert figures[1_200][0] <= 3 * figures[1_200][1]
    assert figures[12_000][0] <= 1.35 * figures[100][0]
