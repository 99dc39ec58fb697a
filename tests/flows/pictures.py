"""Pictures of the pages for the guides, taken by the tests when SCREENSHOTS is set."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "images"


def picture(page: Page, name: str) -> None:
    """Save the page as `docs/images/NAME.png`."""
    if os.environ.get("SCREENSHOTS"):
        page.screenshot(path=FOLDER / f"{name}.png", full_page=True)
