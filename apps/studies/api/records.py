"""Write records: upsert or withdraw, all or nothing per subject."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.domain.roles import Permission
from apps.core.api import BoundedListField, ProblemRenderer
from apps.core.domain.context import WriteContext
from apps.core.domain.errors import BadRequestError, ConflictError, InvalidInputError, PreconditionFailedError
from apps.core.domain.numbers import whole_number
from apps.core.inputs import ClosedSerializer, Text
from apps.core.schema import CLEAN, VALUE_OR_NULL, ProblemSerializer, refusals
from apps.core.services.idempotency import Answer, answer_once, digest_of
from apps.studies.api.scope import ScopedView
from apps.studies.domain.audience import Audience
from apps.studies.domain.upserts import Submitted
from apps.studies.selectors.access import require
from apps.studies.services.writing import WriteResult, write_records

MAX_RECORDS = 1000
MOST_KEY_CHARACTERS = 200
IDEMPOTENCY_KEY = {"type": "string", "maxLength": MOST_KEY_CHARACTERS, "pattern": "^[ -~]*$"}
IF_MATCH = {"type": "string", "pattern": '^"[0-9]{1,15}"$'}


@extend_schema_field(
    {
        "type": "object",
        "propertyNames": {"pattern": CLEAN},
        "additionalProperties": VALUE_OR_NULL,
    }
)
class ValuesField(serializers.DictField):
    """SDTM variables by name: texts and numbers, null clears."""

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """The values; raises ValidationError for one that no variable can hold."""
        values: dict[str, Any] = super().to_internal_value(data)
        for name, value in values.items():
            if isinstance(value, bool) or not isinstance(value, str | int | float | None):
                kind = type(value).__name__
                raise serializers.ValidationError({name: [f"Got a value of type {kind}, expected text or a number."]})
        return values


class RecordSerializer(ClosedSerializer):
    """One record: merged with what is there, or withdrawn."""

    domain = Text(max_length=20)
    subject_id = Text(max_length=200)
    values = ValuesField(required=False, default=dict)
    operation = serializers.ChoiceField(["upsert", "withdraw"], default="upsert")
    key = Text(max_length=200, required=False, allow_null=True, default=None, help_text="Record id, when known.")


class WriteSerializer(ClosedSerializer):
    """Records with the reason for the change."""

    reason = Text(max_length=2000)
    records = BoundedListField(child=RecordSerializer(), min_length=1, max_length=MAX_RECORDS)


class RejectedSerializer(serializers.Serializer[Any]):
    """One record that was not written."""

    index = serializers.IntegerField()
    field = serializers.CharField()
    message = serializers.CharField()


class WrittenSerializer(serializers.Serializer[Any]):
    """What was written; versions are in the caller's own sequence."""

    accepted = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    rejected = RejectedSerializer(many=True)
    versions = serializers.DictField(child=serializers.IntegerField())


class NothingWrittenSerializer(ProblemSerializer):
    """No record was accepted, each for the reason under `rejected`; or the request as a whole was not."""

    accepted = serializers.IntegerField(required=False)
    unchanged = serializers.IntegerField(required=False)
    rejected = RejectedSerializer(many=True, required=False)
    versions = serializers.DictField(child=serializers.IntegerField(), required=False)


class RecordWrite(ScopedView):
    """Write records of one or more subjects."""

    @extend_schema(
        operation_id="records_write",
        request=WriteSerializer,
        responses={
            200: WrittenSerializer,
            **refusals(ConflictError, PreconditionFailedError),
            **refusals(InvalidInputError, body=NothingWrittenSerializer),
        },
        parameters=[
            OpenApiParameter("If-Match", IF_MATCH, OpenApiParameter.HEADER, description="Version of the one subject."),
            OpenApiParameter("Idempotency-Key", IDEMPOTENCY_KEY, OpenApiParameter.HEADER, description="Kept 24 hours."),
        ],
    )
    def post(self, request: Request, code: str) -> Response:
        """200 if anything was accepted or unchanged, else 422 with the same fields."""
        require_writer(self)
        body = WriteSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key = _idempotency_key(request)
        if not key:
            return _response(*self._write(body.validated_data))
        status, answer = answer_once(
            principal_id=self.user.pk,
            key=key,
            # With the study: what was answered in one must not be given as the answer of another.
            body_sha256=digest_of([code, request.data]),
            act=lambda: self._write(body.validated_data),
        )
        return _response(status, answer)

    def _write(self, data: dict[str, Any]) -> Answer:
        records = [_submitted(index, record) for index, record in enumerate(data["records"])]
        result = write_records(
            principal=self.principal,
            study=self.study,
            records=records,
            context=self._context(data["reason"]),
            expected_version=_expected_version(self.request, records),
        )
        return _answer(result)

    def _context(self, reason: str) -> WriteContext:
        return WriteContext(
            actor_id=self.user.pk,
            actor=self.user.display_name,
            reason=reason,
            source="API",
            is_reason_open=self.audience is Audience.BLINDED,
        )


def require_writer(view: RecordWrite) -> None:
    """403 for a reader who may not write anywhere in the study, before the body is looked at."""
    if not view.principal.may_anywhere(Permission.WRITE_RECORDS, view.study.pk):
        require(view.principal, Permission.WRITE_RECORDS, view.study)


def _submitted(index: int, record: dict[str, Any]) -> Submitted:
    return Submitted(
        index=index,
        domain=record["domain"],
        subject_id=record["subject_id"],
        values=record["values"],
        is_withdrawal=record["operation"] == "withdraw",
        key=record["key"],
    )


def _idempotency_key(request: Request) -> str:
    """The key of the header, empty without one; BadRequestError for one that cannot be kept."""
    key = request.headers.get("Idempotency-Key", "")
    if len(key) > MOST_KEY_CHARACTERS or not (key.isascii() and key.isprintable()):
        raise BadRequestError(f"Expected an Idempotency-Key of up to {MOST_KEY_CHARACTERS} ASCII characters.")
    return key


def _expected_version(request: Request, records: list[Submitted]) -> int | None:
    given = request.headers.get("If-Match")
    if given is None:
        return None
    if len({record.subject_id for record in records}) != 1:
        raise InvalidInputError("If-Match holds the version of one subject; this request writes several. Split it.")
    quoted = given.strip()
    version = whole_number(quoted[1:-1]) if quoted[:1] == quoted[-1:] == '"' else None
    if version is None:
        raise BadRequestError(f'Got If-Match: {given[:40]}, expected a version in quotes such as "12".')
    return version


def _answer(result: WriteResult) -> Answer:
    body: dict[str, object] = {
        "accepted": result.accepted,
        "unchanged": result.unchanged,
        "rejected": [asdict(refusal) for refusal in result.rejected],
        "versions": result.versions,
    }
    # What was there already is no failure: a delivery that is repeated must not look like one.
    if result.accepted or result.unchanged:
        return 200, body
    problem = {
        "type": "about:blank#invalid-input",
        "title": "No record was accepted",
        "status": 422,
        "detail": "Every record was rejected; each with its index, field and message under `rejected`.",
    }
    return 422, {**problem, **body}


def _response(status: int, body: dict[str, object]) -> Response:
    kind = ProblemRenderer.media_type if status >= 400 else None
    return Response(body, status=status, content_type=kind)
