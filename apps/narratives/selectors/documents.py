"""Narratives as documents for integrators; the same content as the pages show."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from apps.compliance.selectors.signatures import signature_as_dict, signatures_of
from apps.core.models import JobState
from apps.narratives.domain.currency.compare import Reason
from apps.narratives.domain.facts.fact import FACTS
from apps.narratives.domain.verifying.report import FINDINGS
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.content import content_of_version, latest_version
from apps.narratives.selectors.integrity import ALTERED, faults_among, latest_and_signed, narrative_faults

Document = dict[str, Any]
EMPTY_VERIFICATION = {"supported": 0, "contradicted": 0, "unsupported": 0, "omitted": 0, "findings": []}


def narrative_rows(narratives: Sequence[Narrative]) -> list[Document]:
    """One line per narrative, hashed afresh; a constant number of queries."""
    found = latest_and_signed([narrative.pk for narrative in narratives])
    faults = faults_among(found)
    # Oldest first, so that the latest of each narrative stays.
    versions = {version.narrative_id: version for version in found}
    return [_line(narrative, versions.get(narrative.pk), faults.get(narrative.pk, ())) for narrative in narratives]


def _line(narrative: Narrative, version: NarrativeVersion | None, faults: Sequence[str]) -> Document:
    currency = version.currency_now if version else "current"
    return {
        "id": str(narrative.pk),
        "subject_id": narrative.subject.subject_id,
        "state": version.review.state if version else "draft",
        "currency": ALTERED if faults else currency,
        "is_intact": not faults,
        "why_not_intact": list(faults),
        "version": version.number if version else 0,
    }


def document_of(narrative: Narrative) -> Document:
    """The narrative as its latest version says it, with the signatures of every version."""
    version = latest_version(narrative)
    faults = narrative_faults([narrative.pk]).get(narrative.pk, ())
    error = narrative.job.error if narrative.job and narrative.job.state == JobState.FAILED else ""
    # The name of the kind stands with the services, above this floor.
    signatures = [signature_as_dict(checked) for checked in signatures_of("safety narrative", str(narrative.pk))]
    line = {**_line(narrative, version, faults), "signatures": signatures, "error": error}
    if version is None:
        return {**line, "sentences": [], "facts": {}, "verification": EMPTY_VERIFICATION, "staleness": []}
    content = content_of_version(version)
    report = content.verification
    return {
        **line,
        "twin_version": version.twin_version,
        "content_sha256": version.content_sha256,
        "sentences": [{"text": sentence.text, "facts": list(sentence.fact_ids)} for sentence in content.sentences],
        "facts": {fact.id: FACTS.write(fact) for fact in content.facts.facts},
        "verification": {
            "supported": report.supported,
            "contradicted": report.contradicted,
            "unsupported": report.unsupported,
            "omitted": len(report.omitted),
            "findings": FINDINGS.write_all(report.findings),
        },
        "staleness": [staleness(reason) for reason in version.currency.told],
    }


def staleness(reason: Reason) -> Document:
    """One reason for stale text: the fact, old and new value, and where the new one came from."""
    return {
        "fact": reason.fact_id,
        "name": reason.name,
        "kind": reason.kind.value,
        "old": reason.old,
        "new": reason.new,
        "old_text": reason.old_text,
        "new_text": reason.new_text,
        "sentences": list(reason.sentences),
        "moved": [asdict(move) for move in reason.moved],
        "source": None if reason.origin is None else asdict(reason.origin),
    }
