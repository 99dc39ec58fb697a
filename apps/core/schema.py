"""What every operation of the API has in common, said once in the OpenAPI document, from the classes that answer it."""

from typing import Any, Final, Literal

from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse
from rest_framework import exceptions, serializers

from apps.core.domain.errors import (
    AddressTooLongError,
    BadRequestError,
    FaultError,
    NotAllowedError,
    NotVisibleError,
    PlatformError,
    TooLargeError,
    TooSlowError,
    UnavailableError,
    UnsupportedMediaError,
)
from apps.core.domain.numbers import MOST_NUMBER
from apps.core.inputs import ClosedSerializer
from apps.core.problems import PROBLEM_TYPE

# As `apps.core.limits.FORBIDDEN`, in the dialect of the document (ECMA 262), which has no half characters.
CLEAN: Final = r"^[^\u0000-\u0008\u000a-\u001f\u007f]*$"
NUMBER: Final = {"type": "integer", "minimum": 0, "maximum": MOST_NUMBER}
INSTANT: Final = {"type": "string", "format": "date-time"}
VALUE_OR_NULL: Final = {"type": ["string", "number", "null"]}
ADDRESS_PART: Final = {"type": "string", "minLength": 1, "maxLength": 200, "pattern": CLEAN}
PAGES: Final = [
    OpenApiParameter("page", {"type": "integer", "minimum": 1, "maximum": MOST_NUMBER}, description="From 1."),
    OpenApiParameter("page_size", {"type": "integer", "minimum": 1, "maximum": 200}, description="Default 50."),
]

# Any request may be answered so, whatever it asks for: by the door, the limits, the sign-in or the portal's trouble.
OF_ANY_REQUEST: Final[tuple[type[PlatformError | exceptions.APIException], ...]] = (
    BadRequestError,
    exceptions.NotAuthenticated,
    NotVisibleError,
    exceptions.NotAcceptable,
    TooSlowError,
    TooLargeError,
    AddressTooLongError,
    UnsupportedMediaError,
    FaultError,
    UnavailableError,
)
# A cookie alone changes nothing: without the token of its page, or without the right.
OF_ANY_CHANGE: Final = (NotAllowedError,)
TRY_AGAIN: Final = {503, 507}
Direction = Literal["request", "response"]


class ProblemSerializer(serializers.Serializer[Any]):
    """A refusal (RFC 9457); some kinds say more in members of their own."""

    type = serializers.CharField(help_text="Names the kind of problem.")
    title = serializers.CharField()
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="What was got, what was expected and what to do.")
    errors = serializers.JSONField(  # type: ignore[assignment]  # the field the contract names
        required=False, help_text="By field, where fields were not accepted."
    )


def text_parameter(name: str, description: str) -> OpenApiParameter:
    """A text of the query."""
    return OpenApiParameter(name, {"type": "string", "maxLength": 200, "pattern": CLEAN}, description=description)


def refusals(
    *kinds: type[PlatformError], body: type[serializers.Serializer[Any]] = ProblemSerializer
) -> dict[tuple[int, str], OpenApiResponse]:
    """Answers of `extend_schema(responses=...)` for errors that one operation raises, apart from those of every one."""
    return {(kind.status, PROBLEM_TYPE): OpenApiResponse(body, description=kind.title) for kind in kinds}


class DocumentedSchema(AutoSchema):
    """Adds the answers that every operation may give, and reads parts of addresses as the limits do."""

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        answers: dict[str, Any] = super()._get_response_bodies(direction)
        of_method = () if self.method == "GET" else OF_ANY_CHANGE
        for kind in (*OF_ANY_REQUEST, *of_method):
            status, title = _status_and_title(kind)
            answer = OpenApiResponse(ProblemSerializer, description=title)
            described = self._get_response_for_code(answer, status, [PROBLEM_TYPE], direction)  # type: ignore[no-untyped-call]
            # What an operation says of a status itself stands.
            answers.setdefault(status, described)
        return dict(sorted(answers.items()))

    def _get_response_headers_for_code(self, status_code: str, direction: Direction = "response") -> dict[str, Any]:
        headers: dict[str, Any] = super()._get_response_headers_for_code(status_code, direction)
        if int(status_code) in TRY_AGAIN:
            headers["Retry-After"] = {"schema": {"type": "integer"}, "description": "Seconds.", "required": True}
        return headers

    def _resolve_path_parameters(self, variables: list[str]) -> list[dict[str, Any]]:
        parameters: list[dict[str, Any]] = super()._resolve_path_parameters(variables)  # type: ignore[no-untyped-call]
        for parameter in parameters:
            # A UUID is stricter than the limits already.
            if "format" not in parameter["schema"]:
                parameter["schema"] = dict(ADDRESS_PART)
        return parameters

    def _map_serializer(self, serializer: Any, direction: Direction, bypass_extensions: bool = False) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_serializer(serializer, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        is_closed = isinstance(serializer, ClosedSerializer) or (
            isinstance(serializer, type) and issubclass(serializer, ClosedSerializer)
        )
        return {**schema, "additionalProperties": False} if is_closed else schema


def _status_and_title(kind: type[PlatformError | exceptions.APIException]) -> tuple[str, str]:
    if issubclass(kind, PlatformError):
        return str(kind.status), kind.title
    return str(kind.status_code), str(kind.default_detail)
