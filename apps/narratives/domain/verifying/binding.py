"""Which of the things a sentence names a claim or a value speaks of."""

import re
from typing import Final

from apps.narratives.domain.facts.fact import Role
from apps.narratives.domain.verifying.claims import Category
from apps.narratives.domain.verifying.reading import Claim, Mention, Reading

ITEM_ROLES: Final = frozenset(
    {
        Role.AMOUNT,
        Role.FREQUENCY,
        Role.ROUTE,
        Role.START,
        Role.STOP,
        Role.RESULT,
        Role.MULTIPLE,
        Role.LOWER,
        Role.UPPER,
        Role.DIRECTION,
    }
)
EVENT_ROLES: Final = frozenset(
    {
        Role.OUTCOME,
        Role.CAUSALITY,
        Role.SEVERITY,
        Role.RECORDED_SEVERITY,
        Role.SERIOUS_FLAG,
        Role.CRITERION,
        Role.ACTION,
        Role.DOSE_TIMING,
        Role.ONSET_AFTER_LAST_DOSE,
        Role.ONSET_BEFORE_FIRST_DOSE,
        Role.DURATION,
    }
)
_ITEMS: Final = ("MEDICATION/", "LB/", "MH/")
_EVENTS: Final = ("EVENT/",)


def bracket(text: str, place: int) -> str | None:
    """What stands between the opening bracket around a place and the place; None outside brackets."""
    opened = text.rfind("(", 0, place)
    return None if opened < 0 or text.rfind(")", 0, place) > opened else text[opened + 1 : place]


def item_before(reading: Reading, place: int) -> frozenset[str] | None:
    """The medication, result or illness named last before a place; None where none is."""
    named = [mention for mention in _of(reading, _ITEMS) if mention.end <= place]
    return _only(named[-1], _ITEMS) if named else None


def events_of(reading: Reading, claim: Claim) -> list[frozenset[str]]:
    """The events a claim speaks of, each as the ids it may have; none where the sentence names no event."""
    named = _of(reading, _EVENTS)
    return [_only(mention, _EVENTS) for mention in _events_near(reading, claim, named)]


def named_events(reading: Reading, place: int) -> list[frozenset[str]]:
    """The events named before a place, or all where none is."""
    named = _of(reading, _EVENTS)
    before = [mention for mention in named if mention.end <= place]
    return [_only(mention, _EVENTS) for mention in before or named]


def _events_near(reading: Reading, claim: Claim, named: list[Mention]) -> list[Mention]:
    before = [mention for mention in named if mention.end <= claim.start]
    inside = bracket(reading.text, claim.start)
    # A bracket judges what stands right before it, unless it says `both` or `all`.
    if inside is not None and before:
        return _listed_before(reading.text, before) if re.match(r"\s*(?:both|all)\b", inside) else before[-1:]
    follower = next((mention for mention in named if mention.start >= claim.end), None)
    # A severity right before a term belongs to that term: `mild nausea and severe rash`.
    is_adjective = claim.rule.category is Category.SEVERITY and follower is not None
    if is_adjective and follower is not None and not reading.text[claim.end : follower.start].strip():
        return [follower]
    same = [other for other in reading.claims if other.rule.category is claim.rule.category and other is not claim]
    # Each judgement speaks of the events named since the one before it of its sort.
    last = max((other.end for other in same if other.end <= claim.start), default=0)
    left = [mention for mention in before if mention.start >= last]
    return left or before or named


def _listed_before(text: str, before: list[Mention]) -> list[Mention]:
    """The mentions of the list that a shared bracket closes."""
    last_bracket = text.rfind(")", 0, before[-1].start)
    return [mention for mention in before if mention.start > last_bracket]


def _of(reading: Reading, prefixes: tuple[str, ...]) -> list[Mention]:
    return [mention for mention in reading.mentions if _only(mention, prefixes)]


def _only(mention: Mention, prefixes: tuple[str, ...]) -> frozenset[str]:
    return frozenset(entity for entity in mention.entities if entity.startswith(prefixes))
