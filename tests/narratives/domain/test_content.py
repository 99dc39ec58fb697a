"""One content, one hash."""

import json
from dataclasses import replace

from apps.narratives.domain.content import Content
from tests.narratives.building import Rows, changed, seizure_rows
from tests.narratives.domain.drafting import facts_of, report_of, text_of


def _content(rows: Rows) -> Content:
    return Content(text_of(rows), facts_of(rows), report_of(rows))


def test_the_content_survives_json_with_its_hash() -> None:
    content = _content(seizure_rows())
    again = Content.from_json(json.loads(json.dumps(content.as_json())))
    assert again == content
    assert again.content_sha256 == content.content_sha256


def test_the_hash_binds_text_facts_and_verification() -> None:
    content = _content(seizure_rows())
    other = _content(changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07"))
    variants = [
        replace(content, sentences=other.sentences),
        replace(content, facts=other.facts),
        replace(content, verification=other.verification),
    ]
    assert len({variant.content_sha256 for variant in (content, *variants)}) == 4


def test_the_text_has_a_paragraph_for_each_section() -> None:
    content = _content(seizure_rows())
    assert len(content.text.split("\n\n")) == len({sentence.section for sentence in content.sentences})
