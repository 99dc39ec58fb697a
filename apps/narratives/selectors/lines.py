"""The narrative of each of many subjects in one line: where it stands and whether it still says what the data say."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery
from django.urls import reverse

from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.standing import with_standing
from apps.studies.domain.principal import Principal
from apps.studies.models import Study


@dataclass(frozen=True, slots=True)
class NarrativeLine:
    """State of the latest version's review, its currency, and the address of the narrative."""

    state: str
    currency: str
    url: str


def narrative_lines(principal: Principal, study: Study, subject_pks: Collection[int]) -> dict[int, NarrativeLine]:
    """Lines by subject (database id) of those who have a narrative; two queries for any number of subjects."""
    narratives = dict(
        Narrative.objects.visible_to(principal)
        .filter(study=study, subject_id__in=subject_pks)
        .values_list("subject_id", "pk")
    )
    latest = {
        version.narrative_id: (version.review.state, version.standing)
        for version in with_standing(NarrativeVersion.objects.filter(narrative_id__in=narratives.values()))
        .order_by("number")
        .select_related("review")
        .only("narrative_id", "number", "review__state")
    }
    return {
        subject_pk: NarrativeLine(
            *latest.get(narrative_id, ("draft", "")), reverse("narrative", args=[study.code, narrative_id])
        )
        for subject_pk, narrative_id in narratives.items()
    }


def stale_subjects(principal: Principal, study: Study) -> QuerySet[Narrative]:
    """Narratives whose latest version was stale when last checked, for lists to filter subjects by."""
    versions = NarrativeVersion.objects.filter(narrative=OuterRef("pk")).order_by("-number")
    narratives = Narrative.objects.visible_to(principal).filter(study=study)
    currency = Subquery(versions.values("currency__value")[:1])
    return narratives.annotate(latest_currency=currency).filter(latest_currency__startswith="stale")
