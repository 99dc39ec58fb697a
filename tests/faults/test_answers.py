"""A request that is repeated after a kill, and what is answered while a service is gone."""

import threading
import time
from collections.abc import Callable

import httpx
import psycopg
import pytest

from tests.faults.integrator import Integrator
from tests.faults.machines import Portal, eventually
from tests.faults.names import STUDY, SUBJECT

pytestmark = pytest.mark.faults

VERSION = "SELECT version FROM studies_subject WHERE subject_id = %s"


def in_a_thread(integrator: Integrator, relation: str, key: str) -> threading.Thread:
    """Send a write whose answer will never come."""

    def send() -> None:
        try:
            integrator.relate(relation, key)
        except httpx.TransportError:
            return

    thread = threading.Thread(target=send)
    thread.start()
    return thread


@pytest.mark.sample
def test_a_write_that_was_committed_before_the_kill_answers_its_repetition_with_the_first_answer(
    make_portal: Callable[..., Portal],
) -> None:
    # Redis is frozen so that the process is met after its commit and before its answer.
    portal = make_portal(CHANNEL_LAYER_SECONDS=30)
    integrator = Integrator(portal)
    web = portal.web()
    assert integrator.client
    portal.redis.freeze()
    sending = in_a_thread(integrator, "POSSIBLE", "k1")
    eventually(lambda: portal.sql(VERSION, SUBJECT) == [(2,)], "the write is committed")
    web.kill()
    sending.join(timeout=30)
    portal.redis.thaw()
    portal.web()
    again = integrator.relate("POSSIBLE", "k1")
    assert again.status_code == 200, again.text
    assert (again.json()["accepted"], again.json()["versions"]) == (1, {SUBJECT: 2})
    assert portal.sql(VERSION, SUBJECT) == [(2,)]
    integrator.close()


def test_a_write_that_was_not_committed_before_the_kill_is_carried_out_at_once_when_repeated(
    portal: Portal, integrator: Integrator
) -> None:
    web = portal.web()
    assert integrator.client
    with psycopg.connect(portal.postgres.url(portal.database)) as held:
        held.execute("SELECT 1 FROM studies_subject FOR UPDATE")
        sending = in_a_thread(integrator, "POSSIBLE", "k1")
        blocked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%studies_subject%'"
        eventually(lambda: portal.sql(blocked), "the write waits for the subject")
        web.kill()
        sending.join(timeout=30)
    portal.web()
    assert portal.sql(VERSION, SUBJECT) == [(1,)]
    again = integrator.relate("POSSIBLE", "k1")
    assert (again.status_code, again.json()["versions"]) == (200, {SUBJECT: 2})


def test_without_its_database_the_portal_says_so_in_time_and_comes_back(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    assert integrator.currency() == "current"
    cookie = {"Cookie": f"sessionid={'a' * 32}"}
    with portal.postgres.stopped():
        for path, kind in ((f"/api/v1/studies/{STUDY}/subjects/", "application/problem+json"), ("/", "text/html")):
            began = time.monotonic()
            answer = integrator.client.get(path, headers=cookie)
            assert time.monotonic() - began < 8
            assert answer.status_code == 503, path
            assert answer.headers["Retry-After"] == "5"
            assert answer.headers["Content-Type"].startswith(kind)
        assert integrator.client.get("/health/ready").status_code == 503
        assert integrator.client.get("/health/live").status_code == 200
    eventually(lambda: integrator.client.get("/health/ready").status_code == 200, "it is ready again")
    assert integrator.currency() == "current"


def test_a_killed_worker_is_named_and_takes_no_page_away(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    worker = portal.worker()
    assert integrator.client.get("/health/ready").json()["degraded"] == []
    worker.kill()
    ready = eventually(
        lambda: (answer := integrator.client.get("/health/ready").json())["degraded"] and answer, "it is missed"
    )
    assert ready["degraded"] == ["job_worker"]
    assert integrator.relate("POSSIBLE").status_code == 200
