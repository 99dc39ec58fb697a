"""Real processes that a test may kill and freeze: PostgreSQL, Redis, web and worker, all its own."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import httpx
import psycopg

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60.0
Found = TypeVar("Found")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


def eventually(ask: Callable[[], Found | None], what: str, patience: float = PATIENCE) -> Found:
    """The first true answer; fails with what was waited for when the deadline passes."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"Not within {patience:.0f} s: {what}")


class Machine:
    """One process with its log."""

    def __init__(self, name: str, command: list[str], folder: Path, env: dict[str, str] | None = None) -> None:
        self.name, self._command, self._env = name, command, env
        self._log = folder / f"{name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it in a process group of its own."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command, cwd=ROOT, env=self._env, stdout=log, stderr=log, start_new_session=True
            )

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to it and to whatever it started."""
        if self._process is not None and self._process.poll() is None:
            os.killpg(self._process.pid, number)

    def kill(self) -> None:
        """kill -9, and wait until it is gone."""
        self.signal(signal.SIGKILL)
        if self._process is not None:
            self._process.wait(timeout=PATIENCE)

    def freeze(self) -> None:
        """It keeps its connections and answers nothing."""
        self.signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """It goes on as if nothing had happened."""
        self.signal(signal.SIGCONT)

    @property
    def log(self) -> str:
        """What it said so far."""
        return self._log.read_text(errors="replace") if self._log.exists() else ""


class Postgres:
    """A cluster of the test's own, as the user whom PostgreSQL wants."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self._folder, self._data = folder, folder / "data"
        self._bin = postgres_programs()
        self._user = "postgres" if os.geteuid() == 0 else None

    def create(self) -> None:
        """Make the cluster and start it."""
        if self._user:
            shutil.chown(self._folder, self._user)
        self._run("initdb", "-D", self._data, "-U", "postgres", "--auth=trust", "--no-sync", "-E", "UTF8")
        self.start()

    def start(self) -> None:
        """Start the cluster and wait until it answers."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", self._folder / "postgres.log", "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would: every connection breaks, nothing is finished."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop", check=False)

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """While open there is no database."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def restart(self) -> None:
        """Break every connection and come back."""
        with self.stopped():
            pass

    def url(self, database: str) -> str:
        """Where a database of the cluster is."""
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def sql(self, statement: str, *values: object, database: str = "postgres") -> list[tuple[object, ...]]:
        """Run one statement outside of any transaction."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            cursor = connection.execute(statement, values or None)  # type: ignore[arg-type]  # written in the test
            return cursor.fetchall() if cursor.description else []

    def _run(self, program: str, *arguments: object, check: bool = True) -> None:
        command = [str(self._bin / program), *map(str, arguments)]
        subprocess.run(command, check=check, user=self._user, cwd=self._folder, stdout=subprocess.DEVNULL)


def postgres_programs() -> Path:
    """Where Debian keeps the programs of the newest PostgreSQL."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not found:
        raise FileNotFoundError("PostgreSQL is not installed: apt-get install postgresql")
    return found[-1].parent


def redis_machine(folder: Path, port: int) -> Machine:
    """A Redis that keeps nothing."""
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    return Machine("redis", command, folder)


class Portal:
    """One database, one Redis, and as many processes as the test starts."""

    def __init__(self, postgres: Postgres, database: str, folder: Path, **settings: object) -> None:
        self.postgres, self.database, self._folder = postgres, database, folder
        self._redis_port, self.port = free_port(), free_port()
        self.redis = redis_machine(folder, self._redis_port)
        self._settings = {name: str(value) for name, value in settings.items()}
        self._machines: list[Machine] = [self.redis]

    @property
    def env(self) -> dict[str, str]:
        """The environment of its processes."""
        inherited = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
        return {
            **inherited,
            "DJANGO_SETTINGS_MODULE": "clinical_platform.settings.local",
            "SECRET_KEY": "a key of the tests that kill and freeze",
            "DATABASE_URL": self.postgres.url(self.database),
            "REDIS_URL": f"redis://127.0.0.1:{self._redis_port}/0",
            "IMPORT_FILES_DIR": str(self._folder / "imports"),
            "LOG_LEVEL": "INFO",
            "SWEEP_SECONDS": "0.5",
            **self._settings,
        }

    def web(self) -> Machine:
        """A process of pages, API and sockets, once it answers."""
        command = [sys.executable, "-m", "uvicorn", "clinical_platform.asgi:application", "--lifespan", "off"]
        command += ["--port", str(self.port), "--log-level", "warning", "--ws", "websockets-sansio"]
        machine = self._started(Machine("web", command, self._folder, self.env))
        eventually(self._is_up, f"web answers\n{machine.log[-2000:]}")
        return machine

    def worker(self, name: str = "worker") -> Machine:
        """A process that does jobs, once it has given a sign of life."""
        command = [sys.executable, "-m", "celery", "-A", "clinical_platform", "worker", "--pool", "threads"]
        command += ["--concurrency", "2", "--hostname", f"{name}@test", "--loglevel", "INFO"]
        machine = self._started(Machine(name, command, self._folder, self.env))
        alive = "SELECT 1 FROM core_heartbeat WHERE name = %s AND at > now() - interval '5 seconds'"
        eventually(lambda: self.sql(alive, f"{name}@test"), f"{name} is alive")
        return machine

    def start(self) -> None:
        """Start what every test needs."""
        self.redis.start()
        eventually(self._redis_answers, "Redis answers")

    def restart_redis(self) -> None:
        """Kill Redis and start it again."""
        self.redis.kill()
        self.redis.start()
        eventually(self._redis_answers, "Redis answers again")

    def stop(self) -> None:
        """Kill whatever still runs, frozen or not."""
        for machine in self._machines:
            machine.kill()

    def sql(self, statement: str, *values: object) -> list[tuple[object, ...]]:
        """Ask the portal's own database."""
        return self.postgres.sql(statement, *values, database=self.database)

    def client(self, timeout: float = 30.0) -> httpx.Client:
        """An HTTP client of the web process."""
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=timeout)

    def _started(self, machine: Machine) -> Machine:
        self._machines.append(machine)
        machine.start()
        return machine

    def _is_up(self) -> bool:
        try:
            with self.client(timeout=5.0) as client:
                return client.get("/health/live").status_code == 200
        except httpx.TransportError:
            return False

    def _redis_answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self._redis_port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False
