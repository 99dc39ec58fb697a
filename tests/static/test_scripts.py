"""The scripts in a real browser under a strict content policy: live, patient with failure, and usable by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from apps.twins.domain.drawing.svg import to_svg
from apps.twins.domain.drawing.timeline import draw_timeline
from apps.twins.domain.drawing.timeline_input import StudyDrug
from tests.static.browser_portal import ORIGIN, Portal, script
from tests.twins.domain.drawing.timelines import BLINDED_DRUG, DOSES, TARGET, event, medication, timeline

PANEL = (
    '<section data-panel="Chemistry" data-sections="laboratory" hx-get="/chemistry" hx-trigger="load, refresh"'
    ' hx-swap="morph:innerHTML"></section>'
)


def says(portal: Portal, message: str) -> None:
    portal.page.wait_for_function("document.querySelector('#live-state') !== null")
    portal.sockets[-1].send(message)


def test_a_change_refreshes_the_panel_that_shows_its_section_and_marks_it(portal):
    portal.gives(
        "/chemistry", "<h2>Chemistry</h2><p>ALT 20</p>", "<h2>Chemistry <i data-live-note></i></h2><p>ALT 107</p>"
    )
    portal.open(PANEL)
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()
    says(portal, '{"type": "hello", "version": 4}')
    says(portal, '{"type": "changed", "subject": "01-718-1371", "version": 5, "sections": ["laboratory"]}')
    expect(portal.page.get_by_text("ALT 107")).to_be_visible()
    expect(portal.page.locator("section.is-new")).to_contain_text("1 new, 0 s ago")
    expect(portal.page.locator("#announce")).to_have_text("Chemistry: 1 new.")


def test_a_change_brings_back_what_was_chosen_in_the_panel(portal):
    way = '<a href="/page?units=uln" hx-get="/multiples" hx-target="#p" hx-swap="morph:innerHTML">× ULN</a>'
    portal.gives("/chemistry", f"<p>ALT 20</p>{way}")
    portal.gives("/multiples", "<p>0.6 × ULN</p>", "<p>3.1 × ULN</p>")
    portal.open(PANEL.replace("<section ", '<section id="p" '))
    portal.page.get_by_role("link", name="× ULN").click()
    expect(portal.page.get_by_text("0.6 × ULN")).to_be_visible()
    portal.page.evaluate("document.activeElement.blur()")
    says(portal, '{"type": "changed", "subject": "01-718-1371", "version": 5, "sections": ["laboratory"]}')
    expect(portal.page.get_by_text("3.1 × ULN")).to_be_visible()
    assert portal.asked.count("/chemistry") == 1


def test_a_change_of_another_section_asks_for_nothing(portal):
    portal.gives("/chemistry", "<p>ALT 20</p>")
    portal.open(PANEL)
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()
    says(portal, '{"type": "changed", "subject": "01-718-1371", "version": 5, "sections": ["visits"]}')
    portal.page.wait_for_timeout(200)
    assert portal.asked.count("/chemistry") == 1


def test_a_panel_in_use_is_not_swapped_but_offers_to(portal):
    portal.gives("/chemistry", '<a href="#main">ALT 20</a>', '<a href="#main">ALT 107</a>')
    portal.open(PANEL)
    portal.page.get_by_text("ALT 20").focus()
    says(portal, '{"type": "changed", "subject": "01-718-1371", "version": 5, "sections": ["laboratory"]}')
    expect(portal.page.locator(".live-notice")).to_contain_text("1 new change. Show it")
    assert portal.asked.count("/chemistry") == 1
    portal.page.get_by_role("button", name="Show it").click()
    expect(portal.page.get_by_text("ALT 107")).to_be_visible()
    expect(portal.page.locator(".live-notice")).to_have_count(0)


def test_a_list_counts_its_changes_and_moves_only_when_asked(portal):
    portal.gives("/list", "<h2>List <i data-live-slot></i></h2><p>After</p>")
    portal.open(
        '<div data-live-list data-sections="visits" hx-get="/list" hx-trigger="refresh">'
        "<h2>List <i data-live-slot></i></h2><p>Before</p></div>"
    )
    place = portal.page.get_by_text("Before").bounding_box()
    for version in (5, 6, 6):
        says(portal, f'{{"type": "changed", "subject": "x", "version": {version}, "sections": ["visits"]}}')
    says(portal, '{"type": "changed", "sections": ["imports"]}')
    expect(portal.page.locator(".live-notice")).to_contain_text("2 new changes in this list. Show them")
    assert portal.page.get_by_text("Before").bounding_box() == place
    portal.page.get_by_role("button", name="Show them").click()
    expect(portal.page.get_by_text("After")).to_be_visible()
    expect(portal.page.locator(".live-notice")).to_have_count(0)


def test_a_page_behind_its_twin_asks_for_what_it_missed(portal):
    portal.open('<div data-live-version="3"></div>')
    says(portal, '{"type": "hello", "version": 5}')
    expect(portal.page.locator("#live-state")).to_contain_text("Live")
    assert portal.sent == ['{"type":"resume","version":3}']


def test_a_lost_connection_is_said_and_comes_back_by_itself(portal):
    portal.gives("/chemistry", "<p>ALT 20</p>", "<p>ALT 107</p>")
    portal.open(PANEL)
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()
    says(portal, '{"type": "hello", "version": 5}')
    expect(portal.page.locator("#live-state")).to_contain_text("Live")
    portal.sockets[0].close(code=1011)
    expect(portal.page.locator("#live-state")).to_contain_text("Reconnecting")
    portal.page.wait_for_function("performance.now() > 0")
    portal.page.wait_for_timeout(1500)
    assert len(portal.sockets) == 2
    says(portal, '{"type": "hello", "version": 7}')
    expect(portal.page.locator("#live-state")).to_contain_text("caught up")
    expect(portal.page.get_by_text("ALT 107")).to_be_visible()


def heard(portal: Portal) -> int:
    return sum("ping" in sent for sent in portal.sent)


def test_live_means_a_sign_of_life_within_ten_seconds(portal):
    portal.page.clock.install()
    portal.open("<p>Text</p>")
    says(portal, '{"type": "hello", "version": 5}')
    expect(portal.page.locator("#live-state")).to_contain_text("Live")
    for asked in (1, 2):
        portal.page.clock.run_for(5_000)
        assert heard(portal) == asked
        says(portal, '{"type": "pong"}')
        portal.page.wait_for_function("document.querySelector('#live-state').dataset.state === 'live'")
    portal.page.clock.run_for(8_000)
    assert len(portal.sockets) == 1
    portal.page.clock.run_for(2_500)
    expect(portal.page.locator("#live-state")).to_contain_text("Reconnecting")
    portal.page.clock.run_for(2_000)
    portal.page.wait_for_function("performance.now() > 0")
    assert len(portal.sockets) == 2


def test_a_socket_that_never_greets_is_tried_again(portal):
    portal.page.clock.install()
    portal.open("<p>Text</p>")
    expect(portal.page.locator("#live-state")).to_contain_text("Reconnecting")
    portal.page.clock.run_for(7_000)
    portal.page.wait_for_function("performance.now() > 0")
    assert len(portal.sockets) == 2


def test_what_moves_several_times_at_one_version_is_one_change(portal):
    portal.gives("/chemistry", "<h2>Chemistry <i data-live-note></i></h2>")
    portal.open(PANEL)
    expect(portal.page.get_by_text("Chemistry")).to_be_visible()
    for version in (5, 5, 6):
        says(portal, f'{{"type": "changed", "subject": "x", "version": {version}, "sections": ["laboratory"]}}')
    expect(portal.page.locator("section.is-new")).to_contain_text("2 new, 0 s ago")


def test_what_the_page_opened_itself_is_not_taken_for_a_reader_at_work(portal):
    portal.gives("/chemistry", "<details open data-opened><summary>Findings</summary></details>", "<p>ALT 107</p>")
    portal.open(PANEL)
    expect(portal.page.get_by_text("Findings")).to_be_visible()
    says(portal, '{"type": "changed", "subject": "x", "version": 5, "sections": ["laboratory"]}')
    expect(portal.page.get_by_text("ALT 107")).to_be_visible()


def test_a_refused_socket_is_not_opened_again(portal):
    portal.open("<p>Text</p>")
    says(portal, '{"type": "hello", "version": 5}')
    portal.sockets[0].close(code=4401)
    expect(portal.page.locator("#live-state")).to_contain_text("Not live, as of")
    expect(portal.page.locator("#live-state").get_by_text("Refresh")).to_be_visible()


def test_a_panel_that_fails_says_so_alone_and_can_be_tried_again(portal):
    portal.gives("/chemistry", 503, "<p>ALT 20</p>")
    portal.open(f"{PANEL}<p>The rest</p>")
    expect(portal.page.get_by_text("Chemistry could not be loaded")).to_be_visible()
    expect(portal.page.get_by_text("r-1")).to_be_visible()
    expect(portal.page.get_by_text("The rest", exact=True)).to_be_visible()
    portal.page.get_by_text("Try again").click()
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()


def test_a_failed_panel_tries_again_by_itself_after_two_seconds(portal):
    portal.gives("/chemistry", 503, "<p>ALT 20</p>")
    portal.open(PANEL)
    expect(portal.page.get_by_text("ALT 20")).to_be_visible(timeout=4000)


def test_a_panel_that_showed_data_keeps_it_when_a_refresh_fails(portal):
    portal.gives("/chemistry", "<p>ALT 20</p>", 503)
    portal.open(PANEL)
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()
    says(portal, '{"type": "changed", "subject": "x", "version": 5, "sections": ["laboratory"]}')
    expect(portal.page.get_by_text("could not refresh")).to_be_visible()
    expect(portal.page.get_by_text("ALT 20")).to_be_visible()


def test_a_slow_panel_shows_its_shape_while_it_waits(portal):
    portal.gives("/slow", "<p>Late</p>")
    portal.open('<section data-panel="Slow" hx-get="/slow" hx-trigger="refresh"></section>')
    portal.page.route("**/slow", lambda route: None)
    portal.page.evaluate("htmx.trigger(document.querySelector('[data-panel]'), 'refresh')")
    expect(portal.page.locator(".skeleton")).to_be_visible()
    expect(portal.page.locator("[aria-busy=true]")).to_have_count(1)


def test_what_stands_below_a_panel_is_shown_once_the_panel_is_there(portal):
    portal.gives("/upper", 500, "<p>upper</p>")
    held = []

    def hold(route):
        held.append(route)

    portal.page.route("**/upper", hold)
    portal.open(
        '<section data-panel="Upper" hx-get="/upper" hx-trigger="load, refresh"></section>'
        '<div class="section"><p>lower</p></div>'
    )
    lower = portal.page.get_by_text("lower")
    expect(portal.page.locator("[data-panel=Upper]")).to_have_attribute("aria-busy", "true")
    expect(lower).to_be_hidden()
    portal.answer(held.pop())
    # A panel that cannot be had says so, and keeps nothing else away.
    expect(portal.page.get_by_text("Upper")).to_be_visible()
    expect(lower).to_be_visible()
    portal.page.locator("[data-panel-retry]").click()
    expect(portal.page.locator("[data-panel=Upper]")).to_have_attribute("aria-busy", "true")
    expect(lower).to_be_visible()
    portal.answer(held.pop())
    expect(portal.page.get_by_text("upper", exact=True)).to_be_visible()
    expect(lower).to_be_visible()


HISTORY = (
    '<a href="/" data-drawer-close>Close</a><h2 id="drawer-title" tabindex="-1">ALT, 26 Jan 2014</h2><p>107 U/L</p>'
)
VALUE = '{% include "components/value_link.html" with value="107 U/L" page_url="/?value=LB/1" history_url="/history" %}'


def test_a_value_opens_its_history_and_escape_gives_the_focus_back(portal):
    portal.gives("/history", HISTORY)
    portal.open(VALUE)
    portal.page.get_by_text("107 U/L").click()
    expect(portal.page.locator("#drawer-title")).to_be_focused()
    assert portal.page.url == f"{ORIGIN}/?value=LB/1"
    expect(portal.page.locator("[data-value]")).to_have_attribute("aria-expanded", "true")
    portal.page.keyboard.press("Escape")
    expect(portal.page.locator("#drawer")).to_be_hidden()
    expect(portal.page.locator("[data-value]")).to_be_focused()
    assert portal.page.url == f"{ORIGIN}/"


def test_on_a_phone_the_history_is_a_dialog_over_the_page(portal):
    portal.page.set_viewport_size({"width": 390, "height": 800})
    portal.gives("/history", HISTORY)
    portal.open(VALUE)
    portal.page.get_by_text("107 U/L").click()
    expect(portal.page.locator("dialog[open] #drawer-title")).to_be_focused()
    portal.page.get_by_text("Close").click()
    expect(portal.page.locator("dialog[open]")).to_have_count(0)
    expect(portal.page.locator("[data-value]")).to_be_focused()


def test_a_history_that_fails_is_opened_as_a_page(portal):
    portal.gives("/history", 500)
    portal.open(VALUE)
    with portal.page.expect_navigation(url="**/?value=LB/1"):
        portal.page.get_by_text("107 U/L").click()


SLIDER = """
<form class="slider" method="get" data-slider><label for="v">As known on</label>
<input id="v" type="range" name="version" min="1" max="58" value="58" step="1" list="marks">
<datalist id="marks"><option value="36"></option><option value="46"></option></datalist>
<output data-slider-words></output>
<template data-slider-labels><p data-version="46">Version 46, 24 Jul 2013</p></template></form>
"""


def test_page_down_takes_the_slider_to_the_mark_before_and_opens_it(portal):
    portal.open(SLIDER, scripts=script("slider"))
    portal.page.locator("#v").focus()
    portal.page.keyboard.press("PageDown")
    expect(portal.page.locator("#v")).to_have_attribute("aria-valuetext", "Version 46, 24 Jul 2013")
    portal.page.wait_for_url("**/?version=46")
    expect(portal.page.locator("#v")).to_be_focused()


def test_the_last_version_needs_no_number_in_the_address(portal):
    portal.open(SLIDER.replace('value="58"', 'value="46"'), scripts=script("slider"), address="/?version=46")
    portal.page.locator("#v").focus()
    portal.page.keyboard.press("PageUp")
    portal.page.wait_for_url(f"{ORIGIN}/")


def sentence(number: int, text: str, css: str = "") -> str:
    return (
        f'<li class="sentence {css}"><a data-sentence href="/?sentence={number}" hx-get="/evidence/{number}"'
        f' hx-trigger="click, preview" hx-target="#evidence">{text}</a></li>'
    )


SENTENCES = (
    '<p><a href="#main" data-next-stale>next stale sentence</a></p><ol class="sentences" data-sentences>'
    + sentence(1, "One.")
    + sentence(2, "Two.")
    + sentence(3, "Three.", "sentence--stale")
    + '</ol><aside class="evidence" id="evidence" aria-label="Evidence"></aside>'
)


def open_sentences(portal: Portal) -> None:
    for number in (1, 2, 3):
        portal.gives(f"/evidence/{number}", f"<p>Facts of {number}</p>")
    portal.open(SENTENCES, scripts=script("sentences"))
    expect(portal.page.locator("[data-sentence][tabindex='0']")).to_have_count(1)


def test_sentences_are_one_tab_stop_arrows_move_and_enter_pins_the_evidence(portal):
    open_sentences(portal)
    portal.page.locator("[data-sentence]").first.focus()
    portal.page.keyboard.press("ArrowDown")
    expect(portal.page.get_by_text("Two.")).to_be_focused()
    portal.page.keyboard.press("Enter")
    expect(portal.page.locator("#evidence")).to_have_text("Facts of 2")
    assert portal.page.url == f"{ORIGIN}/?sentence=2"
    portal.page.keyboard.press("End")
    expect(portal.page.get_by_text("Three.")).to_be_focused()


def test_hovering_previews_a_sentence_and_leaving_returns_to_the_pinned_one(portal):
    open_sentences(portal)
    portal.page.get_by_text("Two.").click()
    portal.page.get_by_text("One.").hover()
    expect(portal.page.locator("#evidence")).to_have_text("Facts of 1")
    portal.page.get_by_role("heading", name="Page").hover()
    expect(portal.page.locator("#evidence")).to_have_text("Facts of 2")
    assert portal.page.url == f"{ORIGIN}/?sentence=2"


def test_the_next_stale_sentence_takes_the_focus(portal):
    open_sentences(portal)
    portal.page.get_by_text("next stale sentence").click()
    expect(portal.page.get_by_text("Three.")).to_be_focused()


def test_on_a_phone_the_evidence_opens_under_its_sentence(portal):
    portal.page.set_viewport_size({"width": 390, "height": 800})
    open_sentences(portal)
    portal.page.get_by_text("Two.").click()
    expect(portal.page.locator("li:nth-child(2) #evidence")).to_have_text("Facts of 2")


def test_progress_is_announced_at_its_steps_only(portal):
    bar = '{% include "components/progress.html" with label="Writing chemistry" done=DONE total=100 %}'
    portal.open(bar.replace("DONE", "63"), scripts=script("progress"))
    expect(portal.page.locator("#announce")).to_have_text("50 % done. Writing chemistry")


def charts() -> str:
    data = timeline(
        events=(event("Fatigue, mild", "2013-05-09", "2013-05-11"), event("Rash, mild", "2013-05-24", is_ongoing=True)),
        medications=(medication("Estrogen NOS 0.625 mg every other day, since 1984", "1984", is_ongoing=True),),
        study_drug=StudyDrug(BLINDED_DRUG.period, TARGET, DOSES),
    )
    return "".join(to_svg(drawing) for drawing in draw_timeline(data))


def test_a_chart_is_one_tab_stop_with_arrows_along_time_and_between_lanes(portal):
    portal.open(charts())
    chart = portal.page.locator("svg.chart-wide")
    expect(chart.locator("a[tabindex='0']")).to_have_count(1)
    chart.locator("a").first.focus()
    portal.page.keyboard.press("ArrowRight")
    expect(chart.locator("a:focus")).to_have_attribute("aria-label", "81 mg, 09 May to 01 Aug 2013, day 14")
    portal.page.keyboard.press("ArrowDown")
    expect(chart.locator("a:focus")).to_have_attribute("aria-label", "Fatigue, mild, 09 to 11 May 2013, day 14")
    portal.page.keyboard.press("ArrowUp")
    expect(chart.locator("a:focus")).to_have_attribute("aria-label", "54 mg, 26 Apr to 08 May 2013, day 1")


def test_a_bar_of_a_chart_opens_its_history_beside_the_page(portal):
    portal.gives("/values/Fatigue, mild", HISTORY)
    portal.answers["/values/Fatigue,%20mild"] = portal.answers["/values/Fatigue, mild"]
    portal.open(charts())
    portal.page.locator("svg.chart-wide a[aria-label^='Fatigue']").focus()
    portal.page.keyboard.press("Enter")
    expect(portal.page.locator("#drawer-title")).to_be_focused()
    portal.page.keyboard.press("Escape")
    expect(portal.page.locator("svg.chart-wide a[aria-label^='Fatigue']")).to_be_focused()


def test_labels_are_no_wider_in_the_browser_than_they_were_reckoned(portal):
    portal.open(charts())
    overhang = portal.page.evaluate(
        """() => [...document.querySelectorAll("svg.chart-wide text")].map((text) => {
            const box = text.getBBox(); return [text.textContent, box.x, box.x + box.width]; })
            .filter(([, left, right]) => left < 0 || right > 1232)"""
    )
    assert overhang == []


@pytest.mark.parametrize("width", [1280, 390])
def test_components_and_charts_pass_the_accessibility_rules(portal, width):
    portal.page.set_viewport_size({"width": width, "height": 900})
    parts = (
        '<section><h2>Marks</h2>{% include "components/state_mark.html" with state="signed" %}'
        '{% include "components/currency_mark.html" with currency="stale_cited" %}'
        '{% include "components/serious.html" %}{% include "components/severity.html" with severity="severe" %}'
        '{% include "components/banner.html" with kind="warn" title="Stale" sign="↻" %}'
        '{% include "components/banner.html" with kind="danger" title="Not signed" url="/" link="Review the change" %}'
        '{% include "components/blocked_button.html" with label="Approve" why="You wrote it." id="approve" %}'
        '{% include "components/quick_filter.html" with label="Died" count=0 url="/" is_current=1 %}'
        '{% include "components/progress.html" with label="Writing" done=1 total=2 %}'
        '{% include "components/change.html" with old="1" new="2" %}</section>' + VALUE + SLIDER + SENTENCES + charts()
    )
    portal.open(parts, scripts=script("slider") + script("sentences"))
    expect(portal.page.locator("a[tabindex='0']").first).to_be_attached()
    options = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}
    result = Axe().run(portal.page, options=options)
    assert result.violations_count == 0, result.generate_report()
