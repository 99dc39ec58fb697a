"""The narrative of each of many subjects in one line: where it stands and whether it still says what the data say."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.integrity import ALTERED, faults_among, latest_and_signed
from apps.studies.domain.principal import Principal
from apps.studies.models import Study


@dataclass(frozen=True, slots=True)
class NarrativeLine:
    """State of the latest version's review, its currency, and the address of the narrative."""

    state: str
    currency: str
    url: str


def narrative_lines(principal: Principal, study: Study, subject_pks: Collection[int]) -> dict[int, NarrativeLine]:
    """Lines by subject (database id) of those who have a narrative; as many queries for any number of subjects."""
    narratives = dict(
        Narrative.objects.visible_to(principal)
        .filter(study=study, subject_id__in=subject_pks)
        .values_list("subject_id", "pk")
    )
    versions = latest_and_signed(narratives.values())
    altered = faults_among(versions)
    latest = {version.narrative_id: version for version in versions}
    lines = {}
    for subject_pk, narrative_id in narratives.items():
        version = latest.get(narrative_id)
        currency = (version.currency_now or "") if version else ""
        lines[subject_pk] = NarrativeLine(
            version.review.state if version else "draft",
            ALTERED if narrative_id in altered else currency,
            reverse("narrative", args=[study.code, narrative_id]),
        )
    return lines


def stale_subjects(principal: Principal, study: Study) -> QuerySet[Narrative]:
    """Narratives whose latest version was stale when last checked, for lists to filter subjects by."""
    versions = NarrativeVersion.objects.filter(narrative=OuterRef("pk")).order_by("-number")
    narratives = Narrative.objects.visible_to(principal).filter(study=study)
    # The stored answer: what was stale stays in the list while it is checked again, until it is known not to be.
    currency = Subquery(versions.values("currency__value")[:1])
    return narratives.annotate(latest_currency=currency).filter(latest_currency__startswith="stale")
