"""What can be done with a narrative from its page: draft, refresh, submit; each through its service."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.core.domain.errors import ConflictError
from apps.narratives.services.drafting import refresh_narrative, start_narrative, submit_narrative
from apps.narratives.web.scope import reader_of
from apps.studies.selectors.access import visible_subject


@login_required
@require_POST
def draft(request: HttpRequest, code: str, subject_id: str) -> HttpResponse:
    """Draft the narrative of a subject and go to its page."""
    reader = reader_of(request, code)
    subject = visible_subject(reader.principal, reader.study, subject_id)
    narrative = start_narrative(principal=reader.principal, user=reader.user, subject=subject)
    return redirect("narrative", code=code, narrative_id=narrative.pk)


@login_required
@require_POST
def refresh(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Write a new version from the data of now."""
    reader = reader_of(request, code)
    narrative = reader.narrative(narrative_id)
    try:
        refresh_narrative(principal=reader.principal, user=reader.user, narrative=narrative)
    except ConflictError as error:
        messages.error(request, error.detail)
    return redirect("narrative", code=code, narrative_id=narrative_id)


@login_required
@require_POST
def submit(request: HttpRequest, code: str, narrative_id: UUID) -> HttpResponse:
    """Send the latest version to review."""
    reader = reader_of(request, code)
    narrative = reader.narrative(narrative_id)
    try:
        version = submit_narrative(principal=reader.principal, user=reader.user, narrative=narrative)
    except ConflictError as error:
        messages.error(request, error.detail)
    else:
        messages.success(request, _("Version %(number)s is in review.") % {"number": version.number})
    return redirect("narrative", code=code, narrative_id=narrative_id)
