"""Reading any past version of a twin costs little more than reading one snapshot."""

import pytest

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import Subject
from apps.studies.services.ledger import record_changes
from apps.twins.models import TwinSnapshot
from apps.twins.selectors.twins import load_twin
from tests.benchmarks.timing import median_seconds
from tests.factories import StudyFactory, context, treated_subject

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

RECORDS, VERSIONS = 1500, 120
PAST = (2, 37, 49, 75, 99, 120)
MOST_SNAPSHOTS = 2.0


def sample(number: int) -> RecordChange:
    """One laboratory result."""
    day = f"2013-{number % 12 + 1:02}-{number % 28 + 1:02}"
    values = {"LBSEQ": number, "LBTESTCD": f"T{number % 30}", "LBSTRESN": number % 90, "LBSTNRHI": 40, "LBDTC": day}
    return RecordChange(Operation.INSERT, f"LB/{number:012d}", "LB", {**values, "VISITNUM": number % 20})


@pytest.fixture
def subject() -> Subject:
    """A subject with many results and a long history of single changes."""
    found = treated_subject(StudyFactory())
    record_changes(subject=found, changes=[sample(number) for number in range(RECORDS)], context=context())
    for number in range(RECORDS, RECORDS + VERSIONS - 2):
        record_changes(subject=found, changes=[sample(number)], context=context())
    found.refresh_from_db()
    return found


def test_reading_any_past_version_costs_at_most_two_snapshots(subject: Subject) -> None:
    kept = TwinSnapshot.objects.filter(subject=subject, audience=Audience.UNBLINDED)
    snapshot = kept.order_by("-version").values_list("version", flat=True)[0]
    peer = median_seconds(lambda: load_twin(subject, Audience.UNBLINDED, snapshot))
    taken = {version: median_seconds(lambda v=version: load_twin(subject, Audience.UNBLINDED, v)) for version in PAST}
    print(f"\none snapshot of {RECORDS:,} records: {peer * 1e3:.1f} ms")
    for version, duration in taken.items():
        print(f"version {version:>3}: {duration * 1e3:6.1f} ms, {duration / peer:.2f}x")
    assert max(taken.values()) <= MOST_SNAPSHOTS * peer
