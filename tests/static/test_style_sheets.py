"""The look rests on its tokens: readable, complete, and from no other host."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
CSS = STATIC / "css"
SHEETS = sorted(CSS.glob("*.css"))
TOKENS = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{3,6});", (CSS / "tokens.css").read_text()))
WASHES = ("paper", "wash", "accent-wash", "danger-wash", "warn-wash", "ok-wash")


def luminance(colour: str) -> float:
    """Relative luminance of a colour (WCAG 2.2)."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(TOKENS[one]), luminance(TOKENS[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("ground", WASHES)
@pytest.mark.parametrize("text", ["ink", "ink-2", "ink-3"])
def test_text_can_be_read_on_every_wash(text, ground):
    assert contrast(text, ground) >= 4.5


@pytest.mark.parametrize("meaning", ["accent", "danger", "warn", "ok"])
def test_words_of_a_state_can_be_read_on_paper_and_on_their_wash(meaning):
    assert contrast(meaning, "paper") >= 4.5
    assert contrast(meaning, f"{meaning}-wash") >= 4.5


@pytest.mark.parametrize("sign", ["edge", "warn-edge", "severe", "dose-edge", "limit"])
def test_signs_and_edges_can_be_seen_on_paper(sign):
    assert contrast(sign, "paper") >= 3


def test_white_can_be_read_on_every_filled_ground():
    assert all(contrast("paper", ground) >= 4.5 for ground in ("accent", "danger", "ink", "admin", "dose-high"))


def test_the_ring_of_focus_is_seen_against_its_own_edge():
    assert contrast("focus", "ink") >= 3


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.name)
def test_a_sheet_uses_only_variables_that_exist(sheet):
    defined = re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text() + sheet.read_text())
    used = re.findall(r"var\(--([\w-]+)", sheet.read_text())
    assert set(used) <= set(defined)


@pytest.mark.parametrize("sheet", [sheet for sheet in SHEETS if sheet.name not in {"tokens.css", "admin.css"}])
def test_colours_come_from_tokens(sheet):
    literal = re.findall(r"#[0-9a-f]{3,8}\b", sheet.read_text())
    assert set(literal) <= {"#fff", "#000", "#07426a"}


@pytest.mark.parametrize("path", [*SHEETS, *sorted((STATIC / "js").glob("*.js"))], ids=lambda path: path.name)
def test_nothing_is_asked_of_another_host(path):
    assert not re.search(r"https?://|//[a-z]+\.", path.read_text())
