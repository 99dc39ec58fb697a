"""How the page of a busy subject comes to be: nothing moves, little is prepared, nothing goes out raw."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, Response, Route, expect

from tests.flows.conftest import STUDY, People

pytestmark = pytest.mark.flow

# As many events as any subject of the pilot.
BUSY = f"/studies/{STUDY}/subjects/01-717-1004/"
# The Core Web Vitals call 0.1 good; one line that moves on a phone costs 0.0015, the sign of life in the bar nothing.
MOST_SHIFT = 0.001
SLOW_DEVICE = 6
WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
PREPARED = """() => [...document.querySelectorAll("*")].filter((element) => "htmx-internal-data" in element).length"""


def held(page: Page, address: str) -> Callable[[], None]:
    """Keep back the answers to an address; what is given back lets them go."""
    waiting: list[Route] = []

    def keep(route: Route) -> None:
        waiting.append(route)

    def let_go() -> None:
        assert waiting, f"nobody asked for {address}"
        while waiting:
            waiting.pop().continue_()

    page.route(address, keep)
    return let_go


@pytest.mark.parametrize("width", [1280, 390])
@pytest.mark.parametrize("slow", ["timeline", "problems"])
def test_nothing_moves_while_the_page_of_a_subject_loads(people: People, width: int, slow: str) -> None:
    person = people.sign_in("medical.monitor", width=width)
    page = person.page
    page.add_init_script(WATCH_SHIFTS)
    # What comes one after another on a slow device comes in one frame on a fast one.
    person.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW_DEVICE})
    let_go = held(page, f"**/panels/{slow}/**")
    page.goto(f"{person.portal.url}{BUSY}")
    expect(page.locator("#panel-laboratory svg").first).to_be_attached()
    expect(page.locator("#panel-laboratory")).to_be_hidden()
    let_go()
    expect(page.locator("#panel-laboratory")).to_be_visible()
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shifted") <= MOST_SHIFT


def test_a_page_of_many_values_is_prepared_once_and_not_for_each(people: People) -> None:
    page = people.sign_in("medical.monitor").open(BUSY)
    values, prepared = page.locator("[data-value]").count(), page.evaluate(PREPARED)
    assert values > 400
    assert prepared < values / 10


def test_every_file_of_the_page_is_compressed_and_kept_for_good(people: People) -> None:
    person = people.sign_in("medical.monitor")
    files: list[Response] = []
    person.page.on("response", lambda answer: files.append(answer) if "/static/" in answer.url else None)
    # A browser of its own, because what is kept for good is not asked for again.
    person.context.new_cdp_session(person.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    person.open(BUSY)
    assert len(files) > 15
    for answer in files:
        assert is_kept_for_good(answer.all_headers()), answer.url


def is_kept_for_good(headers: dict[str, Any]) -> bool:
    """Whether a file never has to be asked for again; fonts are compressed in themselves."""
    is_small = headers["content-type"] == "font/woff2" or headers.get("content-encoding") in {"br", "gzip"}
    return is_small and "immutable" in headers["cache-control"]
