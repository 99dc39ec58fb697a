"""Turns versions, facts and reasons into what the pages show."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.domain.roles import Permission
from apps.compliance.domain.workflow import Step
from apps.compliance.selectors.signatures import CheckedSignature, signatures_of
from apps.compliance.services.reviewing import why_not
from apps.narratives.domain.currency.compare import Reason
from apps.narratives.domain.sentences import SENTENCES, Sentence
from apps.narratives.domain.verifying.report import VerificationReport
from apps.narratives.models import Narrative, NarrativeVersion
from apps.narratives.selectors.currency_now import CHECKING
from apps.narratives.selectors.evidence import counts_then_and_now, fact_lines, findings_on, in_words
from apps.narratives.selectors.integrity import ALTERED, faults_by_version, faults_of
from apps.narratives.services.drafting import KIND, WRITTEN_ANEW, is_drafting
from apps.studies.domain.clinical.references import RecordId
from apps.studies.domain.variables import label
from apps.studies.web.scope import StudyScope
from apps.twins.selectors.history import in_sequence_of
from apps.twins.web.words import value_words


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
class Action:
    """Something this reader may do in principle; `why_not` says why not now, `link` leads to where it is done."""

    name: str
    label: str
    why_not: str
    url_name: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row of a comparison; `number` is the sentence's in the later version, None where it is not in it."""

    kind: str
    old: str
    new: str
    number: int | None


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the list of all of them."""

    number: int
    state: str
    currency: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """A signature with whether it holds, and the version of the twin at which to see what its signer saw.

    None where the manifest, which somebody rewrote, names none.
    """

    checked: CheckedSignature
    twin_version: int | None


def version_lines(versions: Sequence[NarrativeVersion]) -> list[VersionLine]:
    """All versions, each with whether it is still what was written."""
    altered = faults_by_version(versions)
    return [
        VersionLine(
            version.number,
            version.review.state,
            ALTERED if version.pk in altered else version.currency_now,
            version.created_at,
        )
        for version in versions
    ]


def shown_version(scope: StudyScope, narrative: Narrative, version: NarrativeVersion, *, pinned: int) -> dict[str, Any]:
    """A version as its page shows it."""
    stale = {index for reason in version.currency.all_reasons for index in reason.sentences}
    lines, section = [], None
    for index, item in enumerate(SENTENCES.read_all(version.sentences)):
        lines.append(
            SentenceLine(
                number=index + 1,
                text=item.text,
                fact_count=len(item.fact_ids),
                is_stale=index in stale,
                is_pinned=index + 1 == pinned,
                starts_section=item.section != section,
            )
        )
        section = item.section
    faults = faults_of(version)
    return {
        "version": version,
        # Stored as blinded readers count; who sees treatment counts more versions of the same subject.
        "twin_version": in_sequence_of(narrative.subject, scope.audience, version.twin_version),
        "faults": faults,
        "currency": ALTERED if faults else version.currency_now,
        "sentences": lines,
        "pinned": pinned,
        "turns": version.currency_changes.select_related("change_set"),
        "report": _report(version),
        "citations": sum(line.fact_count for line in lines),
        "reasons": [stale_line(reason) for reason in version.currency.told],
        "evidence": fact_lines(version, pinned) if 0 < pinned <= len(lines) else [],
        "findings": findings_on(version, pinned),
    }


def signature_lines(scope: StudyScope, narrative: Narrative) -> list[SignatureLine]:
    """Every signature of the narrative, and the version of the twin that its signer saw, as this reader counts them."""
    return [
        SignatureLine(checked, in_sequence_of(narrative.subject, scope.audience, number) if number else None)
        for checked in signatures_of(KIND, str(narrative.pk))
        for number in [checked.data_version]
    ]


def stale_line(reason: Reason) -> dict[str, Any]:
    """A reason for stale text with its values in words, and those of what moved where the fact itself is gone."""
    moved = [
        {
            "label": label(domain, move.variable),
            "old": value_words(domain, move.variable, move.before),
            "new": value_words(domain, move.variable, move.now),
        }
        for move in reason.moved
        if (domain := RecordId(move.record).domain)
    ]
    texts = {"old_text": in_words(reason.old_text), "new_text": in_words(reason.new_text)}
    return {**asdict(reason), **texts, "moved": moved}


def _report(version: NarrativeVersion) -> dict[str, Any]:
    report = VerificationReport.from_json(version.verification)
    then, now = counts_then_and_now(version)
    return {
        **then,
        **{f"{name}_now": number for name, number in now.items()},
        "findings": report.findings,
        "omissions": report.omitted,
        "verifier": report.verifier_version,
        "lexicon": report.lexicon_version,
    }


def actions_of(scope: StudyScope, narrative: Narrative, latest: NarrativeVersion | None, *, read: int) -> list[Action]:
    """What this reader may do with the narrative; what the role may never do is absent.

    `read` is the number of the version whose text is on the page.
    """
    site = narrative.subject.site_id
    drafts, reviews = (
        scope.principal.may(right, narrative.study_id, site)
        for right in (Permission.DRAFT_NARRATIVE, Permission.REVIEW_NARRATIVE)
    )
    actions = _writing_actions(scope, narrative, latest, read) if drafts else []
    return [*actions, _sign_action(scope, latest)] if latest is not None and (drafts or reviews) else actions


def _writing_actions(
    scope: StudyScope, narrative: Narrative, latest: NarrativeVersion | None, read: int
) -> list[Action]:
    if is_drafting(narrative):
        return [Action("refresh", _("Refresh draft"), _("A draft is being written at this moment."))]
    if latest is None:
        return [Action("refresh", _("Try the draft again"), "", "narrative-refresh")]
    is_altered = bool(faults_of(latest))
    return [_refresh_action(latest, is_altered=is_altered), _submit_action(scope, latest, read, is_altered=is_altered)]


def _sign_action(scope: StudyScope, latest: NarrativeVersion) -> Action:
    """The way to the page on which a second person decides; who may only ask for changes is led there too."""
    label = _("Approve and sign version %(number)s") % {"number": latest.number}
    may_ask = why_not(review=latest.review, step=Step.REQUEST_CHANGES, principal=scope.principal, user=scope.user)
    why = why_not(review=latest.review, step=Step.SIGN, principal=scope.principal, user=scope.user) or ""
    if may_ask is None and why:
        label, why = _("Review version %(number)s") % {"number": latest.number}, ""
    return Action("sign", label, why, link=reverse("admin:compliance_review_decide", args=[latest.review.pk]))


def _refresh_action(latest: NarrativeVersion, *, is_altered: bool) -> Action:
    needed = is_altered or latest.currency_now != "current"
    needed = needed or latest.review.state in WRITTEN_ANEW
    why = _("Version %(number)s agrees with the data; there is nothing to refresh.") % {"number": latest.number}
    return Action("refresh", _("Refresh draft"), "" if needed else why, "narrative-refresh")


def _submit_action(scope: StudyScope, latest: NarrativeVersion, read: int, *, is_altered: bool) -> Action:
    why = why_not(review=latest.review, step=Step.SUBMIT, principal=scope.principal, user=scope.user) or ""
    if not why and read != latest.number:
        why = _("Version %(number)s is not on this page: show it and read it first.") % {"number": latest.number}
    if not why and is_altered:
        why = _("The text is not what was written; refresh it first.")
    # While the data are being checked the act itself checks; only what is known to be stale bars it.
    if not why and latest.currency_now not in {"current", CHECKING}:
        why = _("The data moved since this version was written; refresh it first.")
    return Action("submit", _("Submit for review"), why, "narrative-submit")


def text_differences(before: Sequence[Sentence], after: Sequence[Sentence]) -> list[Difference]:
    """Sentences of two versions side by side, what changed before what did not, each in the order of the later one."""
    old, new = [item.text for item in before], [item.text for item in after]
    found: list[Difference] = []
    # By default what is repeated in a long text is taken for noise; here every sentence counts.
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            found += [Difference("unchanged", new[index], new[index], index + 1) for index in range(c, d)]
            continue
        for offset, (gone, come) in enumerate(zip_longest(old[a:b], new[c:d], fillvalue="")):
            found.append(Difference("changed", gone, come, c + offset + 1 if come else None))
    return sorted(found, key=lambda difference: difference.kind == "unchanged")
