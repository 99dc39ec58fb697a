"""One shape for API errors (RFC 9457) and for pages of a list."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404
from rest_framework import exceptions, serializers
from rest_framework.pagination import PageNumberPagination
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView, exception_handler

from apps.core.domain.errors import BadRequestError, NotAllowedError, NotVisibleError, PlatformError
from apps.core.inputs import whole_number
from apps.core.services.trouble import headers_of, trouble_of


class PageNumbers(PageNumberPagination):
    """`count, next, previous, results` with `page` and `page_size` up to 200."""

    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200
    # A page is a number, as the OpenAPI document says; the library would take the word `last` as well.
    last_page_strings = ()

    def get_page_number(self, request: Request, paginator: Any) -> int:
        """The page that is asked for, from 1; raises BadRequestError for what is no number."""
        number = whole_number(request, "page", default=1, meaning="a page")
        if number == 0:
            raise BadRequestError("Got page=0, expected the number of a page: the first is 1.")
        return number

    def get_page_size(self, request: Request) -> int:
        """How many there are on a page; raises BadRequestError for more than there may be."""
        size = whole_number(request, "page_size", default=self.page_size, meaning="entries on a page")
        # The library would cut a larger size in silence, and a client would take the cut page for all there is.
        if not 1 <= size <= self.max_page_size:
            raise BadRequestError(f"Got page_size={size}, expected 1 to {self.max_page_size}.")
        return size


class BoundedListField(serializers.ListField):
    """A list that is counted before its entries are looked at."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """The entries; a list longer than `max_length` is refused whole."""
        if isinstance(data, list) and self.max_length is not None and len(data) > self.max_length:
            raise serializers.ValidationError(f"Got {len(data):,} entries, expected at most {self.max_length:,}.")
        return list(super().to_internal_value(data))


class UnknownAddress(APIView):
    """Whatever is under the API and has no address of its own: a problem document, not a page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Authentication first, as everywhere, then 404 for any method."""
        super().initial(request, *args, **kwargs)
        raise NotVisibleError("The API has no such address; see /api/v1/docs/ for those it has.")


class ProblemRenderer(JSONRenderer):
    """JSON under the media type of problem documents."""

    media_type = "application/problem+json"


def problem_response(error: Exception, context: dict[str, Any]) -> Response | None:
    """A problem document for every error that a client can act on; None leaves a fault to the server."""
    problem = _as_platform_error(error)
    if problem is not None:
        refused = _problem(context, problem.status, problem.title, problem.kind, problem.detail, problem.extra)
        for header, value in headers_of(problem).items():
            refused.headers[header] = value
        return refused
    answer = exception_handler(error, context)
    if answer is None or not isinstance(error, exceptions.APIException):
        return None
    extra = {"errors": answer.data} if isinstance(error, exceptions.ValidationError) else {}
    kind = str(error.default_code).replace("_", "-")
    detail = "Some fields were not accepted." if extra else str(error.detail)
    problem_answer = _problem(context, answer.status_code, str(error.default_detail), kind, detail, extra)
    for header, value in answer.headers.items():
        problem_answer.headers[header] = value
    return problem_answer


def _as_platform_error(error: Exception) -> PlatformError | None:
    if isinstance(error, PlatformError):
        return error
    if isinstance(error, Http404 | exceptions.NotFound):
        return NotVisibleError("Nothing here is visible to you under this address.")
    if isinstance(error, PermissionDenied):
        return NotAllowedError(str(error) or "You may not do this.")
    if isinstance(error, exceptions.ParseError):
        return BadRequestError("The body could not be read. Send JSON in UTF-8.")
    return trouble_of(error)


def _problem(
    context: dict[str, Any], status: int, title: str, kind: str, detail: str, extra: dict[str, object]
) -> Response:
    body = {"type": f"about:blank#{kind}", "title": title, "status": status, "detail": detail, **extra}
    request = context.get("request")
    # A problem is JSON whatever the request accepts: what it accepts may be the very thing that is refused.
    if request is not None:
        request.accepted_renderer = ProblemRenderer()
        request.accepted_media_type = ProblemRenderer.media_type
    return Response(body, status=status, content_type=ProblemRenderer.media_type)
