"""How much one request may be, looked at before any of it is read, decoded or matched."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.core.domain.errors import (
    AddressTooLongError,
    BadRequestError,
    PlatformError,
    TooLargeError,
    UnsupportedMediaError,
)
from apps.core.domain.numbers import whole_number
from apps.core.problems import refused

MOST_PATH_CHARACTERS = 2_000
MOST_QUERY_CHARACTERS = 8_000
CHARSETS = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
# NUL and other control characters, and halves of surrogate pairs: no address or header of the portal has one, and
# databases refuse them.
FORBIDDEN = re.compile("[\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]")
ENCODED_NUL = "%00"


@dataclass(frozen=True, slots=True)
class BodyLimit:
    """Bytes that a body may have: of anyone, and of a caller who is signed in."""

    anyone: int
    signed_in: int


def body_limit(path: str) -> BodyLimit:
    """How large a body may be at an address (settings `BODY_BYTES` and `LARGE_BODIES`)."""
    large = next((size for pattern, size in settings.LARGE_BODIES if re.fullmatch(pattern, path)), 0)
    return BodyLimit(settings.BODY_BYTES, max(large, settings.BODY_BYTES))


def too_large(most: int, limit: BodyLimit) -> TooLargeError:
    """The refusal of a body; says so where signing in would let more through."""
    shown = f"{most // 2**20:,} MB" if most >= 2**20 else f"{most // 2**10:,} KB"
    if most < limit.signed_in:
        detail = f"Without a valid sign-in or token at most {shown} are taken here. Sign in again, then send it."
    else:
        detail = f"The request is larger than {shown}, the most that is taken here. Send less at once."
    return TooLargeError(detail)


def is_clean(texts: Iterable[str]) -> bool:
    """Whether no text holds a character that is never right in an address or header."""
    return not any(FORBIDDEN.search(text) for text in texts)


class LimitsMiddleware:
    """Refuses what no view should have to expect; under ASGI the body was measured before (`apps.core.doors`)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The answer, or the refusal."""
        problem = _problem_with(request)
        return self.get_response(request) if problem is None else refused(request.path, problem)

    def process_view(self, request: HttpRequest, view: object, *arguments: object) -> HttpResponse | None:
        """Before its form is read, a large body of a stranger is refused; programs prove who they are first."""
        # The check of CSRF comes after this and reads a whole form to find its token, whoever sent it.
        limit = body_limit(request.path)
        is_large = (whole_number(str(request.META.get("CONTENT_LENGTH") or "0")) or 0) > limit.anyone
        is_form = not getattr(view, "csrf_exempt", False)
        is_refused = is_large and is_form and not request.user.is_authenticated
        return refused(request.path, too_large(limit.anyone, limit)) if is_refused else None


def _problem_with(request: HttpRequest) -> PlatformError | None:
    query = str(request.META.get("QUERY_STRING", ""))
    if len(request.path) > MOST_PATH_CHARACTERS or len(query) > MOST_QUERY_CHARACTERS:
        return AddressTooLongError("The address is longer than any the portal has. Shorten its search or filters.")
    if not is_clean((request.path, query)) or ENCODED_NUL in query:
        return BadRequestError("The address holds a control character. Type it again.")
    headers = (str(value) for name, value in request.META.items() if name.startswith(("HTTP_", "CONTENT_")))
    # A quoted cookie can spell any character.
    if not is_clean((*headers, *request.COOKIES.values())):
        return BadRequestError("A header or cookie of the request holds a control character.")
    if (request.content_params or {}).get("charset", "utf-8").lower() not in CHARSETS:
        return UnsupportedMediaError("The body is not declared as UTF-8. Send it in UTF-8.")
    return _problem_with_body(request)


def _problem_with_body(request: HttpRequest) -> PlatformError | None:
    declared = str(request.META.get("CONTENT_LENGTH") or "0")
    size, limit = whole_number(declared), body_limit(request.path)
    if size is None:
        return BadRequestError("Content-Length is not a number of bytes.")
    return too_large(limit.signed_in, limit) if size > limit.signed_in else None
