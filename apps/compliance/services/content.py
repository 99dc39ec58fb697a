"""The port through which a room to the right hands its documents to review; registered in its `AppConfig.ready`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from apps.compliance.models import Review


@dataclass(frozen=True, slots=True)
class ShownFact:
    """One fact that a sentence states: as it was written, as it is now, and what set it."""

    name: str
    then: str
    now: str
    is_changed: bool
    origin: str


@dataclass(frozen=True, slots=True)
class ShownSentence:
    """One sentence as a reviewer reads it: `is_changed` since the last signed version, `is_stale` beside the data."""

    number: int
    text: str
    facts: Sequence[ShownFact]
    is_changed: bool
    is_stale: bool


@dataclass(frozen=True, slots=True)
class ShownContent:
    """What a reviewer sees and a signature binds; `faults` say why it is not what was written.

    `counts` are what the check found when the text was written, `counts_now` what holds now; each of `stale_reasons`
    says what moved.
    """

    title: str
    subject_id: str
    sentences: Sequence[ShownSentence]
    counts: Mapping[str, int]
    counts_now: Mapping[str, int]
    parts_sha256: Mapping[str, str]
    content_sha256: str
    data_version: int
    currency: str
    faults: Sequence[str]
    stale_reasons: Sequence[ShownFact]
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
