"""Versions of a twin in the order in which they were known."""

import pytest

from apps.studies.domain.audience import Audience
from apps.twins.selectors.history import sections_by_version, versions
from tests.factories import treated_subject, write

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("audience", Audience)
def test_versions_are_told_oldest_first(audience: Audience) -> None:
    subject = treated_subject()
    for relation in ("POSSIBLE", "PROBABLE", "NONE"):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": relation}))
    assert [found.number for found in versions(subject, audience)] == [1, 2, 3, 4]


def test_a_version_that_moved_only_treatment_is_none_for_blinded_readers() -> None:
    subject = treated_subject()
    write(subject, ("EX", {"EXTRT": "A", "EXDOSE": 1, "EXSTDTC": "2013-05-01"}))
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    assert [found.number for found in versions(subject, Audience.BLINDED)] == [1, 3]
    assert sections_by_version(subject, Audience.BLINDED, 0, 2) == [
        (1, ["adverse_events", "demographics"]),
        (2, ["adverse_events"]),
    ]
    assert sections_by_version(subject, Audience.UNBLINDED, 1, 3) == [(2, ["exposure"]), (3, ["adverse_events"])]
