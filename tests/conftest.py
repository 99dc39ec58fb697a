"""What every test may use."""

import os
from pathlib import Path

import pytest
from django.core.cache import cache

from apps.core.services import jobs
from apps.twins.selectors import twins
from apps.twins.services.announcing import losses
from apps.twins.services.evolving import hot_twins


@pytest.fixture(autouse=True)
def _fresh_process_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts like a new process: no twin, no cached answer and no lost message of an earlier test."""
    losses.forget()
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    twins.forget_read_twins()
    hot_twins.forget()
    cache.clear()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder with real data files; skips where it is absent."""
    root = Path(os.environ.get("CLINICAL_SHARED_DATA", Path(__file__).resolve().parents[2] / "shared" / "data"))
    if not (root / "cdiscpilot01").is_dir():
        pytest.skip("the CDISC pilot files are not here; set CLINICAL_SHARED_DATA to their folder")
    return root
