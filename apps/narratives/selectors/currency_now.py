"""What may be said of a version's currency: the last answer of the check, unless the data moved since it was asked.

The stored answer is about one version of the twin, and about the domains that the study had received. Beside a later
version, or after another domain came, it is history, so it is worked out on reading whether it still holds: a lost job,
queue or process can then delay an answer but never leave a wrong one standing.
"""

from django.db.models import Case, CharField, F, OuterRef, Q, QuerySet, Value, When

from apps.compliance.domain.workflow import ReviewState
from apps.narratives.domain.facts.extract import ASKED_DOMAINS
from apps.narratives.models import NarrativeVersion
from apps.studies.selectors.received import how_many_received

CHECKING, NO_LONGER_CHECKED = "checking", "no_longer_checked"
# Nobody relies on these any more, so that no check is spent on them.
CLOSED = (ReviewState.SUPERSEDED.value, ReviewState.WITHDRAWN.value)
_RECEIVED = how_many_received(OuterRef("narrative__study"), ASKED_DOMAINS)
_IS_BEHIND = Q(currency__twin_version__lt=F("narrative__subject__blinded_version")) | Q(
    currency__domains_received__lt=_RECEIVED
)


def with_currency_now(versions: QuerySet[NarrativeVersion]) -> QuerySet[NarrativeVersion]:
    """The versions with `currency_now`: their currency against the data of now, in the same query."""
    currency_now = Case(
        When(Q(review__state__in=CLOSED) & _IS_BEHIND, then=Value(NO_LONGER_CHECKED)),
        When(_IS_BEHIND, then=Value(CHECKING)),
        default=F("currency__value"),
        output_field=CharField(),
    )
    return versions.annotate(**{"currency_now": currency_now})


def behind_the_data() -> QuerySet[NarrativeVersion]:
    """Versions that matter and were last checked against earlier data: of their subject, or of the study's domains."""
    return NarrativeVersion.objects.filter(_IS_BEHIND).exclude(review__state__in=CLOSED)
