"""The main job, end to end, in a real browser on a fresh database."""

import re
from typing import Any
from urllib.parse import quote

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.flows.conftest import PASSWORD, STUDY, People, Person, Portal
from tests.flows.pictures import picture

pytestmark = pytest.mark.flow

SUBJECT = "01-718-1371"
TWIN = f"/studies/{STUDY}/subjects/{SUBJECT}/"
# What would tell a blinded reader the treatment of anybody.
TREATMENT = re.compile(r"xanomeline|placebo|high dose|low dose|xan_(hi|lo)|\b(54|81) ?mg\b", re.IGNORECASE)
ALT = {
    "LBTESTCD": "ALT",
    "LBTEST": "Alanine Aminotransferase",
    "LBCAT": "CHEMISTRY",
    "LBORRES": "47",
    "LBORRESU": "U/L",
    "LBSTRESC": "47",
    "LBSTRESN": 47,
    "LBSTRESU": "U/L",
    "LBSTNRLO": 6,
    "LBSTNRHI": 32,
    "LBDTC": "2013-05-23T09:10",
}


def assert_accessible(page: Page) -> None:
    """No violation of WCAG 2.2 AA that axe can find."""
    found = Axe().run(page, options={"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]})
    assert found.violations_count == 0, found.generate_report()


def narrative_of(portal: Portal, subject: str = SUBJECT) -> dict[str, Any]:
    listed = portal.api("GET", f"/api/v1/studies/{STUDY}/narratives/").json()["results"]
    identifier = next(row["id"] for row in listed if row["subject_id"] == subject)
    document: dict[str, Any] = portal.api("GET", f"/api/v1/narratives/{identifier}/").json()
    return document


def event_record(portal: Portal, subject: str, term: str) -> str:
    twin = portal.api("GET", f"/api/v1/studies/{STUDY}/subjects/{quote(subject, safe='')}/twin/").json()
    return next(node["id"] for node in twin["nodes"] if term in str(node["values"].get("AEDECOD", "")))


def walk_to_subject(person: Person, subject: str) -> Page:
    """From wherever one is, by the links of the portal; on a phone they are behind the menu."""
    page = person.page
    if page.viewport_size and page.viewport_size["width"] < 900:
        page.get_by_text("Menu", exact=True).click()
    page.get_by_role("link", name="Subjects", exact=True).locator("visible=true").first.click()
    page.get_by_label("Search").fill(subject)
    page.get_by_role("button", name="Apply").click()
    page.get_by_role("link", name=subject).first.click()
    expect(page.locator("#panel-timeline svg").locator("visible=true").first).to_be_visible()
    return page


def test_the_whole_story(portal: Portal, people: People) -> None:
    author = people.sign_in("safety.author")
    picture(author.page, "home")
    assert_accessible(author.page)
    a_laboratory_value_appears_while_one_watches(portal, author)
    narrative_path = the_rest_of_the_trial_arrives_and_a_narrative_is_drafted(portal, author)
    a_sentence_shows_its_facts(author)
    the_author_submits_and_may_not_approve(author)
    another_person_finds_the_way_and_signs(portal, people.sign_in("safety.physician"))
    signed = narrative_of(portal)
    the_signed_text_turns_stale_while_it_is_read(portal, author)
    a_refresh_keeps_what_was_not_affected(portal, author, signed)
    the_slider_goes_back_to_what_the_signer_saw(author)
    the_blinded_cra_finds_no_trace_of_treatment(portal, people.sign_in("cra"), narrative_path)


def a_laboratory_value_appears_while_one_watches(portal: Portal, author: Person) -> None:
    page = walk_to_subject(author, SUBJECT)
    expect(page.locator("#live-state")).to_contain_text("Live")
    page.evaluate("window.stillTheSamePage = true")
    portal.write(SUBJECT, "LB", ALT)
    expect(page.get_by_text("47 U/L").first).to_be_visible()
    assert page.evaluate("window.stillTheSamePage") is True
    assert_accessible(page)


def the_rest_of_the_trial_arrives_and_a_narrative_is_drafted(portal: Portal, author: Person) -> str:
    portal.let_the_rest_arrive()
    page = walk_to_subject(author, SUBJECT)
    picture(page, "twin")
    page.get_by_role("button", name="Draft narrative").click()
    page.wait_for_url("**/narratives/**")
    # The text comes by itself, with its evidence and its check: nobody reloads, nobody submits what they cannot read.
    page.evaluate("window.stillTheSamePage = true")
    expect(page.locator("#document")).to_contain_text("checked against the data")
    expect(page.locator("#text [data-sentence]").nth(20)).to_be_visible()
    expect(page.locator("#checked")).to_contain_text("27 of 27")
    expect(page.locator("#versions")).to_contain_text("Version 1")
    expect(page.get_by_role("button", name="Submit for review")).not_to_have_attribute("aria-disabled", "true")
    assert page.evaluate("window.stillTheSamePage") is True
    return page.url.partition("?")[0].replace(portal.url, "")


def a_sentence_shows_its_facts(author: Person) -> None:
    page = author.page
    page.locator("[data-sentence]", has_text="hospitalisation").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#evidence")).to_contain_text("AESHOSP")
    expect(page.locator("#evidence")).to_contain_text("ae.parquet")
    picture(page, "narrative")
    assert_accessible(page)


def the_author_submits_and_may_not_approve(author: Person) -> None:
    page = author.page
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#document")).to_contain_text("in review")
    expect(page.locator("#document")).to_contain_text("You wrote this version; another person must decide on it.")
    expect(page.get_by_text("Approve and sign version 1")).to_have_attribute("aria-disabled", "true")


def another_person_finds_the_way_and_signs(portal: Portal, physician: Person, subject: str = SUBJECT) -> None:
    """From "Waiting for me" to the decision in one click; nothing is chosen for the signer."""
    page = physician.page
    waiting = page.locator("li.work", has_text=subject)
    waiting.get_by_role("link", name="Decide on version 1").click()
    assert page.locator("input:checked").count() == 0
    sign = page.get_by_role("button", name="Approve and sign version 1")
    page.get_by_label("Your password, again").fill("not the password")
    page.get_by_label("Approval: I approve version 1").check()
    sign.click()
    expect(page.locator("#not-done")).to_contain_text("nothing was signed")
    expect(page.locator("#not-done")).to_be_focused()
    page.locator("summary").first.click()
    expect(page.locator("#sentence-1")).to_contain_text("Set by")
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]  # type: ignore[index]
    picture(page, "sign-off")
    assert_accessible(page)
    page.get_by_label("Your password, again").fill(PASSWORD)
    page.get_by_label("Approval: I approve version 1").check()
    sign.click()
    expect(page.locator("body")).to_contain_text("Version signed")
    expect(page.locator("#content")).to_contain_text("Amara Okafor, MD")
    signed = narrative_of(portal, subject)
    assert (signed["state"], signed["currency"]) == ("signed", "current")


def the_signed_text_turns_stale_while_it_is_read(portal: Portal, author: Person) -> None:
    """The page was left open since it was submitted: it shows the signature, then that the data moved."""
    page = author.page
    expect(page.locator("#signatures")).to_contain_text("Amara Okafor, MD")
    values = {"AEOUT": "RECOVERED/RESOLVED WITH SEQUELAE"}
    portal.write(SUBJECT, "AE", values, key=event_record(portal, SUBJECT, "SEIZURES"))
    banner = page.locator("#stale-banner")
    expect(banner).to_be_visible(timeout=5_000)
    expect(banner.locator("del")).to_contain_text("recovered")
    expect(banner.locator("ins")).to_contain_text("sequelae")
    expect(page.locator(".sentence--stale").first).to_be_visible()
    expect(page.locator("#checked")).to_contain_text("26 of 27")
    expect(page.locator("#versions")).to_contain_text("stale")
    picture(page, "stale")


def a_refresh_keeps_what_was_not_affected(portal: Portal, author: Person, signed: dict[str, Any]) -> None:
    page = author.page
    page.get_by_role("button", name="Refresh draft").click()
    expect(page.locator("#document")).to_contain_text("version 2")
    renewed = narrative_of(portal)
    before = [item["text"] for item in signed["sentences"]]
    after = [item["text"] for item in renewed["sentences"]]
    assert len([text for text in after if text in before]) >= len(after) - 2
    assert any("sequelae" in text for text in after)
    assert renewed["currency"] == "current"
    assert len(renewed["signatures"]) == 1


def the_slider_goes_back_to_what_the_signer_saw(author: Person) -> None:
    page = author.page
    page.get_by_role("link", name="See what the signer saw").first.click()
    page.wait_for_load_state("networkidle")
    expect(page.locator("main")).to_contain_text(re.compile("looking at version|as known on", re.IGNORECASE))
    expect(page.locator("main")).not_to_contain_text("sequelae")


def the_blinded_cra_finds_no_trace_of_treatment(portal: Portal, cra: Person, narrative_path: str) -> None:
    study = f"/studies/{STUDY}/"
    places = ["/", study, f"{study}subjects/", TWIN, f"{study}narratives/", narrative_path, f"{study}imports/"]
    for path in places:
        page = cra.open(path)
        assert not TREATMENT.search(page.content()), path
        assert_accessible(page)
    assert cra.page.request.get(f"{portal.url}{study}subjects/01-701-1015/").status == 200
    assert cra.page.request.get(f"{portal.url}{study}subjects/01-705-1186/").status == 404


@pytest.mark.parametrize("path", ["/", f"/studies/{STUDY}/", f"/studies/{STUDY}/subjects/", TWIN])
def test_pages_fit_a_phone(people: People, path: str) -> None:
    person = people.sign_in("medical.monitor", width=390)
    page = person.open(path)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)


