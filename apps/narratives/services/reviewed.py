"""Narratives as reviewable content: what a reviewer sees, what a signature binds, what it replaces."""

from django.urls import reverse

from apps.compliance.domain.workflow import ReviewState, Step
from apps.compliance.models import Review
from apps.compliance.services.content import ShownContent, ShownFact, ShownSentence
from apps.compliance.services.reviewing import move_review
from apps.narratives.domain.content import Content
from apps.narratives.domain.currency.compare import Origin, Reason
from apps.narratives.domain.sentences import SENTENCES
from apps.narratives.models import Currency, NarrativeVersion
from apps.narratives.selectors.content import content_of_version
from apps.narratives.selectors.evidence import FactLine, counts_then_and_now, facts_by_sentence, in_words
from apps.narratives.selectors.integrity import ALTERED, contents_found, faults_of
from apps.narratives.services.checking import check_version
from apps.narratives.services.drafting import KIND
from apps.studies.domain.panels import NARRATIVE
from apps.studies.services.events import SubjectMove
from apps.twins.services.announcing import announce_overlay


class NarrativeContent:
    """Shows narrative versions to the review workflow, which knows nothing of narratives."""

    def show(self, review: Review) -> ShownContent:
        """Text and hashes computed afresh from what is stored, with its currency checked now."""
        version = _version_of(review)
        content = content_of_version(version)
        currency = check_version(version, None)
        # What is counted below must be about the answer just given, not about the one that came with the version.
        version.currency = currency
        then, now = counts_then_and_now(version)
        found, faults = contents_found([review.pk])[review.pk], faults_of(version)
        return ShownContent(
            title=review.title,
            subject_id=version.narrative.subject.subject_id,
            sentences=_sentences(version, content, currency),
            counts=then,
            counts_now=now,
            parts_sha256=found.parts_sha256,
            content_sha256=found.content_sha256,
            data_version=version.twin_version,
            currency=ALTERED if faults else currency.value,
            faults=faults,
            stale_reasons=[_moved(reason) for reason in currency.told],
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
    # In one statement, past the trail: that the subject moved is kept once, as its `SiteTransfer`.
    Review.objects.filter(pk__in=versions.values("review_id")).update(site=move.subject.site)


def announce_review(review: Review) -> None:
    """A narrative came to another state: who sees its subject looks again."""
    if review.content_kind == KIND:
        announce_overlay(_version_of(review).narrative.subject, [NARRATIVE])


def _version_of(review: Review) -> NarrativeVersion:
    return NarrativeVersion.objects.select_related("narrative__subject__study", "review").get(review=review)


def _moved(reason: Reason) -> ShownFact:
    texts = (in_words(reason.old_text), in_words(reason.new_text))
    return ShownFact(reason.name, *texts, is_changed=True, origin=_source(reason.origin))


def _fact(line: FactLine) -> ShownFact:
    return ShownFact(line.name, line.then, line.now, line.is_changed, _source(line.origin))


def _source(origin: Origin | None) -> str:
    """Who set a value, and from where, in one line."""
    if origin is None:
        return ""
    row = f", row {origin.row}" if origin.row else ""
    return f"{origin.actor}, {origin.file or origin.source}{row}"


def _sentences(version: NarrativeVersion, content: Content, currency: Currency) -> list[ShownSentence]:
    before = (
        # Since the last version that was signed: nobody answers for what came between.
        NarrativeVersion.objects.filter(narrative=version.narrative, number__lt=version.number)
        .filter(review__signatures__isnull=False)
        .order_by("number")
        .last()
    )
    known = {sentence.text for sentence in SENTENCES.read_all(before.sentences)} if before else None
    stale = {index + 1 for reason in currency.all_reasons for index in reason.sentences}
    facts = facts_by_sentence(version)
    return [
        ShownSentence(
            number,
            sentence.text,
            [_fact(line) for line in facts[number]],
            is_changed=known is not None and sentence.text not in known,
            is_stale=number in stale,
        )
        for number, sentence in enumerate(content.sentences, start=1)
    ]
