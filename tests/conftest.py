"""What every test may use."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db.backends.base.operations import BaseDatabaseOperations

from apps.twins.selectors import twins
from apps.twins.services.evolving import hot_twins
from tests.history import everything_rewritable


@pytest.fixture(autouse=True)
def _fresh_process_state() -> None:
    """Each test starts like a new process: no twin and no cached answer of an earlier test."""
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
def shared_data() -> Path:
    """The folder with real data files; skips where it is absent."""
    root = Path(os.environ.get("CLINICAL_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (root / "cdiscpilot01").is_dir():
        pytest.skip("the CDISC pilot files are not here; set CLINICAL_SHARED_DATA to their folder")
    return root
