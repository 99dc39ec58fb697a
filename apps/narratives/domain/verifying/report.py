"""What a check found in which sentence, and what the text leaves out."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any, Final

from apps.core.domain.canonical import sha256_hex
from apps.core.domain.stored import Codec


class Verdict(StrEnum):
    """What the facts say about a sentence."""

    SUPPORTED = "supported"
    CONTRADICTED = "contradicted"
    UNSUPPORTED = "unsupported"


class Severity(StrEnum):
    """Whether a finding blocks."""

    BLOCK = "block"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where (sentence index, characters), what was found, what the facts say."""

    sentence: int | None
    span: tuple[int, int] | None
    code: str
    severity: Severity
    expected: str
    found: str
    fact_id: str | None = None
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class Omission:
    """A required fact that no supported sentence states."""

    fact_id: str
    name: str
    elements: tuple[str, ...]


@dataclass(frozen=True)
class VerificationReport:
    """Verdict of every sentence, all findings and omissions, and with which versions they were made."""

    factset_sha256: str
    verifier_version: str
    lexicon_version: str
    verdicts: tuple[Verdict, ...]
    findings: tuple[Finding, ...]
    omitted: tuple[Omission, ...]

    @property
    def supported(self) -> int:
        """Number of sentences that the facts bear out."""
        return self.verdicts.count(Verdict.SUPPORTED)

    @property
    def contradicted(self) -> int:
        """Number of sentences that the facts contradict."""
        return self.verdicts.count(Verdict.CONTRADICTED)

    @property
    def unsupported(self) -> int:
        """Number of sentences that the facts neither bear out nor contradict."""
        return self.verdicts.count(Verdict.UNSUPPORTED)

    @property
    def is_clean(self) -> bool:
        """Whether every sentence is supported, nothing required is missing and no finding blocks."""
        blocks = any(finding.severity is Severity.BLOCK for finding in self.findings)
        return self.supported == len(self.verdicts) and not self.omitted and not blocks

    @cached_property
    def sha256(self) -> str:
        """SHA-256 of the canonical JSON of the report."""
        return sha256_hex(self.as_json())

    def of_sentence(self, index: int) -> list[Finding]:
        """Findings of one sentence."""
        return [finding for finding in self.findings if finding.sentence == index]

    def as_json(self) -> dict[str, Any]:
        """The report as JSON-ready data with its counts; `from_json` reads it back."""
        counts = {"supported": self.supported, "contradicted": self.contradicted, "unsupported": self.unsupported}
        return {**_CODEC.write(self), **counts}

    @staticmethod
    def from_json(data: object) -> "VerificationReport":
        """Read what `as_json` wrote; StoredDataError for anything else."""
        return _CODEC.read(data)


FINDINGS: Final = Codec(Finding, "a finding")
_CODEC: Final = Codec(VerificationReport, "a verification")
