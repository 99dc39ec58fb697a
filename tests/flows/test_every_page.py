"""Every page, at every width: nothing leaves it, axe finds nothing, keys reach everything in few steps."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.flows.conftest import STUDY, People

pytestmark = pytest.mark.flow

STUDY_PAGE = f"/studies/{STUDY}/"
# As many events as any subject of the pilot.
TWIN = f"{STUDY_PAGE}subjects/01-717-1004/"
# 1440 px at 100 to 200 per cent, and what lies between a phone and a desk.
WIDTHS = (320, 360, 390, 480, 640, 720, 800, 900, 901, 960, 1024, 1100, 1180, 1181, 1280, 1440)
PAGES = {
    "safety.author": [
        "/", STUDY_PAGE, f"{STUDY_PAGE}subjects/", f"{STUDY_PAGE}subjects/?search=nothing-of-the-kind", TWIN,
        f"{TWIN}?lab=all", f"{STUDY_PAGE}narratives/", "/password/", "/nowhere/", "/api/v1/docs/",
    ],
    "data.manager": ["/", f"{STUDY_PAGE}imports/", f"{STUDY_PAGE}imports/new/", f"{STUDY_PAGE}imports/1/"],
    "unblinded.monitor": [STUDY_PAGE, TWIN, f"{STUDY_PAGE}blinding/"],
    "auditor": ["/admin/", "/admin/compliance/trailentry/", "/admin/compliance/review/", "/admin/core/job/"],
}  # fmt: skip
STOPS = """() => [...document.querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]")]
    .filter((element) => element.tabIndex >= 0 && element.checkVisibility()).length"""
SIZES = """() => [...document.querySelectorAll("svg text")].filter((text) => text.checkVisibility())
    .map((text) => parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a)"""


def assert_fits(page: Page, path: str) -> None:
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        reach = page.evaluate("document.documentElement.scrollWidth")
        assert reach <= width, f"{path} is {reach} px wide at {width} px"


def assert_accessible(page: Page, path: str) -> None:
    for width in (1280, 390):
        page.set_viewport_size({"width": width, "height": 900})
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path} at {width} px: {found.generate_report()}"


@pytest.mark.parametrize(("name", "path"), [(name, path) for name, paths in PAGES.items() for path in paths])
def test_a_page_fits_every_width_and_passes_the_accessibility_rules(people: People, name: str, path: str) -> None:
    page = people.sign_in(name).open(path)
    page.wait_for_load_state("networkidle")
    assert_fits(page, path)
    assert_accessible(page, path)


@pytest.mark.parametrize("path", [TWIN, f"{TWIN}?lab=all"])
def test_the_page_of_a_subject_is_walked_by_keys_in_at_most_sixty_steps(people: People, path: str) -> None:
    page = people.sign_in("medical.monitor").open(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(STOPS) <= 60
    values = page.locator("#panel-problems tbody a")
    expect(values.nth(1)).to_have_attribute("tabindex", "-1")
    values.first.focus()
    page.keyboard.press("ArrowRight")
    expect(values.nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer-title")).to_be_focused()
    page.keyboard.press("Escape")
    expect(values.nth(1)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("#panel-problems tbody tr:nth-child(2) a").first).to_be_focused()


def test_the_text_of_charts_is_legible_and_never_scaled_up(people: People) -> None:
    page = people.sign_in("medical.monitor").open(TWIN)
    page.wait_for_load_state("networkidle")
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        sizes = page.evaluate(SIZES)
        assert sizes, width
        assert min(sizes) >= 10.5, width
        assert max(sizes) <= 12, width


def test_after_a_navigation_the_focus_is_on_the_heading(people: People) -> None:
    page = people.sign_in("medical.monitor").open(STUDY_PAGE)
    page.get_by_role("link", name="Narratives", exact=True).first.click()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.goto(f"{page.url}#narratives")
    page.reload()
    expect(page.get_by_role("heading", level=1)).not_to_be_focused()
