"""Text, facts and verification together: what a signature binds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from apps.core.domain.canonical import sha256_hex
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.sentences import SENTENCES, Sentence
from apps.narratives.domain.verifying.report import VerificationReport


@dataclass(frozen=True)
class Content:
    """What a signature binds: the sentences, the facts they cite and the report of their check."""

    sentences: tuple[Sentence, ...]
    facts: FactSet
    verification: VerificationReport

    @property
    def text(self) -> str:
        """The narrative as running text, one paragraph for each section."""
        paragraphs: dict[str, list[str]] = {}
        for sentence in self.sentences:
            paragraphs.setdefault(sentence.section, []).append(sentence.text)
        return "\n\n".join(" ".join(lines) for lines in paragraphs.values())

    @cached_property
    def text_sha256(self) -> str:
        """SHA-256 of the sentences with their citations."""
        return sha256_hex(SENTENCES.write_all(self.sentences))

    @cached_property
    def content_sha256(self) -> str:
        """SHA-256 over text, facts and verification together."""
        # Over the hashes of the parts, so that a signature can say which part is no longer what was signed.
        return sha256_hex(
            {"text": self.text_sha256, "facts": self.facts.sha256, "verification": self.verification.sha256}
        )

    def as_json(self) -> dict[str, Any]:
        """The content as JSON-ready data; `from_json` reads it back."""
        return {
            "sentences": SENTENCES.write_all(self.sentences),
            "facts": self.facts.as_json(),
            "verification": self.verification.as_json(),
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Content":
        """Read what `as_json` wrote, the parts by name; StoredDataError for a part of another shape."""
        return Content(
            sentences=SENTENCES.read_all(data["sentences"]),
            facts=FactSet.from_json(data["facts"]),
            verification=VerificationReport.from_json(data["verification"]),
        )
