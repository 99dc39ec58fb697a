"""What is refused before a view is reached, or by Django itself: a problem document for programs, a page for people."""

import json
import sys

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views import defaults

from apps.core.domain.errors import BadRequestError, FaultError, NotAllowedError, NotVisibleError, PlatformError
from apps.core.services.trouble import headers_of, trouble_of

PROBLEM_TYPE = "application/problem+json"
PROGRAM_ADDRESSES = ("/api/", "/o/")


def refused(path: str, error: PlatformError) -> HttpResponse:
    """The answer to a request that is not carried out, in the form that its address speaks; never kept by a cache."""
    # Without the request, so that no context processor looks a reader up for what is refused unread.
    if is_of_programs(path):
        response = HttpResponse(json.dumps(problem_of(error)), content_type=PROBLEM_TYPE, status=error.status)
    else:
        response = HttpResponse(render_to_string("errors/problem.html", {"problem": error}), status=error.status)
    for name, value in {"Cache-Control": "private, no-store", **headers_of(error)}.items():
        response.headers[name] = value
    return response


def trouble_page(problem: PlatformError) -> HttpResponse:
    """A page that needs no database, because that may be the trouble."""
    page = render_to_string("errors/trouble.html", {"problem": problem})
    return HttpResponse(page, status=problem.status, headers=headers_of(problem))


def is_of_programs(path: str) -> bool:
    """Whether programs ask at an address; people get pages."""
    return path.startswith(PROGRAM_ADDRESSES)


def problem_of(error: PlatformError) -> dict[str, object]:
    """The problem document of an error (RFC 9457)."""
    about = {"type": f"about:blank#{error.kind}", "title": error.title, "status": error.status}
    return {**about, "detail": error.detail, **error.extra}


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """A request that Django found suspicious: a foreign host, too many fields, a broken form."""
    if not is_of_programs(request.path):
        return defaults.bad_request(request, exception)
    return refused(request.path, BadRequestError("The portal could not read what was sent. Load the page again."))


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Seen but not allowed."""
    if not is_of_programs(request.path):
        return defaults.permission_denied(request, exception)
    return refused(request.path, NotAllowedError("Your role does not include this."))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address that is not there, or not for this reader."""
    if not is_of_programs(request.path):
        return defaults.page_not_found(request, exception)
    return refused(request.path, NotVisibleError("Nothing here is visible to you under this address."))


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view could answer: the portal's own trouble, which passes, or a fault of it."""
    # Django hands its handler the request alone; the error is still the one that is being handled.
    problem = trouble_of(sys.exc_info()[1])
    if not is_of_programs(request.path):
        return defaults.server_error(request) if problem is None else trouble_page(problem)
    detail = "Nothing was saved. Try again; if it fails again, tell whoever runs the portal when it happened."
    return refused(request.path, problem or FaultError(detail))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of its page."""
    return refused(
        request.path,
        NotAllowedError("This form was made for another sign-in. Load its page again and send it from there."),
    )
