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
from apps.accounts.services.presence import note_presence
from apps.narratives.selectors.worklist import due_to_draft
from apps.operations.domain.totals import by_site
from apps.operations.selectors import inbox
from apps.operations.selectors.changes_since import ChangesSince, changes_since
from apps.operations.selectors.laboratory import laboratory_signals
from apps.operations.selectors.overview import data_cut, missing_lines, site_places, subject_lines
from apps.operations.selectors.verified import altered_texts, last_verified
from apps.operations.web.not_received import not_received
from apps.studies.models import ImportRun, Study
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.import_lists import in_words, rejected_of
from apps.studies.selectors.imports import ShownRejected, receipt_for
from apps.studies.web.import_account import Account, account_of
from apps.studies.web.scope import StudyScope, scope_of, signed_in_user

PERIODS: Mapping[str, timedelta] = {"day": timedelta(days=1), "week": timedelta(days=7), "month": timedelta(days=30)}
LAST_LOOK = "last-look"
FIRST_ROWS = 12
MOST_ROWS = 200


@login_required
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The home page of the first study that the reader may see."""
    user = signed_in_user(request)
    moment = now()
    # Before anything is compared: to come back moves the moment that home compares with.
    note_presence(user=user, now=moment)
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
    asked = request.GET.get("since", LAST_LOOK)
    if asked in PERIODS:
        return asked
    return LAST_LOOK if user.previous_visit_at is not None else "week"


def _choices(user: User) -> list[tuple[str, str]]:
    """Moments to compare with; the last visit where there was one."""
    look = [(LAST_LOOK, _("My last visit"))] if user.previous_visit_at is not None else []
    return [
        *look,
        ("day", _("Yesterday, this time")),
        ("week", _("7 days ago")),
        ("month", _("30 days ago")),
    ]


def _since(period: str, user: User, moment: datetime) -> datetime:
    if period == LAST_LOOK and user.previous_visit_at is not None:
        return user.previous_visit_at
    return moment - PERIODS.get(period, PERIODS["week"])


def _changes(scope: StudyScope, since: datetime, *, shows_all: bool) -> dict[str, object]:
    changes = changes_since(scope.principal, scope.study, scope.audience, since)
    signed = inbox.signed_summary(scope.principal, scope.study)
    return {
        "changes": changes,
        "shown": changes.subjects[: MOST_ROWS if shows_all else FIRST_ROWS],
        "most_rows": min(MOST_ROWS, changes.changed),
        "counts": _counts(changes),
        "signed_narratives": signed,
        "altered_texts": altered_texts(scope.principal, scope.study),
        "turned_stale": signed.turned_since(since),
    }


def _counts(changes: ChangesSince) -> dict[str, int]:
    return {
        "deaths": changes.count("death"),
        "serious": changes.count("new serious event"),
        "discontinued": changes.count("discontinued"),
        "severe": changes.count("new severe event"),
        "withdrawn": changes.withdrawn,
    }


def _work(scope: StudyScope) -> dict[str, object]:
    """What waits, by what the person may do."""
    principal, study = scope.principal, scope.study
    reviews = inbox.reviews_for(principal, scope.user, study)
    drafts = inbox.drafts_of(principal, scope.user, study)
    to_confirm = inbox.imports_to_confirm(principal, study)
    to_begin = due_to_draft(principal, study).count()
    return {
        "may": {permission.value: principal.may(permission, study.pk) for permission in Permission},
        "reviews": reviews,
        "drafts": drafts,
        "to_confirm": to_confirm,
        "to_begin": to_begin,
        "waiting_count": reviews.count + drafts.count + to_confirm.count + to_begin,
        "waiting_more": reviews.more + drafts.more + to_confirm.more,
        "looked_for": _looked_for(scope),
        "signatures": inbox.latest_signatures(principal, study),
        "verified": last_verified(principal, study),
        "own_sites": _own_sites(scope),
    }


def _looked_for(scope: StudyScope) -> str:
    """What an empty list of work was looked for in, by what the person may do."""
    principal, study = scope.principal, scope.study
    places = {
        Permission.REVIEW_NARRATIVE: _("narratives in review that others wrote"),
        Permission.DRAFT_NARRATIVE: _(
            "narratives that are due and not begun, drafts of yours that are blocked, sent back or not submitted"
        ),
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
    run = inbox.last_import(scope.study)
    return {
        "missing": missing_lines(scope.principal, scope.study),
        "not_received": not_received(scope),
        "data_cut": data_cut(scope.principal, scope.study),
        "last_import": run,
        "account": _account(scope, run),
        "rejected": _rejected(scope, run),
        "signals": laboratory_signals(scope.principal, scope.study),
    }


def _account(scope: StudyScope, run: ImportRun | None) -> Account | None:
    """The account of an import, for who sees the whole study."""
    # An import is of all sites, and its counts would tell of those that the reader does not see.
    if run is None or not scope.sees_whole_study:
        return None
    return account_of(receipt_for(run, scope.audience).files)


def _rejected(scope: StudyScope, run: ImportRun | None) -> list[ShownRejected]:
    if run is None or not scope.sees_whole_study:
        return []
    return in_words(run, rejected_of(run, scope.principal, scope.audience), scope.audience)
