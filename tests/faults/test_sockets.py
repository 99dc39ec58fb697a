"""Sockets over lost services: told to read afresh, and never left open without a proof."""

from collections.abc import Callable

import pytest

from tests.faults.integrator import Integrator
from tests.faults.machines import Portal

pytestmark = pytest.mark.faults


@pytest.mark.sample
def test_after_a_restart_of_redis_every_socket_is_told_to_read_afresh_and_hears_again(
    portal: Portal, integrator: Integrator
) -> None:
    portal.web()
    with integrator.following() as follower:
        portal.restart_redis()
        follower.told("resync")
        assert integrator.relate("POSSIBLE").status_code == 200
        assert follower.told("changed")["version"] == 2


def test_a_socket_ends_with_its_token(portal: Portal, integrator: Integrator) -> None:
    portal.web()
    other = Integrator(portal)
    assert other.client
    with integrator.following() as follower:
        integrator.revoke()
        assert other.relate("POSSIBLE").status_code == 200
        assert follower.code_after() == (4401, [])
    other.close()


def test_a_socket_whose_right_cannot_be_checked_is_closed(make_portal: Callable[..., Portal]) -> None:
    portal = make_portal(SOCKET_RECHECK_SECONDS=1)
    integrator = Integrator(portal)
    portal.web()
    with integrator.following() as follower, portal.postgres.stopped():
        assert follower.code_after(timeout=60)[0] == 1011
    with integrator.following() as follower:
        assert integrator.relate("POSSIBLE").status_code == 200
        assert follower.told("changed")["version"] == 2
    integrator.close()
