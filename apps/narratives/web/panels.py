"""Parts of pages that load and fail on their own: evidence, the text of a narrative, that of a subject's twin."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import NotVisibleError
from apps.core.domain.numbers import whole_number
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version, signed_version, version_numbered
from apps.narratives.selectors.evidence import fact_lines, findings_on
from apps.narratives.selectors.integrity import ALTERED, narrative_faults
from apps.narratives.selectors.then import narrative_then
from apps.narratives.selectors.worklist import is_due
from apps.narratives.services.drafting import is_drafting
from apps.narratives.web.presenter import actions_of, shown_version
from apps.narratives.web.scope import narrative_in
from apps.studies.domain.audience import Audience
from apps.studies.models import Subject
from apps.studies.selectors.access import visible_subject
from apps.studies.web.scope import scope_of
from apps.twins.selectors.history import in_sequence_of, known_until


@login_required
def evidence(request: HttpRequest, code: str, narrative_id: UUID, number: int, sentence: int) -> HttpResponse:
    """The facts behind one sentence of one version: as written and as they are now."""
    scope = scope_of(request, code)
    found = narrative_in(scope, narrative_id)
    version = version_numbered(found, number)
    if not 1 <= sentence <= len(version.sentences):
        raise NotVisibleError(f"Version {number} has no sentence {sentence}.")
    context = {
        "study": scope.study,
        "subject": found.subject,
        "version": version,
        "twin_version": in_sequence_of(found.subject, scope.audience, version.twin_version),
        "sentence": sentence,
        "facts": fact_lines(version, sentence),
        "findings": findings_on(version, sentence),
    }
    return render(request, "narratives/evidence.html", context)


@login_required
def document(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """State, currency and what moved; fetched again when the data or the draft move.

    `read` is the version whose text is on the page: nothing else is offered for submission.
    """
    scope = scope_of(request, code)
    found = narrative_in(scope, narrative_id)
    number, read = whole_number(request.GET.get("version", "")), whole_number(request.GET.get("read", ""))
    latest, drafting = latest_version(found), is_drafting(found)
    version = latest if number is None else version_numbered(found, number)
    context = {
        "study": scope.study,
        "narrative": found,
        "subject": found.subject,
        "drafting": drafting,
        "is_latest": version == latest,
        "shown": shown_version(scope, found, version, pinned=0) if version else None,
        "read": read or 0,
        "actions": actions_of(scope, found, latest, read=read or 0),
    }
    response = render(request, "narratives/document.html", context)
    if "drafting" in request.GET and not drafting:
        # What waited for the draft is told that it is there, whatever became of the live stream.
        response.headers["HX-Trigger-After-Swap"] = "drafted"
    return response


@login_required
def of_subject(request: HttpRequest, code: str, subject_id: str) -> HttpResponse:
    """The narrative of a subject as its twin page shows it: now, or as it stood at the version being read."""
    scope = scope_of(request, code)
    subject = visible_subject(scope.principal, scope.study, subject_id)
    found = Narrative.objects.filter(subject=subject).select_related("job").first()
    audience = scope.audience
    until = _until(request, subject, audience)
    context: dict[str, object] = {"study": scope.study, "subject": subject, "narrative": found}
    if until is not None:
        return render(request, "narratives/of_subject_then.html", context | _then(found, subject, audience, until))
    version = latest_version(found) if found else None
    faults = narrative_faults([found.pk]) if found else {}
    signed = signed_version(found) if found else None
    context |= {
        "version": version,
        "currency": ALTERED if faults else version.currency_now if version else "",
        "signed": signed,
        "signed_at_version": in_sequence_of(subject, audience, signed.twin_version) if signed else None,
        "drafting": is_drafting(found) if found else False,
        "may_draft": scope.principal.may(Permission.DRAFT_NARRATIVE, scope.study.pk, subject.site_id),
        "is_due": is_due(subject),
    }
    return render(request, "narratives/of_subject.html", context)


def _until(request: HttpRequest, subject: Subject, audience: Audience) -> datetime | None:
    """When the version in the address stopped being the latest; None for the latest, or without one."""
    text = request.GET.get("version", "")
    if not text:
        return None
    number = whole_number(text)
    if number is None:
        raise NotVisibleError(f"Got version {text[:40]!r}, expected a number.")
    return known_until(subject, audience, number)


def _then(found: Narrative | None, subject: Subject, audience: Audience, until: datetime) -> dict[str, object]:
    then = narrative_then(found, until) if found else None
    signed = then.signed if then else None
    return {
        "then": then,
        "signed_at_version": in_sequence_of(subject, audience, signed.twin_version) if signed else None,
    }
