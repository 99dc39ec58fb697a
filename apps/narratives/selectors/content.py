"""Reads narratives and what their versions hold."""

from uuid import UUID

from django.db.models import QuerySet

from apps.compliance.domain.workflow import ReviewState
from apps.core.domain.errors import NotVisibleError
from apps.narratives.domain.content import Content
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.currency_now import CLOSED, with_currency_now
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Subject
from apps.twins.selectors.history import in_sequence_of


def visible_narrative(principal: Principal, narrative_id: UUID) -> Narrative:
    """A narrative by its id; raises NotVisibleError for a stranger."""
    narratives = Narrative.objects.visible_to(principal).select_related(
        "study", "subject__site", "job", "subject__study"
    )
    narrative = narratives.filter(pk=narrative_id).first()
    if narrative is None:
        raise NotVisibleError("No narrative that you may see has this id.")
    return narrative


def versions_of(narrative: Narrative) -> QuerySet[NarrativeVersion]:
    """Versions with their reviews and their currency against the data of now, oldest first."""
    versions = NarrativeVersion.objects.filter(narrative=narrative).select_related("review", "currency", "author")
    return with_currency_now(versions).order_by("number")


def latest_version(narrative: Narrative) -> NarrativeVersion | None:
    """The newest version, or None before the first draft."""
    return versions_of(narrative).last()


def signed_version(narrative: Narrative) -> NarrativeVersion | None:
    """The version whose signature stands, or None."""
    return versions_of(narrative).filter(review__state=ReviewState.SIGNED.value).last()


def version_numbered(narrative: Narrative, number: int) -> NarrativeVersion:
    """One version; raises NotVisibleError when there is none of this number."""
    version = versions_of(narrative).filter(number=number).first()
    if version is None:
        raise NotVisibleError(f"This narrative has no version {number}.")
    return version


def has_watched_versions(subject_pk: int) -> bool:
    """Whether the subject has a version whose currency matters; one small query, for every change of every subject."""
    versions = NarrativeVersion.objects.filter(narrative__subject_id=subject_pk)
    return versions.exclude(review__state__in=CLOSED).exists()


def watched_versions(subject_pk: int) -> list[NarrativeVersion]:
    """Versions whose currency matters: all that are neither superseded nor withdrawn."""
    versions = NarrativeVersion.objects.filter(narrative__subject_id=subject_pk).exclude(review__state__in=CLOSED)
    return list(versions.select_related("review", "currency", "narrative__subject__study"))


def content_of_version(version: NarrativeVersion) -> Content:
    """Text, facts and verification of a version as they were stored."""
    return Content.from_json(
        {"sentences": version.sentences, "facts": version.facts, "verification": version.verification}
    )


def signed_twin_versions(subject: Subject, audience: Audience) -> list[int]:
    """Versions of the twin that a narrative of the subject was signed against, as the audience counts them."""
    signed = NarrativeVersion.objects.filter(narrative__subject=subject, review__signatures__isnull=False)
    return [in_sequence_of(subject, audience, number) for number in signed.values_list("twin_version", flat=True)]
