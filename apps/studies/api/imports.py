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
from apps.studies.domain.readers.encodings import NAMED
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
    encoding = serializers.ChoiceField(
        list(NAMED.items()),
        required=False,
        allow_blank=True,
        default="",
        help_text="Of text that is not UTF-8; else found out.",
    )


class ImportStartedSerializer(serializers.Serializer[Any]):
    """Where to ask how the import stands."""

    id = serializers.UUIDField()


class ProgressSerializer(serializers.Serializer[Any]):
    """How far the job is."""

    done = serializers.IntegerField()
    total = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]  # the field the contract names


class ImportedFileSerializer(serializers.Serializer[Any]):
    """One file and what became of its rows; the hash is empty and the size null where the caller may not know them."""

    name = serializers.CharField()
    domain = serializers.CharField(allow_blank=True)
    kind = serializers.CharField()
    sha256 = serializers.CharField(allow_blank=True)
    size = serializers.IntegerField(allow_null=True, help_text="Bytes.")
    rows = serializers.IntegerField()
    records = serializers.IntegerField()
    qualifiers = serializers.IntegerField()
    rejected = serializers.IntegerField()
    new = serializers.IntegerField()
    changed = serializers.IntegerField()
    unchanged = serializers.IntegerField()
    ambiguous = serializers.IntegerField()
    held_back = serializers.IntegerField()
    notes = serializers.ListField(child=serializers.CharField(), help_text="What was assumed, or why it was not read.")


class ColumnLeftOutSerializer(serializers.Serializer[Any]):
    """A variable that came in without its values, and why."""

    file = serializers.CharField()
    domain = serializers.CharField()
    variable = serializers.CharField()
    reason = serializers.CharField(allow_blank=True)


class KeyNoteSerializer(serializers.Serializer[Any]):
    """Why the key that Define-XML gives a domain is used or not."""

    domain = serializers.CharField()
    text = serializers.CharField()


class ReceiptSerializer(serializers.Serializer[Any]):
    """What became of every row; empty before the check.

    Who sees single sites is told `subjects` and `vanished` of them alone.
    """

    new = serializers.IntegerField(required=False)
    changed = serializers.IntegerField(required=False)
    unchanged = serializers.IntegerField(required=False)
    ambiguous = serializers.IntegerField(required=False)
    held_back = serializers.IntegerField(required=False)
    rejected = serializers.IntegerField(required=False)
    records = serializers.IntegerField(required=False)
    qualifiers = serializers.IntegerField(required=False)
    rows = serializers.IntegerField(required=False)
    withdrawn = serializers.IntegerField(required=False)
    files = ImportedFileSerializer(many=True, required=False)
    left_out = ColumnLeftOutSerializer(many=True, required=False)
    columns = serializers.DictField(child=serializers.ListField(child=serializers.CharField()), required=False)
    key_notes = KeyNoteSerializer(many=True, required=False)
    subjects = serializers.ListField(child=serializers.CharField(), required=False)
    moved = serializers.IntegerField(required=False)
    vanished = serializers.ListField(child=serializers.CharField(), required=False, allow_null=True)
    withdrawn_by_domain = serializers.DictField(child=serializers.IntegerField(), required=False)
    sha256 = serializers.CharField(required=False, allow_blank=True)


class ImportSerializer(serializers.Serializer[Any]):
    """How an import stands; the receipt is in the caller's projection."""

    id = serializers.UUIDField()
    number = serializers.IntegerField()
    state = serializers.CharField()
    progress = ProgressSerializer()
    receipt = ReceiptSerializer()
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
            encoding=body.validated_data["encoding"],
        )
        return Response({"id": str(run.pk)}, status=202)


class ImportDetail(ScopedView):
    """How an import stands."""

    @extend_schema(operation_id="imports_read", responses={200: ImportSerializer})
    def get(self, request: Request, code: str, run_id: UUID) -> Response:
        """State, progress and receipt."""
        run = import_of(self.study, run_id)
        found = ImportSerializer(
            {
                "id": run.pk,
                "number": run.number,
                # For an integrator a dry run is over with its check: nothing waits to be confirmed.
                "state": "done" if run.is_dry_run and run.state == "checked" else run.state,
                "progress": progress_of(run, self.audience),
                "receipt": receipt_seen(run, self.principal, self.audience),
                "error": error_for(run, self.audience),
            }
        )
        return Response(found.data)
