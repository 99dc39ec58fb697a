"""A manifest binds all it names: one changed field, and the signature no longer holds."""

from dataclasses import fields, replace
from typing import Any

import pytest

from apps.compliance.domain.manifest import Found, Manifest, Signed, signature_faults

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

FOUND = Found("17", 2, "c" * 64, MANIFEST.parts_sha256)
COLUMNS = {name: value for name, value in MANIFEST.as_dict().items() if name in {"printed_name", "role", "meaning"}}


def signed(**changes: Any) -> Signed:
    """The stored signature, with something of it changed."""
    return replace(Signed(MANIFEST.as_dict(), MANIFEST.sha256(), COLUMNS, is_signed_by_step=True), **changes)


@pytest.mark.requirement("P11-70")
@pytest.mark.parametrize("name", [field.name for field in fields(Manifest)])
def test_every_field_is_bound(name: str) -> None:
    changed = replace(MANIFEST, **{name: OTHER[type(getattr(MANIFEST, name))]})
    assert changed.sha256() != MANIFEST.sha256()
    assert signature_faults(signed(manifest=changed.as_dict()), FOUND)
    if name in COLUMNS:
        columns = {**COLUMNS, name: OTHER[type(getattr(MANIFEST, name))]}
        (fault,) = signature_faults(signed(columns=columns), FOUND)
        assert name.replace("_", " ") in fault


def test_a_signature_under_unchanged_content_holds() -> None:
    assert signature_faults(signed(), FOUND) == ()


@pytest.mark.requirement("P11-70")
@pytest.mark.parametrize(
    ("found", "told"),
    [
        (None, "not there"),
        (replace(FOUND, parts_sha256={"text": "e" * 64, "facts": "b" * 64}), "the text"),
        (replace(FOUND, parts_sha256={"text": "a" * 64, "facts": "e" * 64}), "the facts"),
        (replace(FOUND, content_sha256="e" * 64), "not the one that was signed"),
        (replace(FOUND, content_version=3), "not the one that was signed"),
        (replace(FOUND, content_id="18"), "not the one that was signed"),
    ],
)
def test_other_content_than_was_signed_is_named(found: Found | None, told: str) -> None:
    (fault,) = signature_faults(signed(), found)
    assert told in fault


def test_a_signature_that_no_step_made_does_not_hold() -> None:
    assert signature_faults(signed(is_signed_by_step=False), FOUND) == ("No step of the review signed this version.",)


def test_a_manifest_without_its_parts_does_not_hold() -> None:
    assert signature_faults(signed(manifest={"parts_sha256": None}), FOUND)


def test_the_order_of_its_parts_does_not_matter() -> None:
    turned = replace(MANIFEST, parts_sha256=dict(reversed(MANIFEST.parts_sha256.items())))
    assert turned.sha256() == MANIFEST.sha256()
