"""Whatever dies between a change and its check, "current" never stays over changed data."""

import time

import psycopg
import pytest

from tests.faults.integrator import Integrator
from tests.faults.machines import Portal, eventually

pytestmark = pytest.mark.faults

# Two limits of a second or so, on a busy machine.
LONGEST = 6.0


def becomes_stale(integrator: Integrator) -> None:
    """Ask until it is stale; meanwhile it must never be called current."""
    said: list[str] = []

    def ask() -> bool:
        said.append(integrator.currency())
        return said[-1].startswith("stale")

    eventually(ask, f"the narrative is stale; it was {said[-3:]}")
    assert set(said) <= {"checking", "stale_cited"}, said


@pytest.mark.sample
def test_a_web_process_killed_right_after_the_change_loses_no_check(portal: Portal, integrator: Integrator) -> None:
    web = portal.web()
    assert integrator.currency() == "current"
    assert integrator.relate("POSSIBLE").status_code == 200
    web.kill()
    portal.web()
    assert integrator.currency() == "checking"
    portal.worker()
    becomes_stale(integrator)


def test_a_restarted_database_loses_no_check(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    portal.worker()
    assert integrator.currency() == "current"
    assert integrator.relate("POSSIBLE").status_code == 200
    portal.postgres.restart()
    eventually(lambda: integrator.client.get("/health/ready").status_code == 200, "the portal is ready again")
    becomes_stale(integrator)


def test_a_worker_killed_in_the_middle_of_a_check_loses_it_not(portal: Portal, integrator: Integrator) -> None:
    """The worker is held by a lock in the middle of its transaction, and killed there."""
    portal.web()
    worker = portal.worker("first")
    assert integrator.currency() == "current"
    with psycopg.connect(portal.postgres.url(portal.database)) as held:
        held.execute("SELECT 1 FROM narratives_currency FOR UPDATE")
        assert integrator.relate("POSSIBLE").status_code == 200
        running = "SELECT 1 FROM core_job WHERE kind = 'check-currency' AND state = 'running'"
        eventually(lambda: portal.sql(running), "the check has begun")
        worker.kill()
    portal.worker("second")
    becomes_stale(integrator)


def test_a_frozen_redis_holds_nobody_and_loses_no_check(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    portal.worker()
    with integrator.following() as follower:
        assert integrator.currency() == "current"
        portal.redis.freeze()
        for relation in ("POSSIBLE", "PROBABLE"):
            began = time.monotonic()
            assert integrator.relate(relation).status_code == 200
            assert time.monotonic() - began < LONGEST
        began = time.monotonic()
        ready = integrator.client.get("/health/ready")
        assert time.monotonic() - began < LONGEST
        assert (ready.status_code, ready.json()["degraded"]) == (200, ["channel_layer"])
        assert integrator.currency() != "current"
        portal.redis.thaw()
        follower.told("resync")
        becomes_stale(integrator)
