"""What a signature binds, so that it cannot be cut out, copied or moved (21 CFR 11.50, 11.70)."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from apps.core.domain.canonical import sha256_hex, stored_sha256


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
    # Text and not a moment, so that what was hashed comes back from JSON as it was.
    signed_at_utc: str
    signed_at_local: str
    data_version: int

    def as_dict(self) -> dict[str, object]:
        """The manifest as it is stored and hashed."""
        return {**asdict(self), "parts_sha256": dict(self.parts_sha256)}

    def sha256(self) -> str:
        """Hash that binds all of it."""
        return sha256_hex(self.as_dict())


@dataclass(frozen=True, slots=True)
class Found:
    """A reviewed content as its stored bytes are now: its hashes computed afresh, and what in it does not fit."""

    content_id: str
    content_version: int
    content_sha256: str
    parts_sha256: Mapping[str, str]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Signed:
    """A stored signature: its manifest with hash, and what the columns of signature and review say of the same."""

    manifest: Mapping[str, object]
    manifest_sha256: str
    columns: Mapping[str, object]
    is_signed_by_step: bool


def signature_faults(signed: Signed, found: Found | None) -> tuple[str, ...]:
    """Why a signature no longer holds for the bytes that are there now, in words; empty while it holds."""
    faults = []
    if stored_sha256(dict(signed.manifest)) != signed.manifest_sha256:
        faults.append("The manifest is not the one that was signed.")
    faults += [
        f"The signature's {name.replace('_', ' ')} is not what its manifest says."
        for name, value in signed.columns.items()
        if signed.manifest.get(name) != value
    ]
    if not signed.is_signed_by_step:
        faults.append("No step of the review signed this version.")
    return (*faults, *_content_faults(signed.manifest, found))


def _content_faults(manifest: Mapping[str, object], found: Found | None) -> list[str]:
    if found is None:
        return ["The text that was signed is not there."]
    parts = manifest.get("parts_sha256")
    signed = dict(parts) if isinstance(parts, Mapping) else {}
    changed = [name for name, sha256 in found.parts_sha256.items() if signed.get(name) != sha256]
    faults = [f"Changed since it was signed: the {name}." for name in changed]
    place = (found.content_id, found.content_version, found.content_sha256)
    # Where a part changed, the hash over all parts changed with it; that is told once.
    if not faults and place != tuple(
        manifest.get(name) for name in ("content_id", "content_version", "content_sha256")
    ):
        faults.append("The version is not the one that was signed.")
    return faults
