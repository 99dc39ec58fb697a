"""Twins in use by several: one half computed is never seen, one that was not committed is never given on."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import transaction
from django.test import TestCase

from apps.studies.domain.audience import Audience
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.upserts import Submitted
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.events import SubjectChange, subject_changed, subject_changing
from apps.studies.services.writing import write_records
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin
from apps.twins.selectors.twins import load_twin
from apps.twins.services.evolving import HotTwins, hot_twins
from tests.factories import StudyFactory, client_account, context, treated_subject, write

READERS, TRIALS = 8, 60


@pytest.fixture
def _switches_often() -> Iterator[None]:
    """Threads take turns as often as they can, so that a race that is there is met."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


def twin_with_results(count: int) -> Twin:
    changes = [
        RecordChange(
            Operation.INSERT,
            f"LB/{n}",
            "LB",
            {"LBTESTCD": f"TEST{n}", "LBSTRESN": n + 1.0, "LBSTNRHI": 10.0, "LBDTC": "2013-05-01"},
        )
        for n in range(count)
    ]
    return DigitalTwinFactory().build("01-701-1001", changes)


@pytest.mark.usefixtures("_switches_often")
def test_facts_of_a_shared_twin_are_the_same_for_every_reader() -> None:
    expected = dict(twin_with_results(40).facts)
    for _ in range(TRIALS):
        twin, barrier = twin_with_results(40), Barrier(READERS)

        def read(twin: Twin = twin, barrier: Barrier = barrier) -> dict[str, object]:
            barrier.wait(timeout=10)
            return dict(twin.facts)

        with ThreadPoolExecutor(READERS) as pool:
            found = [future.result(timeout=30) for future in [pool.submit(read) for _ in range(READERS)]]
        assert all(facts == expected for facts in found)


def change(subject: Subject, relation: str) -> None:
    writer = client_account(subject.study)
    submitted = [Submitted(0, "AE", subject.subject_id, {"AESPID": "E01", "AEREL": relation})]
    write_records(principal=principal_of(writer), study=subject.study, records=submitted, context=context(writer))


@pytest.mark.django_db
def test_a_twin_of_a_change_that_was_undone_is_not_given_to_the_next_writer() -> None:
    subject = treated_subject(StudyFactory())
    with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
        change(subject, "WRONG")
        transaction.set_rollback(True)
    assert hot_twins.take(subject.pk, 2) is None
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    hot = hot_twins.take(subject.pk, 2)
    assert hot is not None
    stored = load_twin(subject, Audience.UNBLINDED, 2)
    assert {row.id: row.values for row in hot.all_rows()} == {row.id: row.values for row in stored.all_rows()}


@pytest.mark.django_db
def test_a_twin_is_put_back_after_the_commit_and_not_before() -> None:
    subject = treated_subject(StudyFactory())
    with TestCase.captureOnCommitCallbacks(execute=True):
        change(subject, "POSSIBLE")
        assert hot_twins.take(subject.pk, 2) is None
    assert hot_twins.take(subject.pk, 2) is not None


def test_a_late_writer_does_not_put_an_older_twin_over_a_newer_one() -> None:
    hot, older, newer = HotTwins(4), Twin("1"), Twin("1")
    hot.put(1, 6, newer)
    hot.put(1, 5, older)
    assert hot.take(1, 6) is newer


@pytest.mark.django_db
def test_who_is_told_of_a_change_is_told_after_the_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    subject = treated_subject(StudyFactory())
    heard: list[str] = []

    def changing(found: SubjectChange) -> None:
        heard.append("changing")

    def changed(found: SubjectChange) -> None:
        heard.append("changed")

    monkeypatch.setattr(subject_changing, "_handlers", [*subject_changing._handlers, changing])
    monkeypatch.setattr(subject_changed, "_handlers", [*subject_changed._handlers, changed])
    with TestCase.captureOnCommitCallbacks(execute=True):
        with transaction.atomic():
            change(subject, "WRONG")
            transaction.set_rollback(True)
        assert heard == ["changing"]
        change(subject, "POSSIBLE")
        assert heard == ["changing", "changing"]
    assert heard == ["changing", "changing", "changed"]
