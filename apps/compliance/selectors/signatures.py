"""Signatures as they must be shown wherever the text is: printed name, date, time and meaning (21 CFR 11.50)."""

from typing import Any

from apps.compliance.domain.manifest import is_intact
from apps.compliance.models import Signature


def signatures_of(content_kind: str, content_id: str) -> list[Signature]:
    """Signatures under any version of a document, oldest first."""
    found = Signature.objects.filter(review__content_kind=content_kind, review__content_id=content_id)
    return list(found.select_related("review").order_by("signed_at"))


def signature_as_dict(signature: Signature) -> dict[str, Any]:
    """A signature with everything it binds, and whether it still does."""
    return {
        "version": signature.review.content_version,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at": signature.signed_at.isoformat(),
        "content_sha256": signature.content_sha256,
        "manifest_sha256": signature.manifest_sha256,
        "data_version": signature.manifest["data_version"],
        "is_intact": is_intact(signature.manifest, signature.manifest_sha256, signature.review.content_sha256),
    }
