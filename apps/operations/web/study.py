"""Study overview: totals that add up, enrolment, sites, and the replay of what waits."""

from dataclasses import dataclass

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from apps.accounts.services.presence import note_presence
from apps.operations.domain.totals import SiteTotals, by_site, enrolment_months, totals_of
from apps.operations.selectors.overview import SitePlaces, data_cut, site_places, subject_lines
from apps.operations.selectors.replay import replay_progress
from apps.operations.web.not_received import not_received
from apps.studies.selectors.blinding import may_see_rules
from apps.studies.services.replaying import start_replay
from apps.studies.web.scope import StudyScope, scope_of
from apps.twins.domain.drawing.enrolment import EnrolmentMonth, EnrolmentWords, draw_enrolment
from apps.twins.domain.drawing.svg import to_svg

DEFAULT_SORT = "-randomised"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table of sites: name of the count, head, and the same for a phone."""

    key: str
    label: str
    domain: str = ""


def columns() -> list[Column]:
    """Columns of the table of sites after the site itself."""
    return [
        Column("screened", _("Screened")),
        Column("randomised", _("Randomised")),
        Column("ongoing", _("Ongoing"), "DS"),
        Column("completed", _("Completed"), "DS"),
        Column("discontinued", _("Discontinued"), "DS"),
        Column("discontinued_for_ae", _("of which for an AE"), "DS"),
        Column("events", _("Adverse events"), "AE"),
        Column("serious", _("Subjects with a serious event"), "AE"),
        Column("deaths", _("Deaths")),
    ]


@login_required
@require_GET
def study(request: HttpRequest, code: str) -> HttpResponse:
    """The overview of a study, of the sites that the reader may see."""
    scope = scope_of(request, code)
    note_presence(user=scope.user, now=now())
    lines = subject_lines(scope.principal, scope.study)
    places = site_places(scope.principal, scope.study)
    sort = _sort_key(request.GET.get("sort", DEFAULT_SORT))
    months = enrolment_months(lines)
    totals = totals_of(lines)
    context = {
        "scope": scope,
        "study": scope.study,
        "places": places,
        "totals": totals,
        "missing": totals.unknown,
        "not_received": not_received(scope),
        "all_cells": _cells(SiteTotals("", totals)),
        "months": months,
        "charts": _charts(months),
        "undated": sum(line.is_randomised and not line.is_dated for line in lines),
        "columns": columns(),
        "rows": _rows(by_site(lines, places.codes), sort),
        "sort": sort,
        "sorted_by": _sorted_by(sort),
        "data_cut": data_cut(scope.principal, scope.study),
        "scope_words": _scope_words(scope, places),
        "may_see_rules": may_see_rules(scope.principal, scope.study),
        **_replay_context(scope),
    }
    return render(request, "operations/study.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def study_replay(request: HttpRequest, code: str) -> HttpResponse:
    """POST feeds what waits in its order of collection; GET is how far that is, for the page to ask again."""
    scope = scope_of(request, code)
    if request.method == "POST":
        start_replay(principal=scope.principal, user=scope.user, study=scope.study)
        return redirect("study", code=code)
    context = {"study": scope.study, **_replay_context(scope)}
    response = render(request, "operations/study_replay.html", context)
    if not replay_progress(scope.principal, scope.study).is_running:
        # The whole page: totals, sites and enrolment moved with what was fed.
        response.headers["HX-Refresh"] = "true"
    return response


def _replay_context(scope: StudyScope) -> dict[str, object]:
    return {"replay": replay_progress(scope.principal, scope.study), "why_no_changes": scope.why_no_changes}


def _charts(months: list[EnrolmentMonth]) -> list[SafeString]:
    words = EnrolmentWords(name=_("Randomised, in total and per month"), in_total=_("in total"))
    # The drawing escapes every text it holds.
    return [mark_safe(to_svg(drawing)) for drawing in draw_enrolment(months, words)] if months else []  # noqa: S308


def _sort_key(asked: str) -> str:
    known = {"site", *(column.key for column in columns())}
    return asked if asked.removeprefix("-") in known else DEFAULT_SORT


def _sorted_by(sort: str) -> str:
    labels = {"site": _("site"), **{column.key: column.label[0].lower() + column.label[1:] for column in columns()}}
    order = _("high to low") if sort.startswith("-") else _("low to high")
    return f"{labels[sort.removeprefix('-')]}, {order}"


def _rows(sites: list[SiteTotals], sort: str) -> list[tuple[str, list[tuple[Column, int]]]]:
    key, is_descending = sort.removeprefix("-"), sort.startswith("-")
    ordered = sorted(sites, key=lambda found: found.site)
    # Sorted twice: a stable sort keeps sites of equal counts in the order of their codes, either way round.
    ranked = sorted(ordered, key=lambda found: _value(found, key), reverse=is_descending)
    return [(found.site, _cells(found)) for found in ranked]


def _value(found: SiteTotals, key: str) -> tuple[int, str]:
    return (0, found.site) if key == "site" else (int(getattr(found.totals, key)), "")


def _cells(found: SiteTotals) -> list[tuple[Column, int]]:
    return [(column, int(getattr(found.totals, column.key))) for column in columns()]


def _scope_words(scope: StudyScope, places: SitePlaces) -> str:
    if scope.sees_whole_study:
        return ""
    return _("Your sites only: %(sites)s.") % {"sites": ", ".join(places.codes)}
