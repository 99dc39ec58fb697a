"""A manifest binds all it names: one changed field, and the signature no longer holds."""

from dataclasses import fields, replace
from typing import Any

import pytest

from apps.compliance.domain.manifest import Manifest, is_intact

MANIFEST = Manifest(
    review_id="5b1f",
    content_kind="document",
    content_id="17",
    content_version=2,
    content_sha256="c" * 64,
    parts_sha256={"text": "a" * 64, "facts": "b" * 64},
    signer_id=7,
    printed_name="Amara Okafor, MD",
    role="safety physician",
    meaning="approval",
    signed_at_utc="2026-03-02T10:15:00+00:00",
    signed_at_local="2026-03-02T11:15:00+01:00",
    data_version=12,
)
OTHER: dict[type, Any] = {str: "another", int: 99, dict: {"text": "d" * 64, "facts": "b" * 64}}


@pytest.mark.requirement("P11-70")
@pytest.mark.parametrize("name", [field.name for field in fields(Manifest)])
def test_every_field_is_bound(name: str) -> None:
    changed = replace(MANIFEST, **{name: OTHER[type(getattr(MANIFEST, name))]})
    assert changed.sha256() != MANIFEST.sha256()
    assert not is_intact(changed.as_dict(), MANIFEST.sha256(), MANIFEST.content_sha256)


def test_a_signature_under_unchanged_content_is_intact() -> None:
    assert is_intact(MANIFEST.as_dict(), MANIFEST.sha256(), "c" * 64)
    assert not is_intact(MANIFEST.as_dict(), MANIFEST.sha256(), "e" * 64)


def test_the_order_of_its_parts_does_not_matter() -> None:
    turned = replace(MANIFEST, parts_sha256=dict(reversed(MANIFEST.parts_sha256.items())))
    assert turned.sha256() == MANIFEST.sha256()
