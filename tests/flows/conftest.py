"""A running portal on a fresh database and a real Chromium."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "a-long-demo-password"
QUIET = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
STUDY = "CDISCPILOT01"


@dataclass
class Portal:
    """A portal that serves the demonstration, with what a person or a client needs to reach it."""

    url: str
    environment: Mapping[str, str]
    _token: str = field(default="", repr=False)
    _is_whole: bool = False

    def command(self, *arguments: str) -> str:
        """Run a management command beside the server."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT,
            env=dict(self.environment),
            check=True,
            capture_output=True,
            text=True,
            timeout=240,
        )
        return done.stdout

    def let_the_rest_arrive(self) -> None:
        """The data that the demonstration holds back, once for all stories."""
        if not self._is_whole:
            assert "is in" in self.command("replay_study", STUDY, "--all")
            self._is_whole = True

    @property
    def token(self) -> str:
        """The client's bearer token."""
        return self._token

    def api(self, method: str, path: str, json: object = None) -> requests.Response:
        """One request of the API client."""
        if not self._token:
            answer = requests.post(
                f"{self.url}/o/token/",
                data={"grant_type": "client_credentials"},
                auth=("flow", "flow-secret"),
                timeout=20,
            )
            self._token = answer.json()["access_token"]
        return requests.request(
            method, f"{self.url}{path}", json=json, headers={"Authorization": f"Bearer {self._token}"}, timeout=30
        )

    def write(self, subject_id: str, domain: str, values: Mapping[str, object], key: str | None = None) -> None:
        """Write one record as the API client."""
        record = {"domain": domain, "subject_id": subject_id, "values": dict(values), "key": key}
        answer = self.api(
            "POST", f"/api/v1/studies/{STUDY}/records/", {"reason": "Site corrected", "records": [record]}
        )
        assert answer.status_code == 200, answer.text


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """The demonstration on a free port; ready once the pilot is in."""
    folder, port = tmp_path_factory.mktemp("portal"), _free_port()
    environment = {
        **{name: value for name, value in os.environ.items() if name not in {"DJANGO_SETTINGS_MODULE", "REDIS_URL"}},
        "DATABASE_URL": f"sqlite:///{folder / 'portal.sqlite3'}",
        "SECRET_KEY": "only-for-this-run",
        "PORT": str(port),
        "DEMO_PASSWORD": PASSWORD,
        "DEMO_CLIENT_ID": "flow",
        "DEMO_CLIENT_SECRET": "flow-secret",
    }
    with (folder / "log").open("w") as log:
        server = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdout=log, stderr=log
        )
    try:
        found = Portal(f"http://127.0.0.1:{port}", environment)
        _wait_until_ready(found, server, folder / "log")
        yield found
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_until_ready(portal: Portal, server: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 150
    while time.monotonic() < deadline:
        assert server.poll() is None, log.read_text()
        try:
            if requests.get(f"{portal.url}/health/ready", timeout=5).status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.5)
    pytest.fail(f"the portal was not ready in time: {log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, driven headless."""
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if executable is None:
        pytest.fail("Chromium is not installed: apt-get install chromium, or set CHROMIUM to its path")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=executable, args=QUIET.split())
        yield found
        found.close()


@dataclass
class Person:
    """Somebody with a browser of their own, signed in."""

    page: Page
    context: BrowserContext
    portal: Portal

    def open(self, path: str) -> Page:
        """Go to a page and wait until its panels are in."""
        self.page.goto(f"{self.portal.url}{path}")
        self.page.wait_for_load_state("networkidle")
        return self.page


@pytest.fixture
def people(portal: Portal, browser: Browser) -> Iterator["People"]:
    """Signs people in, each in a browser context of their own."""
    found = People(portal, browser)
    yield found
    found.leave()


class People:
    """The persons of a story."""

    def __init__(self, portal: Portal, browser: Browser) -> None:
        self._portal, self._browser = portal, browser
        self._contexts: list[BrowserContext] = []

    def sign_in(self, username: str, *, width: int = 1280) -> Person:
        """One-step sign-in from the unsigned home page."""
        context = self._browser.new_context(viewport={"width": width, "height": 900})
        context.set_default_timeout(20_000)
        self._contexts.append(context)
        page = context.new_page()
        page.goto(f"{self._portal.url}/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("button[type=submit]")
        page.wait_for_load_state("networkidle")
        return Person(page, context, self._portal)

    def leave(self) -> None:
        """Close every browser context."""
        for context in self._contexts:
            context.close()
