"""Imports by integrators: the same job as the page and the command."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.domain.errors import ConflictError, InvalidInputError, StorageFullError
from apps.core.inputs import ClosedSerializer, Text, YesNo
from apps.core.schema import refusals
from apps.studies.api.scope import ScopedView
from apps.studies.selectors.import_lists import receipt_seen
from apps.studies.selectors.imports import error_for, import_of, progress_of
from apps.studies.services.import_runs import start_upload

MOST_FILES = 200


@extend_schema_field({"type": "string", "format": "binary", "minLength": 1})
class FilledFileField(serializers.FileField):
    """A file with something in it."""


class ImportRequestSerializer(ClosedSerializer):
    """Files of one data cut."""

    files = serializers.ListField(child=FilledFileField(), min_length=1, max_length=MOST_FILES)
    dry_run = YesNo(default=False)
    reason = Text(max_length=2000, allow_blank=True, required=False, default="")


class ImportStartedSerializer(serializers.Serializer[Any]):
    """Where to ask how the import stands."""

    id = serializers.UUIDField()


class ProgressSerializer(serializers.Serializer[Any]):
    """How far the job is."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field the contract names


class ImportSerializer(serializers.Serializer[Any]):
    """How an import stands; the receipt is in the caller's projection."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    progress = ProgressSerializer()
    receipt = serializers.DictField()
    error = serializers.CharField()


class ImportStart(ScopedView):
    """Start an import."""

    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="imports_start",
        request=ImportRequestSerializer,
        responses={202: ImportStartedSerializer, **refusals(InvalidInputError, ConflictError, StorageFullError)},
    )
    def post(self, request: Request, code: str) -> Response:
        """202 with the id of the import; `dry_run` checks and writes nothing."""
        study = self.study
        body = ImportRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        run = start_upload(
            principal=self.principal,
            user=self.user,
            study=study,
            uploads=body.validated_data["files"],
            reason=body.validated_data["reason"],
            is_dry_run=body.validated_data["dry_run"],
        )
        return Response({"id": str(run.pk)}, status=202)


class ImportDetail(ScopedView):
    """How an import stands."""

    @extend_schema(operation_id="imports_read", responses={200: ImportSerializer})
    def get(self, request: Request, code: str, run_id: UUID) -> Response:
        """State, progress and receipt."""
        run = import_of(self.study, run_id)
        return Response(
            {
                "id": str(run.pk),
                "number": run.number,
                # For an integrator a dry run is over with its check: nothing waits to be confirmed.
                "state": "done" if run.is_dry_run and run.state == "checked" else run.state,
                "progress": progress_of(run, self.audience),
                "receipt": receipt_seen(run, self.principal, self.audience),
                "error": error_for(run, self.audience),
            }
        )
