"""Signatures as they must be shown wherever the text is (21 CFR 11.50), each with whether it still holds (11.70).

What holds is computed from the bytes that are stored now. The room that keeps a kind of document hands its reader in
through `register_hashes`; this room knows nothing of what is signed.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC
from typing import Any, Final
from uuid import UUID

from apps.compliance.domain.manifest import Found, Signed, signature_faults
from apps.compliance.domain.workflow import ReviewState, Step
from apps.compliance.models import Review, ReviewTransition, Signature

HashReader = Callable[[Collection[UUID]], Mapping[UUID, Found]]
# Versions are stored in 63 bits; no database looks for a number beyond them.
_BEYOND_VERSIONS: Final = 2**63
_readers: dict[str, HashReader] = {}


@dataclass(frozen=True, slots=True)
class CheckedSignature:
    """A signature, and in words why it no longer holds; no words while it does."""

    signature: Signature
    faults: tuple[str, ...]

    @property
    def is_intact(self) -> bool:
        """Whether the signature holds for the text, facts and verification that are stored now."""
        return not self.faults

    @property
    def data_version(self) -> int | None:
        """The version of the data that was signed, as the manifest has it; None where it holds no such number."""
        number = _manifest(self.signature).get("data_version")
        return number if type(number) is int and 0 < number < _BEYOND_VERSIONS else None


def register_hashes(kind: str, reader: HashReader) -> None:
    """Say who computes the hashes of documents of a kind, by review; called from `AppConfig.ready`."""
    _readers[kind] = reader


def found_contents(reviews: Iterable[Review]) -> dict[UUID, Found]:
    """The contents under these reviews as their bytes are now; one reading for each kind."""
    by_kind: dict[str, set[UUID]] = defaultdict(set)
    for review in reviews:
        by_kind[review.content_kind].add(review.pk)
    # A kind that nobody reads is left out: its reviews are told to lack their text, and the others are still checked.
    return {pk: found for kind, pks in by_kind.items() if kind in _readers for pk, found in _readers[kind](pks).items()}


@dataclass(frozen=True, slots=True)
class Evidence:
    """What signatures and reviews are held against: the contents as their bytes are now, and the steps taken."""

    found: Mapping[UUID, Found]
    steps: Mapping[UUID, list[ReviewTransition]]


def _evidence(reviews: Collection[Review]) -> Evidence:
    steps: dict[UUID, list[ReviewTransition]] = defaultdict(list)
    # By key, the order in which steps were added and the database checked them; a clock may have been set back.
    for step in ReviewTransition.objects.filter(review__in=reviews).order_by("pk"):
        steps[step.review_id].append(step)
    return Evidence(found_contents(reviews), steps)


def checked_signatures(signatures: Collection[Signature]) -> list[CheckedSignature]:
    """Each signature with whether it holds; a constant number of queries. Asks for signatures with their reviews."""
    evidence = _evidence({signature.review for signature in signatures})
    return [_checked(signature, evidence) for signature in signatures]


def signatures_of(content_kind: str, content_id: str) -> list[CheckedSignature]:
    """Signatures under any version of a document, oldest first."""
    found = Signature.objects.filter(review__content_kind=content_kind, review__content_id=content_id)
    return checked_signatures(list(found.select_related("review").order_by("signed_at")))


def faults_under(reviews: Collection[Review]) -> dict[UUID, tuple[str, ...]]:
    """Why reviews, the text under them or their signatures are not what they were, in words; three queries.

    Only those that have faults are in the answer.
    """
    evidence = _evidence(reviews)
    signatures: dict[UUID, list[Signature]] = defaultdict(list)
    for signature in Signature.objects.filter(review__in=reviews).select_related("review"):
        signatures[signature.review_id].append(signature)
    faults = {}
    for review in reviews:
        signed = signatures[review.pk]
        words = [
            *_step_faults(review, evidence.steps.get(review.pk, []), is_signed=bool(signed)),
            *_bytes_faults(review, evidence.found.get(review.pk)),
            *(fault for signature in signed for fault in _checked(signature, evidence).faults),
        ]
        if words:
            # Signatures under one text have the same faults, which are told once.
            faults[review.pk] = tuple(dict.fromkeys(words))
    return faults


def _checked(signature: Signature, evidence: Evidence) -> CheckedSignature:
    steps = evidence.steps.get(signature.review_id, [])
    # A signature that was put into its table by hand has no step, and the step of another person is not its own.
    by_step = any(step.step == Step.SIGN.value and step.actor_id == signature.signer_id for step in steps)
    signed = Signed(_manifest(signature), signature.manifest_sha256, _columns(signature), by_step)
    return CheckedSignature(signature, signature_faults(signed, evidence.found.get(signature.review_id)))


def _manifest(signature: Signature) -> dict[str, Any]:
    """The stored manifest; a thing of another kind, which the portal never writes, holds nothing."""
    return signature.manifest if isinstance(signature.manifest, dict) else {}


def _columns(signature: Signature) -> dict[str, object]:
    review = signature.review
    return {
        "review_id": str(signature.review_id),
        "content_kind": review.content_kind,
        "content_id": review.content_id,
        "content_version": review.content_version,
        # Signature, review and manifest all hold this hash; where two of them disagree the signature does not hold.
        "content_sha256": review.content_sha256 if signature.content_sha256 == review.content_sha256 else None,
        "signer_id": signature.signer_id,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at_utc": signature.signed_at.astimezone(UTC).isoformat(),
    }


def _step_faults(review: Review, steps: list[ReviewTransition], *, is_signed: bool) -> list[str]:
    faults, state = [], ReviewState.DRAFT.value
    for step in steps:
        if step.from_state != state:
            faults.append("Its steps do not follow one another.")
        state = step.to_state
    if review.state != state:
        faults.append(f"It is {review.state.replace('_', ' ')}, but its steps lead to {state.replace('_', ' ')}.")
    if is_signed is not any(step.step == Step.SIGN.value for step in steps):
        faults.append("Its steps and its signatures do not agree.")
    return faults


def _bytes_faults(review: Review, found: Found | None) -> tuple[str, ...]:
    if found is None:
        return ("The text under review is not there.",)
    place = (found.content_id, found.content_version, found.content_sha256)
    if not found.faults and place != (review.content_id, review.content_version, review.content_sha256):
        return ("The text is not the one that the review is about.",)
    return found.faults


def signature_as_dict(checked: CheckedSignature) -> dict[str, Any]:
    """A signature with everything it binds, whether it still does, and why not."""
    signature = checked.signature
    return {
        "version": signature.review.content_version,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at": signature.signed_at.isoformat(),
        "content_sha256": signature.content_sha256,
        "manifest_sha256": signature.manifest_sha256,
        "data_version": checked.data_version,
        "is_intact": checked.is_intact,
        "why_not_intact": list(checked.faults),
    }
