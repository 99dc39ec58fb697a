"""Any past version is read at the price of one snapshot and the few revisions after it."""

import pytest

from apps.studies.domain.audience import Audience
from apps.studies.models import Subject
from apps.twins.models import TwinSnapshot
from apps.twins.selectors.twins import load_twin
from tests.benchmarks.test_twin_speed import observation
from tests.benchmarks.timing import median_seconds
from tests.factories import StudyFactory, client_account, treated_subject, write

pytestmark = [pytest.mark.benchmark, pytest.mark.django_db]

RESULTS, CORRECTIONS = 700, 160


def result(number: int, value: int) -> dict[str, object]:
    filled = {"STUDYID", "USUBJID", "DOMAIN", "LBSEQ"}
    given = {name: found for name, found in observation(number).items() if name not in filled}
    return {**given, "LBSTRESN": value}


def long_history() -> Subject:
    """A subject with several hundred results and some hundred versions, one correction each."""
    subject = treated_subject(StudyFactory())
    writer = client_account(subject.study)
    dated = [
        {**result(n, 10), "LBDTC": f"2013-{n % 12 + 1:02d}-{n % 27 + 1:02d}T{n // 60:02d}:{n % 60:02d}"}
        for n in range(RESULTS)
    ]
    write(subject, *[("LB", values) for values in dated], user=writer)
    for number in range(CORRECTIONS):
        write(subject, ("LB", {**dated[number], "LBSTRESN": 50 + number}), user=writer)
    return subject


def test_reading_any_past_version_costs_at_most_two_snapshots() -> None:
    subject = long_history()
    kept = list(
        TwinSnapshot.objects.filter(subject=subject, audience=Audience.UNBLINDED).values_list("version", flat=True)
    )
    assert subject.version == CORRECTIONS + 2
    snapshot = median_seconds(lambda: load_twin(subject, Audience.UNBLINDED, kept[-1]), repeats=15)
    print(f"\nsnapshots at {kept}; one snapshot of {RESULTS} results: {snapshot * 1e3:.1f} ms")
    slowest = 0.0
    for version in [*range(kept[0], subject.version, 17), subject.version]:
        taken = median_seconds(lambda version=version: load_twin(subject, Audience.UNBLINDED, version), repeats=7)
        slowest = max(slowest, taken)
    print(f"slowest of all versions: {slowest * 1e3:.1f} ms, {slowest / snapshot:.2f}x")
    assert slowest <= 2 * snapshot
