"""Work that a frozen or killed worker had begun is done once, and to the end."""

import csv
import io

import httpx
import pytest
import redis

from tests.faults.integrator import Integrator
from tests.faults.machines import Machine, Portal, eventually
from tests.faults.names import STUDY

pytestmark = pytest.mark.faults

SUBJECTS = 250
IN = "SELECT count(*) FROM studies_importedsubject WHERE subject_id <> ''"


def demographics() -> bytes:
    """A DM file of many subjects."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(["STUDYID", "DOMAIN", "USUBJID", "SUBJID", "SITEID", "COUNTRY", "RFSTDTC", "SEX", "AGE"])
    for number in range(SUBJECTS):
        writer.writerow(["S1", "DM", f"01-800-{number:04}", f"{number:04}", "800", "USA", "2013-04-26", "F", 70])
    return text.getvalue().encode()


def import_started(integrator: Integrator) -> str:
    files = {"files": ("dm.csv", demographics(), "text/csv")}
    answer: httpx.Response = integrator.client.post(
        f"/api/v1/studies/{STUDY}/imports/", files=files, data={"reason": "Cut of June"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json()["id"])


def number_in(portal: Portal) -> int:
    return int(str(portal.sql(IN)[0][0]))


def claims(portal: Portal, run: str) -> list[tuple[object, ...]]:
    """How often the job of a run was given to a worker, and how it stands."""
    return portal.sql("SELECT claim, state FROM core_job WHERE payload->>'run' = %s", run)


def in_the_middle(portal: Portal) -> bool:
    return 5 < number_in(portal) < SUBJECTS // 2


def frozen_between_transactions(portal: Portal, worker: Machine) -> bool:
    """Freeze a worker where it holds no lock: one in the middle of a transaction keeps its rows until it wakes."""
    worker.freeze()
    if portal.sql("SELECT 1 FROM pg_stat_activity WHERE state <> 'idle' AND pid <> pg_backend_pid()"):
        worker.thaw()
        return False
    return True


def done_once(portal: Portal, integrator: Integrator, run: str) -> None:
    """The import is done, every subject is in with one version, and the receipt adds up."""
    answer = integrator.client.get(f"/api/v1/studies/{STUDY}/imports/{run}/").json()
    assert (answer["state"], answer["error"]) == ("done", "")
    assert (answer["receipt"]["new"], answer["receipt"]["records"]) == (SUBJECTS, SUBJECTS)
    assert number_in(portal) == SUBJECTS
    versions = portal.sql("SELECT version, count(*) FROM studies_subject WHERE subject_id LIKE '01-800-%' GROUP BY 1")
    assert versions == [(1, SUBJECTS)]


@pytest.mark.sample
def test_a_worker_frozen_past_its_lease_is_replaced_and_writes_nothing_more_when_it_wakes(
    portal: Portal, integrator: Integrator
) -> None:
    portal.web()
    first = portal.worker("first")
    run = import_started(integrator)
    eventually(lambda: in_the_middle(portal), "the import is in its middle")
    eventually(lambda: frozen_between_transactions(portal, first), "the first worker stands between two subjects")
    assert number_in(portal) < SUBJECTS
    portal.worker("second")
    eventually(lambda: claims(portal, run) == [(2, "done")], f"the second worker ends it: {claims(portal, run)}")
    done_once(portal, integrator, run)
    first.thaw()
    eventually(lambda: "job_lease_lost" in first.log or "job_failed" in first.log, "the first worker notices")
    assert claims(portal, run) == [(2, "done")]
    done_once(portal, integrator, run)


def test_a_worker_killed_in_the_middle_is_replaced(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    first = portal.worker("first")
    run = import_started(integrator)
    eventually(lambda: in_the_middle(portal), "the import is in its middle")
    first.kill()
    portal.worker("second")
    eventually(lambda: claims(portal, run)[0][1] == "done", "the second worker ends it")
    done_once(portal, integrator, run)


def test_a_database_restarted_in_the_middle_ends_no_import(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    portal.worker()
    run = import_started(integrator)
    eventually(lambda: in_the_middle(portal), "the import is in its middle")
    portal.postgres.restart()
    eventually(lambda: claims(portal, run)[0][1] == "done", "the import is tried again and ends")
    done_once(portal, integrator, run)


def test_work_that_waits_for_a_stopped_worker_does_not_pile_up_in_the_queue(
    portal: Portal, integrator: Integrator
) -> None:
    portal.web()
    worker = portal.worker()
    worker.freeze()
    for number in range(12):
        assert integrator.relate(f"RELATION {number}").status_code == 200
    silent = "SELECT 1 FROM core_heartbeat WHERE at < now() - interval '6 seconds'"
    eventually(lambda: portal.sql(silent), "several rounds of the watch would have passed")
    assert queue_length(portal) <= 12
    worker.thaw()
    waiting = "SELECT count(*) FROM core_job WHERE state <> 'done'"
    eventually(lambda: portal.sql(waiting) == [(0,)], "everything that waited is done")


def queue_length(portal: Portal) -> int:
    with redis.Redis.from_url(portal.env["REDIS_URL"]) as queue:
        return int(queue.llen("celery"))
