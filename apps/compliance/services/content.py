"""The port through which a room to the right hands its documents to review; registered in its `AppConfig.ready`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.compliance.models import Review


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """One sentence as a reviewer reads it; `is_changed` against the last signed version."""

    number: int
    text: str
    fact_count: int
    is_changed: bool


@dataclass(frozen=True, slots=True)
class ShownContent:
    """What a reviewer sees and a signature binds; `faults` say why it is not what was written."""

    title: str
    subject_id: str
    sentences: Sequence[ShownSentence]
    counts: Mapping[str, int]
    parts_sha256: Mapping[str, str]
    content_sha256: str
    data_version: int
    currency: str
    faults: Sequence[str]
    stale_reasons: Sequence[Mapping[str, str]]
    page_url: str


class ContentAdapter(Protocol):
    """What a kind of document must offer to be reviewed."""

    def show(self, review: Review) -> ShownContent:
        """The content under review, hashed afresh from what is stored, with its currency checked now."""
        ...

    def signed(self, review: Review) -> None:
        """Called in the transaction of a signature, to retire what this version replaces."""
        ...


_adapters: dict[str, ContentAdapter] = {}


def register_content(kind: str, adapter: ContentAdapter) -> None:
    """Say who shows documents of a kind."""
    _adapters[kind] = adapter


def content_of(review: Review) -> ShownContent:
    """The content under review, from the adapter of its kind."""
    return _adapters[review.content_kind].show(review)


def adapter_of(review: Review) -> ContentAdapter:
    """The adapter of a review's kind."""
    return _adapters[review.content_kind]
