"""What can be done with a narrative from its page: draft, refresh, submit; each through its service."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.core.domain.errors import ConflictError, InvalidInputError
from apps.core.domain.numbers import whole_number
from apps.narratives.services.drafting import refresh_narrative, start_due, start_narrative, submit_narrative
from apps.narratives.web.scope import narrative_in
from apps.studies.selectors.access import visible_subject
from apps.studies.web.scope import scope_of


@login_required
@require_POST
def draft(request: HttpRequest, code: str, subject_id: str) -> HttpResponse:
    """Draft the narrative of a subject and go to its page; without the reason that is needed, back to the subject."""
    scope = scope_of(request, code)
    subject = visible_subject(scope.principal, scope.study, subject_id)
    reason = request.POST.get("reason", "")
    try:
        narrative = start_narrative(principal=scope.principal, user=scope.user, subject=subject, reason=reason)
    except InvalidInputError as error:
        messages.error(request, error.detail)
        return redirect("subject", code=code, subject_id=subject_id)
    return redirect("narrative", code=code, narrative_id=narrative.pk)


@login_required
@require_POST
def draft_due(request: HttpRequest, code: str) -> HttpResponse:
    """Draft every narrative that is due and was not begun, and show the list that fills."""
    scope = scope_of(request, code)
    number = start_due(principal=scope.principal, user=scope.user, study=scope.study)
    words = ngettext("%(number)s draft is being written.", "%(number)s drafts are being written.", number)
    messages.success(request, words % {"number": number})
    return redirect("narratives", code=code)


@login_required
@require_POST
def refresh(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Write a new version from the data of now."""
    scope = scope_of(request, code)
    narrative = narrative_in(scope, narrative_id)
    try:
        refresh_narrative(principal=scope.principal, user=scope.user, narrative=narrative)
    except ConflictError as error:
        messages.error(request, error.detail)
    return redirect("narrative", code=code, narrative_id=narrative_id)


@login_required
@require_POST
def submit(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Send the version that was on the page to review."""
    scope = scope_of(request, code)
    narrative = narrative_in(scope, narrative_id)
    try:
        # Without a number nothing was read: 0 is no version, so that nothing is submitted.
        read = whole_number(request.POST.get("version", "")) or 0
        version = submit_narrative(principal=scope.principal, user=scope.user, narrative=narrative, number=read)
    except ConflictError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Version %(number)s is in review.") % {"number": version.number})
    return redirect("narrative", code=code, narrative_id=narrative_id)
