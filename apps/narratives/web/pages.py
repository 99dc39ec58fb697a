"""The list of narratives, one narrative, and the difference between two of its versions."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import NotVisibleError
from apps.core.domain.numbers import whole_number
from apps.narratives.domain.sentences import SENTENCES
from apps.narratives.selectors.content import latest_version, version_numbered, versions_of
from apps.narratives.selectors.evidence import facts_by_sentence
from apps.narratives.selectors.worklist import FILTERS, counts, due_to_draft, lines, ordered, work_of
from apps.narratives.services.drafting import is_drafting
from apps.narratives.web.presenter import actions_of, shown_version, signature_lines, text_differences, version_lines
from apps.narratives.web.scope import narrative_in
from apps.studies.web.scope import scope_of

ON_A_PAGE = 50
FILTER_WORDS = {
    "none": _("Not begun"),
    "work": _("In work"),
    "review": _("In review"),
    "signed": _("Signed"),
    "stale": _("Stale"),
}


@login_required
def narratives(request: HttpRequest, code: str) -> HttpResponse:
    """Every narrative that is due or written: why, where it stands, by whom, since when."""
    scope = scope_of(request, code)
    wanted, sort = request.GET.get("state", ""), request.GET.get("sort", "")
    work = work_of(scope.principal, scope.study)
    numbers = counts(work)
    chosen = work.filter(FILTERS[wanted]) if wanted in FILTERS else work
    page = Paginator(ordered(chosen, sort).select_related("summary"), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "study": scope.study,
        "lines": lines(list(page), scope.audience),
        "page": page,
        "sort": sort,
        "wanted": FILTER_WORDS.get(wanted, ""),
        "filters": [(key, words, numbers[key], key == wanted) for key, words in FILTER_WORDS.items()],
        "all": numbers["all"],
        "not_begun": due_to_draft(scope.principal, scope.study).count(),
        "may_draft": scope.principal.may_anywhere(Permission.DRAFT_NARRATIVE, scope.study.pk),
    }
    return render(request, "narratives/list.html", context)


@login_required
def narrative(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """One version of a narrative, by default the latest, with its sentences, evidence, check and signature."""
    scope = scope_of(request, code)
    found = narrative_in(scope, narrative_id)
    number = whole_number(request.GET.get("version", ""))
    version = latest_version(found) if number is None else version_numbered(found, number)
    latest = latest_version(found)
    context = {
        "study": scope.study,
        "narrative": found,
        "subject": found.subject,
        "drafting": is_drafting(found),
        "versions": version_lines(list(versions_of(found))),
        "is_latest": version is not None and latest is not None and version.pk == latest.pk,
        "shown": shown_version(scope, found, version, pinned=_sentence(request)) if version else None,
        "signatures": signature_lines(scope, found),
        "read": version.number if version else 0,
        "actions": actions_of(scope, found, latest, read=version.number if version else 0),
    }
    return render(request, "narratives/narrative.html", context)


@login_required
def notes(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """One version with the facts behind every sentence as notes: what is printed and put into a file."""
    scope = scope_of(request, code)
    found = narrative_in(scope, narrative_id)
    number = whole_number(request.GET.get("version", ""))
    version = latest_version(found) if number is None else version_numbered(found, number)
    if version is None:
        raise NotVisibleError("No version of this narrative was written yet.")
    context = {
        "study": scope.study,
        "narrative": found,
        "subject": found.subject,
        "shown": shown_version(scope, found, version, pinned=0),
        "notes": facts_by_sentence(version).items(),
        "signatures": signature_lines(scope, found),
    }
    return render(request, "narratives/notes.html", context)


@login_required
def compare(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Two versions sentence by sentence: changed ones first in the eye, unchanged ones said to be so."""
    scope = scope_of(request, code)
    found = narrative_in(scope, narrative_id)
    numbers = [version.number for version in versions_of(found)]
    later = _number(request, "to", numbers[-1] if numbers else 1)
    earlier = _number(request, "from", max(later - 1, 1))
    before, after = version_numbered(found, earlier), version_numbered(found, later)
    context = {
        "study": scope.study,
        "narrative": found,
        "subject": found.subject,
        "numbers": numbers,
        "before": before,
        "after": after,
        "differences": text_differences(*(SENTENCES.read_all(version.sentences) for version in (before, after))),
        "signatures": signature_lines(scope, found),
    }
    return render(request, "narratives/compare.html", context)


def _sentence(request: HttpRequest) -> int:
    return whole_number(request.GET.get("sentence", "")) or 0


def _number(request: HttpRequest, name: str, default: int) -> int:
    given = whole_number(request.GET.get(name, ""))
    return default if given is None else given
