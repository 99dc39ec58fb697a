"""Turns versions, facts and reasons into what the pages show."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

from apps.accounts.domain.roles import Permission
from apps.compliance.domain.workflow import Step
from apps.compliance.services.reviewing import why_not
from apps.narratives.domain.currency import shown as value_in_words
from apps.narratives.domain.extract import extract_facts
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.content import content_of_version
from apps.narratives.selectors.integrity import ALTERED, faults_by_version, faults_of
from apps.narratives.selectors.origins import origins_of
from apps.narratives.selectors.standing import CHECKING
from apps.narratives.services.drafting import is_drafting
from apps.narratives.web.scope import Reader
from apps.studies.domain.audience import Audience
from apps.twins.selectors.twins import twin_at
from apps.twins.web.words import sentence


@dataclass(frozen=True, slots=True)
class SentenceLine:
    """One sentence on the page; numbers count from 1."""

    number: int
    text: str
    fact_count: int
    is_stale: bool
    is_pinned: bool
    starts_section: bool


@dataclass(frozen=True, slots=True)
class FactLine:
    """One fact behind a sentence: then, now, and where it comes from."""

    id: str
    name: str
    then: str
    now: str
    is_changed: bool
    record: str
    variable: str
    origin: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True)
class Act:
    """Something this reader may do in principle; `why_not` says why not now."""

    name: str
    label: str
    why_not: str
    url_name: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison."""

    kind: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of all of them."""

    number: int
    state: str
    currency: str
    created_at: datetime


def version_lines(versions: Sequence[NarrativeVersion]) -> list[VersionLine]:
    """All versions, each with whether it is still what was written."""
    altered = faults_by_version(versions)
    return [
        VersionLine(
            version.number,
            version.review.state,
            ALTERED if version.pk in altered else version.standing,
            version.created_at,
        )
        for version in versions
    ]


def shown_version(narrative: Narrative, version: NarrativeVersion, *, pinned: int) -> dict[str, Any]:
    """A version as its page shows it."""
    stale = {index for reason in version.currency.reasons for index in reason["sentences"]}
    lines, section = [], None
    for index, item in enumerate(version.sentences):
        lines.append(
            SentenceLine(
                number=index + 1,
                text=item["text"],
                fact_count=len(item["fact_ids"]),
                is_stale=index in stale,
                is_pinned=index + 1 == pinned,
                starts_section=item["section"] != section,
            )
        )
        section = item["section"]
    faults = faults_of(version)
    return {
        "version": version,
        "faults": faults,
        "currency": ALTERED if faults else version.standing,
        "sentences": lines,
        "pinned": pinned,
        "turns": version.currency_changes.select_related("change_set"),
        "report": _report(version),
        "citations": sum(line.fact_count for line in lines),
        "reasons": [stale_line(reason) for reason in version.currency.reasons],
        "evidence": fact_lines(version, pinned) if 0 < pinned <= len(lines) else [],
    }


def stale_line(reason: Mapping[str, Any]) -> dict[str, Any]:
    """A reason for stale text with its values in words."""
    return {**reason, "old_text": in_words(reason["old_text"]), "new_text": in_words(reason["new_text"])}


def in_words(text: str) -> str:
    """A value as people read it: terms and codes in sentence case, everything else as it is."""
    return sentence(text) if text.isupper() and len(text) > 3 else text


def _report(version: NarrativeVersion) -> dict[str, Any]:
    report = version.verification
    cited = [reason for reason in version.currency.reasons if reason["kind"] != "omission"]
    stale = len({index for reason in cited for index in reason["sentences"]})
    omitted_now = sum(reason["kind"] == "omission" for reason in version.currency.reasons)
    return {
        "sentences": len(version.sentences),
        "supported": report["supported"],
        "supported_now": report["supported"] - stale,
        "contradicted": report["contradicted"],
        "contradicted_now": report["contradicted"] + stale,
        "unsupported": report["unsupported"],
        "omitted": len(report["omitted"]),
        "omitted_now": len(report["omitted"]) + omitted_now,
        "findings": report["findings"],
        "omissions": report["omitted"],
        "verifier": report["verifier_version"],
        "lexicon": report["lexicon_version"],
    }


def fact_lines(version: NarrativeVersion, number: int) -> list[FactLine]:
    """The facts of one sentence (counted from 1), as they were written down and as they are now."""
    content = content_of_version(version)
    now = extract_facts(twin_at(version.narrative.subject, Audience.BLINDED)).by_id
    records = {source.partition(".")[0] for fact in content.facts.facts for source in fact.sources}
    origins = origins_of(version.narrative.subject, records, after=0)
    lines = []
    for fact_id in content.sentences[number - 1].fact_ids:
        fact = content.facts.by_id[fact_id]
        then, current = in_words(value_in_words(fact)), in_words(value_in_words(now.get(fact_id)))
        record, _dot, variable = (fact.sources[0] if fact.sources else "").partition(".")
        lines.append(
            FactLine(fact_id, fact.name, then, current, then != current, record, variable, origins.get(record))
        )
    return lines


def acts_of(reader: Reader, narrative: Narrative, latest: NarrativeVersion | None) -> list[Act]:
    """What this reader may do with the narrative; what the role may never do is absent."""
    if not reader.principal.may(Permission.DRAFT_NARRATIVE, narrative.study_id, narrative.subject.site_id):
        return []
    if is_drafting(narrative):
        return [Act("refresh", _("Refresh draft"), _("A draft is being written at this moment."))]
    if latest is None:
        return [Act("refresh", _("Try the draft again"), "", "narrative-refresh")]
    is_altered = bool(faults_of(latest))
    return [_refresh_act(latest, is_altered=is_altered), _submit_act(reader, latest, is_altered=is_altered)]


def _refresh_act(latest: NarrativeVersion, *, is_altered: bool) -> Act:
    needed = is_altered or latest.standing != "current"
    needed = needed or latest.review.state in {"blocked", "changes_requested"}
    why = "" if needed else _("The text agrees with the data; there is nothing to refresh.")
    return Act("refresh", _("Refresh draft"), why, "narrative-refresh")


def _submit_act(reader: Reader, latest: NarrativeVersion, *, is_altered: bool) -> Act:
    why = why_not(review=latest.review, step=Step.SUBMIT, principal=reader.principal, user=reader.user) or ""
    if not why and is_altered:
        why = _("The text is not what was written; refresh it first.")
    # While the data are being checked the act itself checks; only what is known to be stale bars it.
    if not why and latest.standing not in {"current", CHECKING}:
        why = _("The data moved since this version was written; refresh it first.")
    return Act("submit", _("Submit for review"), why, "narrative-submit")


def text_differences(before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]) -> list[Difference]:
    """Sentences of two versions side by side, in the order of the later one."""
    old, new = [item["text"] for item in before], [item["text"] for item in after]
    found: list[Difference] = []
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Difference("unchanged", text, text) for text in new[c:d]]
            continue
        pairs = max(b - a, d - c)
        removed, added = old[a:b] + [""] * (pairs - (b - a)), new[c:d] + [""] * (pairs - (d - c))
        found += [Difference("changed", one, other) for one, other in zip(removed, added, strict=True)]
    return found
