"""The frame and the components: words before colour, no script or style in the page, usable without scripts."""

import re
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.template.loader import get_template, render_to_string
from django.test import RequestFactory

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
OWN = [
    TEMPLATES / "base.html",
    *(TEMPLATES / f"{code}.html" for code in (400, 403, 404, 500)),
    *sorted(TEMPLATES.glob("components/*.html")),
    *sorted(TEMPLATES.glob("registration/*.html")),
    *sorted(TEMPLATES.glob("errors/*.html")),
    TEMPLATES / "admin" / "base_site.html",
]


@dataclass(frozen=True)
class Nav:
    study: str = "CDISCPILOT01"
    items: tuple[tuple[str, str, bool], ...] = (("Home", "/", False), ("Subjects", "/subjects/", True))
    view_label: str = "Blinded view"
    person: str = "Maya Brandt"
    role: str = "CRA"
    live_url: str = "/ws/studies/CDISCPILOT01/"


class SignInForm(forms.Form):
    username = forms.CharField(help_text="As given to you")
    password = forms.CharField(widget=forms.PasswordInput, error_messages={"required": "Enter your password"})


def component(name: str, *, request: HttpRequest | None = None, **context: object) -> str:
    return " ".join(render_to_string(f"components/{name}.html", context, request).split())


def words(markup: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", markup).split())


@pytest.mark.parametrize("path", OWN, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_no_inline_script_style_or_handler(path):
    text = path.read_text()
    assert not re.search(r"<style|\sstyle=|\son\w+=|hx-on|javascript:", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"https?://", text)
    get_template(str(path.relative_to(TEMPLATES)))


@pytest.mark.parametrize("path", sorted(TEMPLATES.glob("components/*.html")), ids=lambda path: path.stem)
def test_a_component_says_what_context_it_takes(path):
    assert re.match(r"\{% comment %\}\n.*[Cc]ontext.*\n?", path.read_text(), re.DOTALL)


def test_the_page_names_the_study_the_view_and_the_person():
    page = render_to_string("base.html", {"nav": Nav()})
    for text in ("CDISCPILOT01", "Blinded view", "Maya Brandt", "CRA", "Sign out", "Skip to the content"):
        assert text in words(page)
    assert 'data-live-url="/ws/studies/CDISCPILOT01/"' in page
    assert page.count('<a href="/subjects/" aria-current="page">') == 2


def test_the_page_has_one_polite_live_region_and_one_main():
    page = render_to_string("base.html", {"nav": Nav()})
    assert page.count('aria-live="polite"') == 1
    assert page.count("<main") == 1


def test_htmx_may_not_evaluate_text_nor_keep_pages_in_the_browser():
    page = render_to_string("base.html", {"nav": Nav()})
    for setting in ('"allowEval": false', '"includeIndicatorStyles": false', '"historyCacheSize": 0'):
        assert setting in page


@pytest.mark.parametrize("code", ["400", "403", "404", "500"])
def test_an_error_page_needs_no_context(code):
    page = render_to_string(f"{code}.html")
    assert "<h1>" in page
    assert "Go to the home page" in words(page)


def test_an_error_page_shows_the_reason_it_is_given():
    assert "You wrote version 1" in render_to_string("403.html", {"detail": "You wrote version 1."})


def test_sign_in_keeps_the_name_empties_the_password_and_lists_what_to_put_right():
    form = SignInForm({"username": "cra", "password": ""})
    page = render_to_string("registration/login.html", {"form": form, "next": "/subjects/"})
    assert 'value="cra"' in page
    assert 'name="next" value="/subjects/"' in page
    assert '<a href="#id_password">Enter your password</a>' in page
    assert 'aria-invalid="true"' in page
    assert "<title>Error: Sign in" in page
    assert 'href="http' not in page


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("", "none yet"),
        ("draft", "draft"),
        ("verified", "checked against the data"),
        ("blocked", "blocked"),
        ("in_review", "in review"),
        ("changes_requested", "changes requested"),
        ("signed", "signed"),
        ("superseded", "superseded"),
        ("withdrawn", "withdrawn"),
    ],
)
def test_a_state_is_a_word(state, expected):
    assert words(component("state_mark", state=state)) == expected


@pytest.mark.parametrize(
    ("currency", "expected"),
    [
        ("current", "✓ current"),
        ("stale_cited", "↻ stale: cited fact changed"),
        ("stale_omission", "+ stale: new fact not mentioned"),
        ("stale_withdrawn", "✕ stale: cited record withdrawn"),
        ("restricted", "⊘ source restricted"),
    ],
)
def test_currency_is_a_sign_and_words(currency, expected):
    assert words(component("currency_mark", currency=currency)) == expected


