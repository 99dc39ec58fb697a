"""Plant small faults in every room, one at a time, and count those that the room's own tests notice.

A coverage figure says that a line ran; this says that somebody looked at what it did. `mutmut` makes the faults. They
are thirty thousand, so a fixed part of them is tried: which ones, a digest of the name decides, the same in every run.

A fault on the domain floor is tried with the tests of that floor first, which need no database; what lives on there is
tried again, like the faults of the floors above, with the tests of its room that reach it: the quickest of them, as
many as run in a few seconds, because what lives through them costs their whole time.
"""

import argparse
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "var" / "mutants"
ROOMS = ("core", "accounts", "studies", "twins", "compliance", "narratives", "operations")
UPPER_FLOORS = ("services", "selectors", "consumers")
MARK = 85
# Tests that one fault is tried with, in seconds of their own time.
MOST_SECONDS = 8.0
# Tests that hold outputs against what somebody has read see what no other asks, and are seldom among the quickest.
READ_WHOLE = "test_approved"
# Where else a room's behaviour is shown: what uses it, further right.
ELSEWHERE = {
    "accounts": ("tests/operations", "tests/compliance/services/test_noting.py"),
    "compliance": ("tests/narratives/services", "tests/narratives/api", "tests/operations/test_verify.py"),
    "core": ("tests/hostile",),
    "narratives": ("tests/compliance", "tests/operations"),
    "studies": ("tests/hostile", "tests/operations/test_verify.py"),
    "twins": ("tests/operations",),
}
KILLED = {"killed", "timeout", "caught by type check", "segfault", "suspicious"}

CONFIGURATION = """
[tool.mutmut]
source_paths = ["apps"]
only_mutate = {only}
also_copy = ["clinical_platform", "templates", "static", "locale", "manage.py", "docs", "requirements", "scripts"]
pytest_add_cli_args = ["--reuse-db", "-m", "not flow and not benchmark and not faults and not pilot"]
pytest_add_cli_args_test_selection = {tests}
process_isolation = "forkserver"
use_git_change_detection = false
timeout_multiplier = 4.0
timeout_constant = {patience}
"""


@dataclass(frozen=True, slots=True)
class Lane:
    """Floors of one room and the tests that must notice the faults in them."""

    name: str
    room: str
    floors: tuple[str, ...]
    tests: tuple[str, ...]
    patience: float

    @property
    def place(self) -> Path:
        return WORK / self.name

    def prepare(self) -> None:
        """Copy what git knows into a place of the lane's own, where the faults are written."""
        shutil.rmtree(self.place, ignore_errors=True)
        for name in _tracked():
            target = self.place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target)
        only = [f"apps/{self.room}/{floor}/*" for floor in self.floors]
        settings = CONFIGURATION.format(only=json.dumps(only), tests=json.dumps(self.tests), patience=self.patience)
        with (self.place / "pyproject.toml").open("a", encoding="utf-8") as project:
            project.write(settings)

    def names(self) -> list[str]:
        """All faults that can be planted on the lane's floors."""
        listing = subprocess.run(  # noqa: S603 - this interpreter and this file
            [sys.executable, __file__, "--names", *self.floors_paths()],
            cwd=self.place, check=True, capture_output=True, text=True,
        )  # fmt: skip
        return listing.stdout.split()

    def floors_paths(self) -> list[str]:
        return [f"apps/{self.room}/{floor}" for floor in self.floors]

    def run(self, names: Sequence[str], database: Path) -> dict[str, str]:
        """What became of each fault, by its name."""
        scratch = self.place / "tmp"
        scratch.mkdir(exist_ok=True)
        environment = {
            **{key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}},
            "CLINICAL_SHARED_DATA": os.environ.get("CLINICAL_SHARED_DATA", str(ROOT.parent / "shared" / "data")),
            "TEST_DATABASE_COPY_OF": str(database),
            "TMPDIR": str(scratch),
        }
        if not names:
            return {}
        # The first run finds out which tests reach which function.
        self._try(names[:1], environment)
        self._keep_quick_tests()
        self._try(names, environment)
        verdicts = self._verdicts()
        return {name: verdicts[name] for name in names}

    def _try(self, names: Sequence[str], environment: Mapping[str, str]) -> None:
        with (self.place / "run.log").open("w", encoding="utf-8") as log:
            done = subprocess.run(  # noqa: S603 - this interpreter, names that it made itself
                [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 2), *names],
                cwd=self.place, env=environment, stdout=log, stderr=subprocess.STDOUT, check=False,
            )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"The faults of {self.name} could not be tried; {log.name} says why.")

    def _keep_quick_tests(self) -> None:
        """Of the tests that reach a function keep the quickest that fit the time, and those that read it whole."""
        path = self.place / "mutants" / "mutmut-stats.json"
        stats = json.loads(path.read_text(encoding="utf-8"))
        seconds = stats["duration_by_test"]
        for function, tests in stats["tests_by_mangled_function_name"].items():
            ranked = sorted(tests, key=lambda test: (seconds.get(test, 0.0), test))
            spent = list(accumulate(seconds.get(test, 0.0) for test in ranked))
            fitting = max(sum(total <= MOST_SECONDS for total in spent), 1)
            whole = [test for test in ranked[fitting:] if READ_WHOLE in test]
            stats["tests_by_mangled_function_name"][function] = ranked[:fitting] + whole
        path.write_text(json.dumps(stats), encoding="utf-8")

    def _verdicts(self) -> dict[str, str]:
        from mutmut.stats import status_by_exit_code  # noqa: PLC0415 - reads its settings where it is imported

        return {
            name: status_by_exit_code[code]
            for meta in (self.place / "mutants").rglob("*.meta")
            for name, code in json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"].items()
        }

    def difference(self, name: str) -> str:
        """The lines that the fault changed."""
        shown = subprocess.run(  # noqa: S603 - as above
            [sys.executable, "-m", "mutmut", "show", name], cwd=self.place, check=True, capture_output=True, text=True
        )
        lines = [line for line in shown.stdout.splitlines() if line[:1] in "+-" and line[:3] not in {"+++", "---"}]
        return "\n".join(lines)


