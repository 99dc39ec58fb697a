"""Versions of a twin that stand out, such as the one a text was signed against; named by the rooms that know."""

from collections.abc import Callable, Iterable

from apps.studies.domain.audience import Audience
from apps.studies.models import Subject

# Numbers of versions in the sequence of the audience.
SignedVersions = Callable[[Subject, Audience], Iterable[int]]
_signed: list[SignedVersions] = []


def register_signed_versions(reader: SignedVersions) -> None:
    """Say who knows at which versions something of a subject was signed; called from `AppConfig.ready`."""
    if reader not in _signed:
        _signed.append(reader)


def signed_versions(subject: Subject, audience: Audience) -> list[int]:
    """Versions that somebody signed something against, in order."""
    return sorted({version for reader in _signed for version in reader(subject, audience)})
