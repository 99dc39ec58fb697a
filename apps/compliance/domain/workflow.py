"""The one review workflow: states, who may take which step, and why a step is refused (21 CFR 11.10(f))."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class ReviewState(StrEnum):
    """Where one version of a reviewed document stands."""

    DRAFT = "draft"
    VERIFIED = "verified"
    BLOCKED = "blocked"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    SIGNED = "signed"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


class Step(StrEnum):
    """What can be done to a version."""

    PASS_CHECK = "pass_check"  # noqa: S105  # a step, not a password
    FAIL_CHECK = "fail_check"
    SUBMIT = "submit"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    SIGN = "sign"
    SUPERSEDE = "supersede"


@dataclass(frozen=True, slots=True)
class Rule:
    """From which states a step leads where, and what it asks of its actor."""

    sources: frozenset[ReviewState]
    target: ReviewState
    needs_reason: bool = False
    not_by_author: bool = False


# A signed version too: it is put out of force once a later one is signed. What has ended stays as it ended.
_OPEN = frozenset(
    {
        ReviewState.DRAFT,
        ReviewState.VERIFIED,
        ReviewState.BLOCKED,
        ReviewState.IN_REVIEW,
        ReviewState.CHANGES_REQUESTED,
        ReviewState.SIGNED,
    }
)
_IN_REVIEW = frozenset({ReviewState.IN_REVIEW})

# Nothing leads out of `withdrawn` and `superseded`: another decision needs another version.
RULES: Mapping[Step, Rule] = {
    Step.PASS_CHECK: Rule(frozenset({ReviewState.DRAFT}), ReviewState.VERIFIED),
    Step.FAIL_CHECK: Rule(frozenset({ReviewState.DRAFT}), ReviewState.BLOCKED, needs_reason=True),
    Step.SUBMIT: Rule(frozenset({ReviewState.VERIFIED}), ReviewState.IN_REVIEW),
    Step.REQUEST_CHANGES: Rule(_IN_REVIEW, ReviewState.CHANGES_REQUESTED, needs_reason=True, not_by_author=True),
    Step.REJECT: Rule(_IN_REVIEW, ReviewState.WITHDRAWN, needs_reason=True, not_by_author=True),
    Step.SIGN: Rule(_IN_REVIEW, ReviewState.SIGNED, not_by_author=True),
    Step.SUPERSEDE: Rule(_OPEN, ReviewState.SUPERSEDED, needs_reason=True),
}


AUTHOR_REFUSED = "You wrote this version; another person must decide on it."


class Meaning(StrEnum):
    """Why a person signs (21 CFR 11.50(a)(3))."""

    APPROVAL = "approval"
    MEDICAL_REVIEW = "medical review"
    RESPONSIBILITY = "responsibility"


def _in_words(state: ReviewState) -> str:
    """As the marks of the pages call it."""
    return "checked against the data" if state is ReviewState.VERIFIED else state.value.replace("_", " ")


def refusal(step: Step, state: ReviewState, *, is_author: bool, reason: str) -> str | None:
    """Why the step is refused now, in words for its actor; None when it may be taken."""
    rule = RULES[step]
    name = step.value.replace("_", " ")
    if state not in rule.sources:
        expected = " or ".join(sorted(_in_words(source) for source in rule.sources))
        return f"Cannot {name}: the version is {_in_words(state)}, it must be {expected}."
    if rule.not_by_author and is_author:
        return AUTHOR_REFUSED
    if rule.needs_reason and not reason.strip():
        return f"To {name}, say why."
    return None