@pytest.mark.parametrize(
    ("why", "expected"),
    [
        ("", "not recorded"),
        ("not_in_import", "not in the import"),
        ("not_visible", "not visible to you"),
        ("not_loaded", "could not be loaded"),
        ("ongoing", "ongoing"),
        ("end_not_recorded", "end not recorded"),
    ],
)
def test_each_kind_of_nothing_has_its_words(why, expected):
    assert words(component("missing", why=why)) == expected


def test_severity_is_a_word_and_says_nothing_of_seriousness():
    assert [words(component("severity", severity=s)) for s in ("mild", "moderate", "severe", "")] == [
        "mild",
        "moderate",
        "severe",
        "not recorded",
    ]


def test_a_change_reads_old_became_new():
    assert words(component("change", old="3.7 mg/dL", new="7.3 mg/dL")) == "3.7 mg/dL → became 7.3 mg/dL"
    assert words(component("change", old="", new="08 Aug 2013")).startswith("empty →")


def test_a_value_opens_its_history_and_is_a_plain_link_without_scripts():
    markup = component(
        "value_link", value="107", outside="high", page_url="?value=LB/1", history_url="/values/LB/1"
    ).replace(" data-value", "")
    link = ElementTree.fromstring(markup)  # noqa: S314 - our own markup
    assert link.attrib["href"] == "?value=LB/1"
    assert link.attrib["data-history"] == "/values/LB/1"
    assert "".join(link.itertext()).split() == ["▲", "107,", "high"]


def test_a_value_of_0_is_shown_and_an_absent_one_says_so():
    assert words(component("value_link", value=0)) == "0"
    assert words(component("value_link", value="", why="not_visible")) == "not visible to you"


def test_pages_of_a_list_keep_the_filter_in_their_links():
    request = RequestFactory().get("/subjects/?site=701&page=2")
    page = Paginator(range(120), 50).page(2)
    markup = component("pagination", page=page, request=request)
    assert "Page 2 of 3" in words(markup)
    assert 'href="?site=701&amp;page=1"' in markup
    assert 'href="?site=701&amp;page=3"' in markup


def test_a_sorted_column_says_how_and_its_link_turns_the_order():
    request = RequestFactory().get("/subjects/?sort=site&page=3")
    ascending = component("sort_header", label="Site", key="site", sort="site", request=request)
    descending = component("sort_header", label="Site", key="site", sort="-site", request=request)
    other = component("sort_header", label="Site", key="site", sort="subject", request=request)
    assert 'aria-sort="ascending"' in ascending
    assert 'href="?sort=-site"' in ascending
    assert 'aria-sort="descending"' in descending
    assert "aria-sort" not in other


def test_a_blocked_act_stays_in_reach_and_says_why():
    markup = component("blocked_button", label="Approve and sign", why="You wrote version 1.", id="approve")
    assert 'aria-disabled="true" aria-describedby="approve-why"' in markup
    assert 'id="approve-why">You wrote version 1.' in markup
    assert " disabled" not in markup


def test_progress_is_a_number_of_work_and_a_native_bar():
    markup = component("progress", label="Writing chemistry, 812 of 1,285 records", done=812, total=1285)
    assert "63 %" in words(markup)
    assert '<progress value="812" max="1285"' in markup


def test_an_empty_list_says_what_was_looked_for_and_what_to_do_next():
    markup = component("empty", looked_for="No subject matches.", scope="Searched 9.", steps=[("Clear search", "/s/")])
    assert words(markup) == "No subject matches. Searched 9. Clear search"


def test_the_slider_opens_a_version_without_scripts():
    versions = [SimpleNamespace(number=n, label=f"Version {n}") for n in (1, 2)]
    markup = component("slider", version=1, latest=2, versions=versions, marks=[1])
    assert '<noscript><button class="button button--small" type="submit">' in markup
    assert 'type="range" name="version" min="1" max="2" value="1"' in markup


def test_every_word_a_script_asks_for_is_on_the_page():
    scripts = "".join(path.read_text() for path in (TEMPLATES.parent / "static" / "js").glob("*.js"))
    asked = {key for key in re.findall(r'word\(\s*[^)]*?"([\w-]+)"', scripts) if not key.endswith("-")}
    counted = {"one-change", "many-changes", "one-list-change", "many-list-changes", "show-it", "show-them"}
    offered = set(re.findall(r'data-word="([\w-]+)"', component("words")))
    assert asked | counted == offered
