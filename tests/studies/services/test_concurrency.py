"""Two writers on one subject: no lost update and no gap, on a database that really locks rows."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from apps.core.domain.errors import PreconditionFailedError
from apps.studies.domain.audience import Audience
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ChangeSet, Record, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.writing import write_records
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.selectors.twins import changes_after, twin_at
from tests.factories import StudyFactory, client_account, context, treated_subject
from tests.studies.services.chains import chain_breaks

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]

WRITES = 12


@pytest.fixture(autouse=True)
def _row_locks() -> None:
    if connection.vendor == "postgresql":
        return
    if os.environ.get("REQUIRE_SERVICES") == "1":
        pytest.fail("REQUIRE_SERVICES=1, but the database is not PostgreSQL; set DATABASE_URL")
    pytest.skip("needs the row locks of PostgreSQL; set DATABASE_URL and REDIS_URL (make services-test)")


def together(*works: Callable[[], object]) -> list[object]:
    """Do all of it at once, each in a thread and a connection of its own; errors come back as results."""
    barrier = Barrier(len(works))

    def started(work: Callable[[], object]) -> object:
        try:
            barrier.wait(timeout=10)
            return work()
        except PreconditionFailedError as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return [future.result(timeout=60) for future in [pool.submit(started, work) for work in works]]


def writer_of(subject: Subject, variable: str, event: str = "E01") -> Callable[[], None]:
    """Writes one variable of one event again and again."""
    writer = client_account(subject.study)

    def write_often() -> None:
        for number in range(WRITES):
            values = {"AESPID": event, "AETERM": "SEIZURE", variable: f"{variable} {number}"}
            submitted = [Submitted(0, "AE", subject.subject_id, values)]
            result = write_records(
                principal=principal_of(writer), study=subject.study, records=submitted, context=context(writer)
            )
            assert result.accepted == 1, result.rejected

    return write_often


def test_two_writers_lose_no_update_and_leave_no_gap() -> None:
    subject = treated_subject(StudyFactory())
    together(writer_of(subject, "AEACN"), writer_of(subject, "AEREL"))
    numbers = list(ChangeSet.objects.filter(subject=subject).order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, 2 * WRITES + 2))
    values = Record.objects.get(subject=subject, domain="AE").values
    assert (values["AEACN"], values["AEREL"]) == (f"AEACN {WRITES - 1}", f"AEREL {WRITES - 1}")
    assert chain_breaks(subject) == []


def test_the_twin_after_two_writers_is_the_fold_of_the_ledger() -> None:
    subject = treated_subject(StudyFactory())
    together(writer_of(subject, "AEACN"), writer_of(subject, "AEREL"))
    subject.refresh_from_db()
    kept = twin_at(subject, Audience.UNBLINDED)
    built = DigitalTwinFactory().build(
        subject.subject_id, changes_after(subject, Audience.UNBLINDED, 0, subject.version)
    )
    assert {row.id: row.values for row in kept.all_rows()} == {row.id: row.values for row in built.all_rows()}


def test_of_two_writers_who_saw_the_same_version_one_is_refused() -> None:
    subject = treated_subject(StudyFactory())
    writer = client_account(subject.study)

    def write_at_first_version(relation: str) -> Callable[[], object]:
        submitted = [Submitted(0, "AE", subject.subject_id, {"AESPID": "E01", "AEREL": relation})]
        return lambda: write_records(
            principal=principal_of(writer),
            study=subject.study,
            records=submitted,
            context=context(writer),
            expected_version=1,
        )

    results = together(write_at_first_version("POSSIBLE"), write_at_first_version("PROBABLE"))
    assert sum(isinstance(result, PreconditionFailedError) for result in results) == 1
    subject.refresh_from_db()
    assert subject.version == 2


def test_two_hundred_changes_at_once_leave_versions_in_the_order_of_their_moments() -> None:
    subject = treated_subject(StudyFactory())
    together(*(writer_of(subject, "AEACN", f"E{thread:02}") for thread in range(1, 18)))
    known = list(ChangeSet.objects.filter(subject=subject).order_by("number").values_list("known_at", flat=True))
    assert len(known) == 17 * WRITES + 1 > 200
    assert known == sorted(known)
    assert chain_breaks(subject) == []
