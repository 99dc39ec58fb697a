"""Whether narratives are what was written and signed, computed from the bytes that are stored now (21 CFR 11.10(a))."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from apps.compliance.domain.manifest import Found
from apps.compliance.domain.workflow import ReviewState
from apps.compliance.selectors.signatures import faults_under
from apps.core.domain.canonical import sha256_hex, stored_sha256
from apps.narratives.models import NarrativeVersion
from apps.narratives.selectors.currency_now import with_currency_now

# What a reader is told in place of the currency of a text that is not what was written.
ALTERED = "altered"
PARTS = {"text": "sentences", "facts": "facts", "verification": "verification"}


def contents_found(review_ids: Collection[UUID]) -> dict[UUID, Found]:
    """The versions under these reviews, hashed afresh from what is stored; one query."""
    versions = NarrativeVersion.objects.filter(review__in=review_ids)
    columns = ("review_id", "narrative_id", "number", *PARTS.values(), *(f"{part}_sha256" for part in PARTS))
    # Facts and texts are long: a study's worth of them is hashed without being held at once.
    return {row["review_id"]: _found(row) for row in versions.values(*columns, "content_sha256").iterator(100)}


def _found(row: dict[str, Any]) -> Found:
    parts = {part: stored_sha256(row[column]) for part, column in PARTS.items()}
    content = sha256_hex(parts)
    faults = [
        f"Changed since it was written: the {part}." for part, now in parts.items() if now != row[f"{part}_sha256"]
    ]
    if not faults and content != row["content_sha256"]:
        faults.append("Changed since it was written: the hash of the version.")
    return Found(str(row["narrative_id"]), row["number"], content, parts, tuple(faults))


def faults_of(version: NarrativeVersion) -> tuple[str, ...]:
    """Why one version, or a signature under it, is not what it was; in words, empty while it is."""
    return faults_by_version([version]).get(version.pk, ())


def narrative_faults(narratives: Iterable[UUID]) -> dict[UUID, tuple[str, ...]]:
    """Why narratives are not what was written and signed, by narrative; four queries for any number of them."""
    return faults_among(latest_and_signed(narratives))


def latest_and_signed(narratives: Iterable[UUID]) -> list[NarrativeVersion]:
    """The latest version of each narrative and the signed one, oldest first, without their bytes; one query."""
    versions = NarrativeVersion.objects.filter(narrative__in=list(narratives)).select_related("review", "currency")
    # Without the bytes, which are read once, where they are hashed.
    found = list(with_currency_now(versions).order_by("number").defer(*PARTS.values(), "provenance"))
    latest = {version.narrative_id: version.pk for version in found}
    return [v for v in found if v.pk == latest[v.narrative_id] or v.review.state == ReviewState.SIGNED.value]


def faults_among(versions: Collection[NarrativeVersion]) -> dict[UUID, tuple[str, ...]]:
    """Why versions, or signatures under them, are not what they were, by narrative; three queries."""
    faults: dict[UUID, list[str]] = defaultdict(list)
    narrative_of = {version.pk: version.narrative_id for version in versions}
    for pk, words in faults_by_version(versions).items():
        faults[narrative_of[pk]] += words
    return {pk: tuple(dict.fromkeys(words)) for pk, words in faults.items()}


def faults_by_version(versions: Collection[NarrativeVersion]) -> dict[int, tuple[str, ...]]:
    """The same by version (database id)."""
    found = faults_under([version.review for version in versions])
    return {version.pk: found[version.review_id] for version in versions if version.review_id in found}