def _tracked() -> list[str]:
    listing = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git of the machine
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    return [name for name in listing.stdout.splitlines() if (ROOT / name).is_file()]


def print_names(folders: Iterable[str]) -> None:
    """Print every fault that can be planted in *folders*; run where the settings of `mutmut` are."""
    from mutmut.mutation.file_mutation import mutate_file_contents  # noqa: PLC0415 - as above
    from mutmut.utils.format_utils import get_mutant_name  # noqa: PLC0415

    for folder in folders:
        for path in sorted(Path(folder).rglob("*.py")):
            mutated = mutate_file_contents(str(path), path.read_text(encoding="utf-8"))
            for name in mutated.mutant_names:
                print(get_mutant_name(path, name))


def drawn(names: Iterable[str], one_in: int) -> list[str]:
    """A fixed part of *names*: the same ones in every run, whatever is added beside them."""
    return [name for name in names if int(hashlib.sha256(name.encode()).hexdigest(), 16) % one_in == 0]


def try_room(room: str, domain_one_in: int, upper_one_in: int, database: Path) -> tuple[Counter[str], list[str]]:
    """How many faults of *room* had which end, and those that lived, each with what it changed."""
    verdicts: dict[str, str] = {}
    domain = ROOT / "tests" / room / "domain"
    if domain.is_dir():
        quick = Lane(f"{room}-domain", room, ("domain",), (f"tests/{room}/domain",), 1.5)
        quick.prepare()
        verdicts |= quick.run(drawn(quick.names(), domain_one_in), database)
    full = Lane(f"{room}-room", room, ("domain", *UPPER_FLOORS), (f"tests/{room}", *ELSEWHERE.get(room, ())), 6.0)
    full.prepare()
    lived = [name for name, end in verdicts.items() if end not in KILLED]
    upper = [name for name in full.names() if f"apps.{room}.domain." not in name]
    verdicts |= full.run([*lived, *drawn(upper, upper_one_in)], database)
    left = sorted(name for name, end in verdicts.items() if end not in KILLED)
    floors = Counter(f"{_floor(name)} {'killed' if end in KILLED else 'alive'}" for name, end in verdicts.items())
    return floors, [f"{verdicts[name]}: {name}\n{full.difference(name)}\n" for name in left]


def _floor(name: str) -> str:
    return name.split(".")[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--domain-one-in", type=int, default=40, help="the part of the domain's faults that is tried")
    parser.add_argument("--upper-one-in", type=int, default=48, help="the part of the other floors' faults")
    parser.add_argument("--room", action="append", choices=ROOMS, help="this room alone; may be given again")
    parser.add_argument("--names", nargs="+", metavar="FOLDER", help="print the faults of these folders and stop")
    options = parser.parse_args()
    if options.names:
        print_names(options.names)
        return 0
    WORK.mkdir(parents=True, exist_ok=True)
    database = WORK / "made.sqlite3"
    make_database(database)
    total: Counter[str] = Counter()
    for room in options.room or ROOMS:
        floors, left = try_room(room, options.domain_one_in, options.upper_one_in, database)
        (WORK / f"{room}.txt").write_text("\n".join(left), encoding="utf-8")
        report(room, floors)
        total += Counter({end: sum(n for key, n in floors.items() if key.endswith(end)) for end in ("killed", "alive")})
    share = 100 * total["killed"] / total.total()
    print(f"All: {total['killed']} of {total.total()} killed, {share:.1f} %; asked are {MARK} %")
    return 0 if share >= MARK else 1


def make_database(path: Path) -> None:
    """Migrate once; every process that tries a fault begins with a copy."""
    path.unlink(missing_ok=True)
    settings = {"DATABASE_URL": f"sqlite:///{path}", "DJANGO_SETTINGS_MODULE": "clinical_platform.settings.test"}
    subprocess.run([sys.executable, "manage.py", "migrate", "-v", "0"], cwd=ROOT, env=os.environ | settings, check=True)


def report(room: str, floors: Counter[str]) -> None:
    for floor in sorted({key.split()[0] for key in floors}):
        killed, alive = floors[f"{floor} killed"], floors[f"{floor} alive"]
        share = 100 * killed / (killed + alive)
        print(f"{room:12} {floor:10} {killed:5} of {killed + alive:5} killed  {share:5.1f} %", flush=True)


if __name__ == "__main__":
    sys.exit(main())
