"""What every page and answer shares: private caching, and errors in the one shape."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.domain.errors import PlatformError
from apps.core.problems import trouble_page
from apps.core.services.trouble import trouble_of


class PrivateResponseMiddleware:
    """No cache keeps what a reader was shown; a PlatformError becomes its page, with its words and its status."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, and forbid keeping the answer; static files are the same for all and are left alone."""
        response = self.get_response(request)
        if not request.path.startswith("/static/"):
            response.headers["Cache-Control"] = "private, no-store"
            # One address answers a page's reader and a program, each in their own projection.
            response.headers["Vary"] = ", ".join(sorted({*_vary(response), "Authorization", "Cookie"}))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """The page of an expected error or of the portal's own trouble; anything else is left to Django."""
        if isinstance(exception, PlatformError):
            return render(request, "errors/problem.html", {"problem": exception}, status=exception.status)
        trouble = trouble_of(exception)
        return trouble_page(trouble) if trouble is not None else None


def _vary(response: HttpResponse) -> set[str]:
    return {name.strip() for name in response.headers.get("Vary", "").split(",") if name.strip()}
