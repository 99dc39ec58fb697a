"""The facts behind each sentence, as they were written down and as they are now, with the revision that set them."""

from collections.abc import Sequence
from dataclasses import dataclass

from apps.narratives.domain.currency.compare import (
    Origin,
    ReasonKind,
    analyte_of,
    changed_texts,
    is_same_value,
    value_text,
)
from apps.narratives.domain.facts.fact import Fact
from apps.narratives.domain.verifying.report import Finding, Verdict, VerificationReport
from apps.narratives.models import NarrativeVersion
from apps.narratives.selectors.content import content_of_version
from apps.narratives.selectors.facts import facts_of
from apps.narratives.selectors.origins import origins_of
from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.clinical.terms import heading


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact behind a sentence: then, now, and where it comes from; a short name where one thing is spoken of."""

    id: str
    name: str
    short_name: str
    then: str
    now: str
    is_changed: bool
    record: str
    variable: str
    origin: Origin | None


def fact_lines(version: NarrativeVersion, number: int) -> list[FactLine]:
    """The facts of one sentence (counted from 1)."""
    return _lines(version, [number])[number]


def facts_by_sentence(version: NarrativeVersion) -> dict[int, list[FactLine]]:
    """The facts of every sentence, by its number from 1."""
    return _lines(version, range(1, len(version.sentences) + 1))


def _lines(version: NarrativeVersion, numbers: Sequence[int]) -> dict[int, list[FactLine]]:
    content, subject = content_of_version(version), version.narrative.subject
    now = facts_of(subject).by_id
    cited = {
        number: [content.facts.by_id[fact_id] for fact_id in content.sentences[number - 1].fact_ids]
        for number in numbers
    }
    sources = {source for facts in cited.values() for fact in facts for source in fact.sources}
    # From the beginning: beside a fact stands what set it, also where that was long before the text.
    origins = origins_of(subject, sources, after=0)
    found: dict[int, list[FactLine]] = {number: [] for number in numbers}
    for number, facts in cited.items():
        is_of_one_thing = len({fact.name.rpartition(": ")[0] for fact in facts} - {""}) == 1
        for fact in facts:
            after = now.get(fact.id)
            # The one question that currency asks too: a line is marked exactly where the text is stale for it.
            is_changed = after is None or not is_same_value(fact, after, analyte_of(content.facts, fact))
            then, current = _texts(fact, after, is_changed=is_changed)
            source = fact.sources[0] if fact.sources else ""
            record, variable = Reference.parse(source)
            short = fact.name.rpartition(": ")[2] if is_of_one_thing else fact.name
            origin = origins.get(source)
            found[number].append(
                FactLine(fact.id, fact.name, short, then, current, is_changed, record, variable, origin)
            )
    return found


def _texts(fact: Fact, after: Fact | None, *, is_changed: bool) -> tuple[str, str]:
    """What a fact was and is, in words; empty where it is no longer among the facts."""
    if after is None:
        return in_words(value_text(fact)), ""
    then, now = changed_texts(fact, after) if is_changed else (value_text(fact), value_text(after))
    return in_words(then), in_words(now)


def in_words(text: str) -> str:
    """A value as people read it: terms and codes in sentence case, everything else as it is."""
    # Short codes and names such as ASA stay in capitals.
    return heading(text) if text.isupper() and len(text) > 3 else text


def counts_then_and_now(version: NarrativeVersion) -> tuple[dict[str, int], dict[str, int]]:
    """What the check found when the text was written, and what holds now; names as in the report of the check."""
    report, reasons = VerificationReport.from_json(version.verification), version.currency.all_reasons
    then = {
        "sentences": len(version.sentences),
        "supported": report.supported,
        "contradicted": report.contradicted,
        "unsupported": report.unsupported,
        "omitted": len(report.omitted),
    }
    # Every reason, those that are not told too: the sentences that follow from another reason are as wrong.
    stale = {index for reason in reasons if reason.kind is not ReasonKind.OMISSION for index in reason.sentences}
    # Of a text that was blocked: what was not supported then is not less supported now.
    moved = sum(verdict is Verdict.SUPPORTED for index, verdict in enumerate(report.verdicts) if index in stale)
    unsaid = sum(reason.kind is ReasonKind.OMISSION for reason in reasons)
    now = {
        "supported": then["supported"] - moved,
        "contradicted": then["contradicted"] + moved,
        "omitted": then["omitted"] + unsaid,
    }
    return then, {**then, **now}


def findings_on(version: NarrativeVersion, number: int) -> list[Finding]:
    """What the check found wrong with a sentence (counted from 1) when it was written; nothing where all is well."""
    return VerificationReport.from_json(version.verification).of_sentence(number - 1)
