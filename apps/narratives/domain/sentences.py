"""A sentence of a narrative with the facts it states."""

from dataclasses import dataclass
from typing import Final

from apps.core.domain.stored import Codec


@dataclass(frozen=True, slots=True)
class Sentence:
    """One checkable sentence: its text, the facts it cites, the elements it covers and the message it came from."""

    text: str
    fact_ids: tuple[str, ...]
    elements: tuple[str, ...] = ()
    message_key: str = ""
    section: str = ""


SENTENCES: Final = Codec(Sentence, "a sentence")
