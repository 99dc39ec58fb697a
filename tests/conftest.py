"""What every test may use."""

import os
import re
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations
from django.db.backends.signals import connection_created
from hypothesis import HealthCheck, settings

from apps.core.services import jobs
from apps.operations.services.app_role import make_app_role
from apps.twins.selectors import twins
from apps.twins.services.announcing import losses
from apps.twins.services.evolving import hot_twins
from tests.factories import same_names_again
from tests.history import everything_rewritable

# The same examples in every run: a suite that fails must fail again (HYPOTHESIS_PROFILE=default looks for others).
settings.register_profile("suite", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "suite"))


@pytest.fixture(autouse=True)
def _fresh_process_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts like a new process: no twin, no cached answer and no lost message of an earlier test."""
    losses.forget()
    same_names_again()
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    twins.forget_read_twins()
    hot_twins.forget()
    cache.clear()


@pytest.fixture(scope="session", autouse=True)
def _databases_can_be_emptied() -> Iterator[None]:
    """Between tests that commit, the runner empties every table; history lets nobody else do that."""
    empty = BaseDatabaseOperations.execute_sql_flush

    def empty_as_owner(operations: Any, statements: Sequence[str]) -> None:
        # The library's own table of the trail refers to some of them; the portal has one of its own instead.
        with everything_rewritable():
            empty(operations, [re.sub(r"^(TRUNCATE .*);$", r"\1 CASCADE;", statement) for statement in statements])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", empty_as_owner)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """Where a database was made before, a process begins with a copy of it and migrates nothing (make mutants)."""
    made = os.environ.get("TEST_DATABASE_COPY_OF")
    if made is None:
        yield
        return
    own = Path(tempfile.gettempdir()) / f"copy-{os.getpid()}.sqlite3"
    shutil.copyfile(made, own)
    connection.settings_dict["TEST"]["NAME"] = str(own)
    yield
    own.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """On PostgreSQL the suite runs as the portal does: as a role that owns nothing and rewrites no history."""
    if connection.vendor != "postgresql":
        yield
        return
    role = f"{connection.settings_dict['NAME']}_app"

    def take_role(connection: BaseDatabaseWrapper, **kwargs: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {role}")

    with django_db_blocker.unblock():
        make_app_role(name=role, password=None)
        take_role(connection)
        connection_created.connect(take_role)
    yield
    with django_db_blocker.unblock():
        connection_created.disconnect(take_role)
        connection.close()
        with connection.cursor() as cursor:
            cursor.execute(f"DROP OWNED BY {role}; DROP ROLE {role}")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data files; skips where it is absent."""
    root = Path(os.environ.get("CLINICAL_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (root / "cdiscpilot01").is_dir():
        pytest.skip("the CDISC pilot files are not here; set CLINICAL_SHARED_DATA to their folder")
    return root
