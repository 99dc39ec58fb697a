"""The list of narratives, one narrative, and the difference between two of its versions."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.compliance.selectors.signatures import signatures_of
from apps.core.domain.numbers import whole_number
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version, version_numbered, versions_of
from apps.narratives.selectors.documents import narrative_rows
from apps.narratives.services.drafting import KIND, is_drafting
from apps.narratives.web.scope import reader_of
from apps.narratives.web.shown import acts_of, shown_version, text_differences, version_lines

ON_A_PAGE = 50


@login_required
def narratives(request: HttpRequest, code: str) -> HttpResponse:
    """Narratives of the study, with state and currency side by side."""
    reader = reader_of(request, code)
    found = Narrative.objects.visible_to(reader.principal).filter(study=reader.study)
    pages = Paginator(found.select_related("subject").order_by("subject__subject_id"), ON_A_PAGE)
    page = pages.get_page(request.GET.get("page"))
    context = {"study": reader.study, "rows": narrative_rows(list(page)), "page_obj": page, "count": pages.count}
    return render(request, "narratives/list.html", context)


@login_required
def narrative(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """One version of a narrative, by default the latest, with its sentences, evidence, check and signature."""
    reader = reader_of(request, code)
    found = reader.narrative(narrative_id)
    number = whole_number(request.GET.get("version", ""))
    version = latest_version(found) if number is None else version_numbered(found, number)
    latest = latest_version(found)
    context = {
        "study": reader.study,
        "narrative": found,
        "subject": found.subject,
        "drafting": is_drafting(found),
        "versions": version_lines(list(versions_of(found))),
        "is_latest": version is not None and latest is not None and version.pk == latest.pk,
        "shown": shown_version(found, version, pinned=_sentence(request)) if version else None,
        "signatures": signatures_of(KIND, str(found.pk)),
        "acts": acts_of(reader, found, latest),
    }
    return render(request, "narratives/narrative.html", context)


@login_required
def compare(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Two versions sentence by sentence: changed ones first in the eye, unchanged ones said to be so."""
    reader = reader_of(request, code)
    found = reader.narrative(narrative_id)
    numbers = [version.number for version in versions_of(found)]
    later = _number(request, "to", numbers[-1] if numbers else 1)
    earlier = _number(request, "from", max(later - 1, 1))
    before, after = version_numbered(found, earlier), version_numbered(found, later)
    context = {
        "study": reader.study,
        "narrative": found,
        "subject": found.subject,
        "numbers": numbers,
        "before": before,
        "after": after,
        "differences": text_differences(before.sentences, after.sentences),
        "signatures": signatures_of(KIND, str(found.pk)),
    }
    return render(request, "narratives/compare.html", context)


def _sentence(request: HttpRequest) -> int:
    return whole_number(request.GET.get("sentence", "")) or 0


def _number(request: HttpRequest, name: str, default: int) -> int:
    given = whole_number(request.GET.get(name, ""))
    return default if given is None else given
