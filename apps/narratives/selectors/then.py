"""A narrative as it stood while an earlier version of its subject was the latest: which text, in which state."""

from dataclasses import dataclass
from datetime import datetime

from apps.compliance.domain.workflow import ReviewState
from apps.compliance.models import ReviewTransition
from apps.narratives.models import CurrencyChange, Narrative, NarrativeVersion

CURRENT = "current"


@dataclass(frozen=True, slots=True)
class NarrativeThen:
    """The last version written by then, the state of its review and its currency at that moment, what was signed."""

    version: NarrativeVersion
    state: str
    currency: str
    signed: NarrativeVersion | None


def narrative_then(narrative: Narrative, until: datetime) -> NarrativeThen | None:
    """How a narrative stood just before a moment; None where nothing was written yet."""
    versions = list(
        # Before the moment and not at it: then the next version of the subject was there.
        NarrativeVersion.objects.filter(narrative=narrative, created_at__lt=until)
        .select_related("review")
        .order_by("number")
    )
    if not versions:
        return None
    states = {version.pk: _state_then(version, until) for version in versions}
    signed = [version for version in versions if states[version.pk] == ReviewState.SIGNED.value]
    last = versions[-1]
    return NarrativeThen(last, states[last.pk], _currency_then(last, until), signed[-1] if signed else None)


def _state_then(version: NarrativeVersion, until: datetime) -> str:
    steps = ReviewTransition.objects.filter(review_id=version.review_id, at__lt=until).order_by("at", "pk")
    return steps.values_list("to_state", flat=True).last() or ReviewState.DRAFT.value


def _currency_then(version: NarrativeVersion, until: datetime) -> str:
    turns = CurrencyChange.objects.filter(version=version, at__lt=until).order_by("at", "pk")
    # Turns alone are kept: a text without one has been current since it was written.
    return turns.values_list("to_value", flat=True).last() or CURRENT
