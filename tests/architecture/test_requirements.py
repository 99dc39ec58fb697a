"""The page of requirements and the marks on the tests name the same clauses."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_requirement_has_a_test_and_every_mark_a_requirement() -> None:
    page = (ROOT / "docs" / "design" / "requirements.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| ([A-Z][A-Za-z0-9-]+) \|", page, flags=re.MULTILINE))
    tests = (path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    marked = {name for text in tests for name in re.findall(r'requirement\("([A-Za-z0-9-]+)"\)', text)}
    assert listed == marked