def test_the_way_to_the_signature_on_a_phone(portal: Portal, people: People) -> None:
    """Draft, read, submit, find the way, sign, stale: by links and buttons alone, without a reload."""
    portal.let_the_rest_arrive()
    subject = "01-704-1445"
    author, physician = people.sign_in("safety.author", width=390), people.sign_in("safety.physician", width=390)
    page = walk_to_subject(author, subject)
    expect(page.locator("#live-state")).to_contain_text("Live")
    page.get_by_role("button", name="Draft narrative").click()
    expect(page.locator("#text [data-sentence]").nth(5)).to_be_visible()
    page.locator("#text [data-sentence]").nth(5).click()
    expect(page.locator("#evidence")).to_contain_text("Evidence for sentence 6")
    page.get_by_role("button", name="Submit for review").click()
    expect(page.locator("#document")).to_contain_text("in review")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    physician.page.get_by_text("Menu", exact=True).click()
    physician.page.get_by_role("link", name="Home", exact=True).locator("visible=true").first.click()
    another_person_finds_the_way_and_signs(portal, physician, subject)
    expect(page.locator("#signatures")).to_contain_text("Amara Okafor, MD")
    portal.write(subject, "AE", {"AEREL": "POSSIBLE"}, key=event_record(portal, subject, "SUICIDE"))
    expect(page.locator("#stale-banner")).to_be_visible(timeout=5_000)
    expect(page.locator("#stale-banner")).to_contain_text("possible")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
