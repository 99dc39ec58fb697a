"""Parts of pages that load and fail on their own: evidence, standing, the narrative of a subject's twin."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import NotVisibleError
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version, signed_version, version_numbered
from apps.narratives.selectors.integrity import ALTERED, narrative_faults
from apps.narratives.services.drafting import is_drafting
from apps.narratives.web.scope import reader_of
from apps.narratives.web.shown import acts_of, fact_lines, shown_version
from apps.studies.selectors.access import visible_subject


@login_required
def evidence(request: HttpRequest, code: str, narrative_id: UUID, number: int, sentence: int) -> HttpResponse:
    """The facts behind one sentence of one version: as written and as they are now."""
    reader = reader_of(request, code)
    found = reader.narrative(narrative_id)
    version = version_numbered(found, number)
    if not 1 <= sentence <= len(version.sentences):
        raise NotVisibleError(f"Version {number} has no sentence {sentence}.")
    context = {
        "study": reader.study,
        "subject": found.subject,
        "version": version,
        "sentence": sentence,
        "facts": fact_lines(version, sentence),
    }
    return render(request, "narratives/evidence.html", context)


@login_required
def standing(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """State, currency and what moved; fetched again when the data or the draft move."""
    reader = reader_of(request, code)
    found = reader.narrative(narrative_id)
    version = latest_version(found)
    context = {
        "study": reader.study,
        "narrative": found,
        "subject": found.subject,
        "drafting": is_drafting(found),
        "is_latest": True,
        "shown": shown_version(found, version, pinned=0) if version else None,
        "acts": acts_of(reader, found, version),
    }
    return render(request, "narratives/standing.html", context)


@login_required
def of_subject(request: HttpRequest, code: str, subject_id: str) -> HttpResponse:
    """The narrative of a subject as its twin page shows it, or the way to draft one."""
    reader = reader_of(request, code)
    subject = visible_subject(reader.principal, reader.study, subject_id)
    found = Narrative.objects.filter(subject=subject).select_related("job").first()
    version = latest_version(found) if found else None
    faults = narrative_faults([found.pk]) if found else {}
    context = {
        "study": reader.study,
        "subject": subject,
        "narrative": found,
        "version": version,
        "currency": ALTERED if faults else version.standing if version else "",
        "signed": signed_version(found) if found else None,
        "drafting": is_drafting(found) if found else False,
        "may_draft": reader.principal.may(Permission.DRAFT_NARRATIVE, reader.study.pk, subject.site_id),
    }
    return render(request, "narratives/of_subject.html", context)
