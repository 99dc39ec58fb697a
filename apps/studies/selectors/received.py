"""Of which domains a study has data at all: where it has none, an empty list says nothing about a subject."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.studies.domain.audience import Audience
from apps.studies.domain.variables import domain_is_hidden
from apps.studies.models import ReceivedDomain, Study


def received_domains(study: Study, audience: Audience, *, by: datetime | None = None) -> frozenset[str]:
    """The domains that an audience may know to have been received, until a moment (default: now)."""
    found = ReceivedDomain.objects.filter(study=study)
    if by is not None:
        found = found.filter(received_at__lte=by)
    domains = found.values_list("domain", flat=True)
    if audience is Audience.UNBLINDED:
        return frozenset(domains)
    return frozenset(domain for domain in domains if not domain_is_hidden(domain))


def how_many_received(study: OuterRef, domains: Collection[str]) -> Coalesce:
    """In a query, how many of *domains* a study has received; a number that only grows, and so dates an answer."""
    found = ReceivedDomain.objects.filter(study=study, domain__in=domains).order_by().values("study")
    return Coalesce(Subquery(found.values(number=Count("pk")), output_field=IntegerField()), 0)
