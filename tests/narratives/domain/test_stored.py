"""What was stored by an earlier version is read, and has the hashes that were signed."""

import json
from pathlib import Path
from typing import Any

import pytest

from apps.core.domain.canonical import canonical_json
from apps.core.domain.stored import StoredDataError
from apps.narratives.domain.content import Content
from apps.narratives.domain.currency.compare import REASONS, Origin, told_of
from apps.narratives.domain.plan.messages import MESSAGES
from apps.narratives.domain.plan.planning import make_plan
from tests.narratives.building import seizure_rows
from tests.narratives.domain.drafting import facts_of


@pytest.fixture
def stored() -> dict[str, Any]:
    """A version with a finding and omissions, and the reasons why it went stale, as the tables held them."""
    data: dict[str, Any] = json.loads((Path(__file__).parent / "stored" / "version.json").read_text(encoding="utf-8"))
    return data


def test_a_stored_version_keeps_its_bytes_and_hashes(stored: dict[str, Any]) -> None:
    content = Content.from_json(stored)
    for part in ("sentences", "facts", "verification"):
        assert canonical_json(content.as_json()[part]) == canonical_json(stored[part])
    assert stored["hashes"] == {
        "text": content.text_sha256,
        "facts": content.facts.sha256,
        "verification": content.verification.sha256,
        "content": content.content_sha256,
    }
    assert content.verification.findings
    assert content.verification.omitted


def test_stored_reasons_of_every_age_are_read(stored: dict[str, Any]) -> None:
    reasons = REASONS.read_all(stored["reasons"])
    assert [{**told, "origin": None} for told in stored["reasons"]] == REASONS.write_all(reasons)
    later = ("moved", "follows")
    oldest = [{key: value for key, value in told.items() if key not in later} for told in stored["reasons"]]
    assert REASONS.read_all(oldest) == reasons
    assert told_of(reasons) == list(reasons)


def test_a_reason_keeps_where_its_value_came_from(stored: dict[str, Any]) -> None:
    origin = {"record": "AE/1", "actor": "A", "known_at": "2026-01-01", "source": "API", "file": "", "row": None}
    (reason,) = REASONS.read_all([{**stored["reasons"][0], "origin": origin}])
    assert reason.origin == Origin("AE/1", "A", "2026-01-01", "API", "", None)
    assert REASONS.write(reason)["origin"] == origin


@pytest.mark.parametrize("part", ["sentences", "facts", "verification"])
def test_a_garbled_part_is_refused_by_name(stored: dict[str, Any], part: str) -> None:
    stored[part] = [{}] if part == "sentences" else {"format": 1}
    with pytest.raises(StoredDataError, match="missing"):
        Content.from_json(stored)


def test_the_messages_of_a_plan_are_read_back() -> None:
    messages = make_plan(facts_of(seizure_rows())).messages
    assert MESSAGES.read_all(json.loads(json.dumps(MESSAGES.write_all(messages)))) == messages
