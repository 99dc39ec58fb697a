"""A cluster for the session, a database copied from one seeded portal and a Redis for every test."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.faults.integrator import Integrator
from tests.faults.machines import ROOT, Portal, Postgres, postgres_programs

SEEDED = "seeded"
_numbers = count(1)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """A private cluster with a seeded portal to copy."""
    try:
        postgres_programs()
    except FileNotFoundError as error:
        if os.environ.get("REQUIRE_SERVICES") == "1":
            pytest.fail(str(error))
        pytest.skip(str(error))
    # PostgreSQL refuses long socket paths and runs as another user: a folder of its own, and not pytest's.
    with tempfile.TemporaryDirectory(prefix="portal-pg-") as name:
        folder = Path(name)
        cluster = Postgres(folder)
        cluster.create()
        try:
            _seed(cluster, folder)
            yield cluster
        finally:
            cluster.stop()


def _seed(cluster: Postgres, folder: Path) -> None:
    cluster.sql(f"CREATE DATABASE {SEEDED}")
    with tempfile.TemporaryDirectory(prefix="portal-seed-") as name:
        portal = Portal(cluster, SEEDED, Path(name))
        portal.start()
        try:
            for command in (["manage.py", "migrate", "--verbosity", "0"], ["-m", "tests.faults.seed"]):
                subprocess.run([sys.executable, *command], check=True, cwd=ROOT, env=portal.env)
        finally:
            portal.stop()


@pytest.fixture
def make_portal(postgres: Postgres, tmp_path: Path) -> Iterator[Callable[..., Portal]]:
    """Makes the portal of a test, with the settings that it needs."""
    made: list[Portal] = []

    def make(**settings: object) -> Portal:
        database = f"portal_{next(_numbers)}"
        postgres.sql(f"CREATE DATABASE {database} TEMPLATE {SEEDED}")
        # Copied sequences say that their next values are in the log, which they are not before a checkpoint.
        postgres.sql("CHECKPOINT")
        portal = Portal(postgres, database, tmp_path, **settings)
        made.append(portal)
        portal.start()
        return portal

    yield make
    for portal in made:
        portal.stop()
        postgres.sql(f"DROP DATABASE IF EXISTS {portal.database} WITH (FORCE)")


@pytest.fixture
def portal(make_portal: Callable[..., Portal]) -> Portal:
    """A portal with the usual settings and short leases."""
    return make_portal(JOB_LEASE_SECONDS=3)


@pytest.fixture
def integrator(portal: Portal) -> Iterator[Integrator]:
    """Who writes and reads through the API of the test's portal."""
    found = Integrator(portal)
    yield found
    found.close()
