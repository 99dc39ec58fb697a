"""What a signature binds, so that it cannot be cut out, copied or moved (21 CFR 11.50, 11.70)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from apps.core.domain.canonical import sha256_hex


@dataclass(frozen=True, slots=True)
class Manifest:
    """Signer, meaning, moment and the hashes of everything that was signed; instants are ISO 8601."""

    review_id: str
    content_kind: str
    content_id: str
    content_version: int
    content_sha256: str
    parts_sha256: Mapping[str, str]
    signer_id: int
    printed_name: str
    role: str
    meaning: str
    signed_at_utc: str
    signed_at_local: str
    data_version: int

    def as_dict(self) -> dict[str, object]:
        """The manifest as it is stored and hashed."""
        return {**asdict(self), "parts_sha256": dict(self.parts_sha256)}

    def sha256(self) -> str:
        """Hash that binds all of it."""
        return sha256_hex(self.as_dict())


def is_intact(manifest: Mapping[str, object], manifest_sha256: str, content_sha256: str) -> bool:
    """Whether a stored signature still binds this content: both hashes must hold."""
    return sha256_hex(dict(manifest)) == manifest_sha256 and manifest.get("content_sha256") == content_sha256
