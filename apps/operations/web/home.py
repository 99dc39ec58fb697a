"""Home: what moved since the reader last looked, and what waits for them."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.accounts.services.visits import note_visit
from apps.operations.domain.totals import by_site
from apps.operations.selectors import waiting
from apps.operations.selectors.laboratory import laboratory_signals
from apps.operations.selectors.lately import MOST_READ, Lately, changed_lately
from apps.operations.selectors.overview import data_cut, missing_lines, site_places, subject_lines
from apps.operations.selectors.verified import altered_texts, last_verified
from apps.studies.models import ImportRun, Study
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.imports import receipt_for, rejected_for
from apps.studies.web.account import Account, account_of
from apps.studies.web.scope import StudyScope, reader_of, scope_of

PERIODS: Mapping[str, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
VISIT = "visit"
FIRST_ROWS = 12


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The home page of the first study that the reader may see."""
    user = reader_of(request)
    moment = now()
    note_visit(user=user, now=moment)
    studies = list(Study.objects.visible_to(principal_of(user)).order_by("code"))
    if not studies:
        return render(request, "operations/home_empty.html")
    scope = scope_of(request, studies[0].code)
    period = _period(request, user)
    context = {
        "scope": scope,
        "study": scope.study,
        "other_studies": studies[1:],
        "now": moment,
        "period": period,
        "periods": _choices(user),
        **_changes(scope, _since(period, user, moment), shows_all=request.GET.get("show") == "all"),
        **_work(scope),
        **_data(scope),
    }
    return render(request, "operations/home.html", context)


def _period(request: HttpRequest, user: User) -> str:
    asked = request.GET.get("since", VISIT)
    if asked in PERIODS:
        return asked
    return VISIT if user.previous_visit_at is not None else "week"


def _choices(user: User) -> list[tuple[str, str]]:
    """Moments to compare with; the last visit where there was one."""
    visit = [(VISIT, _("My last visit"))] if user.previous_visit_at is not None else []
    return [
        *visit,
        ("day", _("Yesterday, this time")),
        ("week", _("7 days ago")),
        ("month", _("30 days ago")),
    ]


def _since(period: str, user: User, moment: datetime) -> datetime:
    if period == VISIT and user.previous_visit_at is not None:
        return user.previous_visit_at
    return moment - PERIODS.get(period, PERIODS["week"])


def _changes(scope: StudyScope, since: datetime, *, shows_all: bool) -> dict[str, object]:
    lately = changed_lately(scope.principal, scope.study, scope.audience, since)
    standing = waiting.signed_standing(scope.principal, scope.study)
    return {
        "lately": lately,
        "shown": lately.subjects if shows_all else lately.subjects[:FIRST_ROWS],
        "counts": _counts(lately),
        "most_read": MOST_READ,
        "standing": standing,
        "altered_texts": altered_texts(scope.principal, scope.study),
        "turned_stale": standing.turned_since(since),
    }


def _counts(lately: Lately) -> dict[str, int]:
    return {
        "deaths": lately.count("death"),
        "serious": lately.count("new serious event"),
        "discontinued": lately.count("discontinued"),
        "severe": lately.count("new severe event"),
        "withdrawn": lately.withdrawn,
    }


def _work(scope: StudyScope) -> dict[str, object]:
    """What waits, by what the person may do."""
    principal, study = scope.principal, scope.study
    reviews = waiting.reviews_for(principal, scope.user, study)
    drafts = waiting.drafts_of(principal, scope.user, study)
    to_confirm = waiting.imports_to_confirm(principal, study)
    return {
        "may": {permission.value: principal.may(permission, study.pk) for permission in Permission},
        "reviews": reviews,
        "drafts": drafts,
        "to_confirm": to_confirm,
        "waiting_count": len(reviews) + len(drafts) + len(to_confirm),
        "looked_for": _looked_for(scope),
        "signatures": waiting.latest_signatures(principal, study),
        "verified": last_verified(principal, study),
        "own_sites": _own_sites(scope),
    }


def _looked_for(scope: StudyScope) -> str:
    """What an empty list of work was looked for in, by what the person may do."""
    principal, study = scope.principal, scope.study
    places = {
        Permission.REVIEW_NARRATIVE: _("narratives in review that others wrote"),
        Permission.DRAFT_NARRATIVE: _("drafts of yours that are blocked, sent back or not submitted"),
        Permission.IMPORT_DATA: _("imports to confirm"),
    }
    found = [words for permission, words in places.items() if principal.may(permission, study.pk)]
    return _("Looked for %(places)s.") % {"places": ", ".join(found) or _("work that your role takes part in")}


def _own_sites(scope: StudyScope) -> list[object]:
    """Totals of the sites granted one by one; empty for who sees the whole study."""
    if scope.sees_whole_study:
        return []
    codes = site_places(scope.principal, scope.study).codes
    return list(by_site(subject_lines(scope.principal, scope.study), codes))


def _data(scope: StudyScope) -> dict[str, object]:
    run = waiting.last_import(scope.study)
    return {
        "missing": missing_lines(scope.principal, scope.study),
        "data_cut": data_cut(scope.principal, scope.study),
        "last_import": run,
        "account": _account(scope, run),
        "rejected": _rejected(scope, run),
        "signals": laboratory_signals(scope.principal, scope.study),
    }


def _account(scope: StudyScope, run: ImportRun | None) -> Account | None:
    """The account of an import, for who sees the whole study."""
    if run is None or not scope.sees_whole_study:
        return None
    return account_of(receipt_for(run, scope.audience).get("files", []))


def _rejected(scope: StudyScope, run: ImportRun | None) -> list[object]:
    return list(rejected_for(run, scope.audience)) if run and scope.sees_whole_study else []
