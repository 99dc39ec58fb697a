"""A sentence of a narrative with the facts it states."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Sentence:
    """One checkable sentence: its text, the facts it cites, the elements it covers and the message it came from."""

    text: str
    fact_ids: tuple[str, ...]
    elements: tuple[str, ...] = ()
    message_key: str = ""
    section: str = ""

    def as_json(self) -> dict[str, Any]:
        """The sentence as JSON-ready data; `from_json` reads it back."""
        return {
            "text": self.text,
            "fact_ids": list(self.fact_ids),
            "elements": list(self.elements),
            "message_key": self.message_key,
            "section": self.section,
        }

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> "Sentence":
        """Read what `as_json` wrote; KeyError for anything else."""
        return Sentence(
            text=data["text"],
            fact_ids=tuple(data["fact_ids"]),
            elements=tuple(data["elements"]),
            message_key=data["message_key"],
            section=data["section"],
        )
