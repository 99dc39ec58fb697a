"""Narratives as reviewable content: what a reviewer sees, what a signature binds, what it replaces."""

from django.urls import reverse

from apps.compliance.domain.workflow import ReviewState, Step
from apps.compliance.models import Review
from apps.compliance.services.content import ShownContent, ShownSentence
from apps.compliance.services.reviewing import move_review
from apps.narratives.domain.assemble import Content
from apps.narratives.models import NarrativeVersion
from apps.narratives.selectors.content import content_of_version
from apps.narratives.selectors.integrity import ALTERED, contents_found, faults_of
from apps.narratives.services.checking import check_version
from apps.studies.services.events import SubjectMove


class NarrativeContent:
    """Shows narrative versions to the review workflow, which knows nothing of narratives."""

    def show(self, review: Review) -> ShownContent:
        """Text and hashes computed afresh from what is stored, with its currency checked now."""
        version = _version_of(review)
        content = content_of_version(version)
        currency = check_version(version, None)
        found, faults = contents_found([review.pk])[review.pk], faults_of(version)
        return ShownContent(
            title=review.title,
            subject_id=version.narrative.subject.subject_id,
            sentences=_sentences(version, content),
            counts={
                "sentences": len(content.sentences),
                "supported": content.verification.supported,
                "contradicted": content.verification.contradicted,
                "unsupported": content.verification.unsupported,
                "omitted": len(content.verification.omitted),
            },
            parts_sha256=found.parts_sha256,
            content_sha256=found.content_sha256,
            data_version=version.twin_version,
            currency=ALTERED if faults else currency.value,
            faults=faults,
            stale_reasons=[
                {"name": reason["name"], "old": reason["old_text"], "new": reason["new_text"]}
                for reason in currency.reasons
            ],
            page_url=reverse("narrative", kwargs={"code": review.study.code, "narrative_id": version.narrative_id}),
        )

    def signed(self, review: Review) -> None:
        """An earlier signed version is superseded by this one; it stays readable with its signature."""
        version = _version_of(review)
        earlier = Review.objects.filter(
            content_kind=review.content_kind, content_id=review.content_id, state=ReviewState.SIGNED.value
        ).exclude(pk=review.pk)
        for replaced in earlier:
            move_review(review=replaced, step=Step.SUPERSEDE, actor=None, reason=f"Version {version.number} was signed")


def follow_subject(move: SubjectMove) -> None:
    """The reviews of a subject's narratives are at the site where the subject is."""
    versions = NarrativeVersion.objects.filter(narrative__subject=move.subject)
    Review.objects.filter(pk__in=versions.values("review_id")).update(site=move.subject.site)


def _version_of(review: Review) -> NarrativeVersion:
    return NarrativeVersion.objects.select_related("narrative__subject__study", "review").get(review=review)


def _sentences(version: NarrativeVersion, content: Content) -> list[ShownSentence]:
    before = (
        NarrativeVersion.objects.filter(narrative=version.narrative, number__lt=version.number)
        .filter(review__signatures__isnull=False)
        .order_by("number")
        .last()
    )
    known = {sentence["text"] for sentence in before.sentences} if before else None
    return [
        ShownSentence(number, sentence.text, len(sentence.fact_ids), known is not None and sentence.text not in known)
        for number, sentence in enumerate(content.sentences, start=1)
    ]
