"""What every page and answer shares: private caching, and errors in the one shape."""

import sys
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.defaults import server_error as default_page

from apps.core.domain.errors import PlatformError, UnexpectedError
from apps.core.services.trouble import headers_of, trouble_of


class PrivateResponseMiddleware:
    """No cache keeps what a reader was shown; a PlatformError becomes its page, with its words and its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forbid keeping the answer; static files are the same for all and are left alone."""
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "private, no-store"
            response.headers["Vary"] = ", ".join(sorted({*_vary(response), "Authorization", "Cookie"}))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of an expected error or of the portal's own trouble; anything else is left to Django."""
        if isinstance(exception, PlatformError):
            return render(request, "errors/problem.html", {"problem": exception}, status=exception.status)
        trouble = trouble_of(exception)
        return trouble_page(trouble) if trouble is not None else None


def trouble_page(problem: PlatformError) -> HttpResponse:
    """A page that needs no database, because that may be the trouble."""
    page = render_to_string("errors/trouble.html", {"problem": problem})
    return HttpResponse(page, status=problem.status, headers=headers_of(problem))


def server_error(request: HttpRequest) -> HttpResponse:
    """What no view could answer: a problem document under the API, a page elsewhere."""
    problem = trouble_of(sys.exc_info()[1])
    if request.path.startswith("/api/"):
        return _problem_document(problem or UnexpectedError())
    return trouble_page(problem) if problem is not None else default_page(request)


def _problem_document(problem: PlatformError) -> HttpResponse:
    body = {
        "type": f"about:blank#{problem.kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": problem.detail,
    }
    kind = "application/problem+json"
    return JsonResponse(body, status=problem.status, content_type=kind, headers=headers_of(problem))


def _vary(response: HttpResponse) -> set[str]:
    return {name.strip() for name in response.headers.get("Vary", "").split(",") if name.strip()}
