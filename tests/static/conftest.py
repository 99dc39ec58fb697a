"""The browser the scripts are tested in."""

import os
import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.static.browser_portal import Portal

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed; set CHROMIUM to its path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def portal(browser: Browser) -> Iterator[Portal]:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.set_default_timeout(5000)
    portal = Portal(page)
    page.route("**/*", portal.answer)
    page.route_web_socket("**/ws/**", portal.connect)
    page.on("console", lambda message: portal.errors.append(message.text) if "Content Security" in message.text else 0)
    page.on("pageerror", lambda error: portal.errors.append(str(error)))
    yield portal
    assert portal.errors == []
    page.close()
