"""The account of a check: what was found in which sentence, and what the text leaves out."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from apps.core.domain.canonical import sha256_hex


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

    def as_json(self) -> dict[str, Any]:
        """The finding as JSON-ready data."""
        return {
            "sentence": self.sentence,
            "span": None if self.span is None else list(self.span),
            "code": self.code,
            "severity": self.severity.value,
            "expected": self.expected,
            "found": self.found,
            "fact_id": self.fact_id,
            "contradicts": self.contradicts,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Finding":
        """Read what `as_json` wrote; KeyError or ValueError for anything else."""
        span = data["span"]
        return Finding(
            sentence=data["sentence"],
            span=None if span is None else (span[0], span[1]),
            code=data["code"],
            severity=Severity(data["severity"]),
            expected=data["expected"],
            found=data["found"],
            fact_id=data["fact_id"],
            contradicts=data["contradicts"],
        )


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
        return {
            "factset_sha256": self.factset_sha256,
            "verifier_version": self.verifier_version,
            "lexicon_version": self.lexicon_version,
            "supported": self.supported,
            "contradicted": self.contradicted,
            "unsupported": self.unsupported,
            "verdicts": [verdict.value for verdict in self.verdicts],
            "findings": [finding.as_json() for finding in self.findings],
            "omitted": [
                {"fact_id": item.fact_id, "name": item.name, "elements": list(item.elements)} for item in self.omitted
            ],
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "VerificationReport":
        """Read what `as_json` wrote; KeyError or ValueError for anything else."""
        return VerificationReport(
            factset_sha256=data["factset_sha256"],
            verifier_version=data["verifier_version"],
            lexicon_version=data["lexicon_version"],
            verdicts=tuple(Verdict(verdict) for verdict in data["verdicts"]),
            findings=tuple(Finding.from_json(item) for item in data["findings"]),
            omitted=tuple(Omission(item["fact_id"], item["name"], tuple(item["elements"])) for item in data["omitted"]),
        )
