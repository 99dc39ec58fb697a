"""Of which domains a study has data at all: where it has none, an empty list says nothing about a subject."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from apps.studies.domain.audience import Audience
from apps.studies.models import ReceivedDomain, Study


def received_domains(study: Study, audience: Audience, *, by: datetime | None = None) -> frozenset[str]:
    """The domains that an audience may know to have been received, until a moment (default: now)."""
    found = ReceivedDomain.objects.filter(study=study)
    if by is not None:
        found = found.filter(received_at__lte=by)
    if audience is not Audience.UNBLINDED:
        found = found.filter(is_open=True)
    return frozenset(found.values_list("domain", flat=True))


def how_many_received(study: OuterRef, domains: Collection[str]) -> Coalesce:
    """In a query, how many of *domains* blinded readers know to have come; it only grows, and so dates an answer."""
    found = ReceivedDomain.objects.filter(study=study, domain__in=domains, is_open=True).order_by().values("study")
    return Coalesce(Subquery(found.values(number=Count("pk")), output_field=IntegerField()), 0)
