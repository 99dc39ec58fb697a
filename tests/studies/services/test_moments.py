"""When a change became known: never before what was known already, whatever the clocks and writers do."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.accounts.models import User
from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import ChangeSet, Study, Subject
from apps.studies.services import ledger
from apps.studies.services.ledger import record_changes, record_study_changes
from apps.twins.selectors.twins import version_at
from tests.factories import StudyFactory, context, treated_subject, write
from tests.studies.services.chains import chain_breaks
from tests.studies.services.packages import Package, ae, dm, imported

NOON = datetime(2030, 6, 1, 12, tzinfo=UTC)


def moments(subject: Subject | None, study: Study) -> list[datetime]:
    sets = ChangeSet.objects.filter(study=study, subject=subject).order_by("number")
    return list(sets.values_list("known_at", flat=True))


def at(*moments: datetime) -> AbstractContextManager[object]:
    """While open the ledger's own clock says these moments, one after the other, the last one for ever."""
    left = list(moments)
    clock = SimpleNamespace(now=lambda: left.pop(0) if len(left) > 1 else left[0])
    return mock.patch.object(ledger, "timezone", clock)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(hours=st.lists(st.integers(-48, 48), min_size=2, max_size=5))
def test_versions_never_run_backwards_however_the_clock_is_set(hours: list[int]) -> None:
    with at(NOON - timedelta(days=9)):
        subject = treated_subject(StudyFactory())
    for number, hour in enumerate(hours):
        with at(NOON + timedelta(hours=hour)):
            write(subject, ("AE", {"AESPID": "E01", "AEREL": f"RELATION {number}"}))
            record_study_changes(
                study=subject.study,
                changes=[RecordChange(Operation.INSERT, f"TS/{number}", "TS", {"TSPARMCD": f"P{number}"})],
                context=context(),
            )
    for found in (moments(subject, subject.study), moments(None, subject.study)):
        assert found == sorted(found)
    highest = [max(hours[: n + 1]) for n in range(len(hours))]
    assert moments(subject, subject.study)[1:] == [NOON + timedelta(hours=hour) for hour in highest]
    assert chain_breaks(subject) == []


@pytest.mark.django_db
def test_a_clock_a_day_slow_does_not_change_what_was_known_at_an_earlier_moment() -> None:
    with at(NOON):
        subject = treated_subject(StudyFactory())
    with at(NOON + timedelta(hours=1)):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    asked = NOON + timedelta(minutes=30)
    before = version_at(subject, Audience.UNBLINDED, asked)
    with at(NOON - timedelta(days=1)):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": "PROBABLE"}))
    assert before == version_at(subject, Audience.UNBLINDED, asked) == 1
    assert version_at(subject, Audience.UNBLINDED, NOON + timedelta(hours=1)) == 3


@pytest.mark.django_db
def test_each_subject_of_an_import_is_known_from_when_it_was_written(manager: User, study: Study) -> None:
    package: Package = {"DM": [dm(1001), dm(1002), dm(1003)], "AE": [ae(1001, "E1", "RASH")]}
    with at(*(NOON + timedelta(minutes=n) for n in range(10))):
        imported(manager, study, package)
    known = [moments(subject, study) for subject in Subject.objects.order_by("subject_id")]
    assert known == [[NOON + timedelta(minutes=n)] for n in range(3)]


@pytest.mark.django_db
def test_the_moment_is_read_after_the_lock_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = treated_subject(StudyFactory())
    order: list[str] = []
    lock, now = ledger.lock_subject, ledger.timezone.now
    monkeypatch.setattr(ledger, "lock_subject", lambda found: (order.append("lock"), lock(found))[1])
    monkeypatch.setattr(ledger, "timezone", SimpleNamespace(now=lambda: (order.append("now"), now())[1]))
    record_changes(
        subject=subject,
        changes=[RecordChange(Operation.INSERT, "AE/new", "AE", {"AETERM": "RASH"})],
        context=context(),
    )
    assert order[:2] == ["lock", "now"]
