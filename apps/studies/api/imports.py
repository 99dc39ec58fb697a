"""Imports by integrators: the same job as the page and the command."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.studies.api.scope import ScopedView
from apps.studies.models import ImportRun, Subject
from apps.studies.selectors.imports import error_for, import_of, progress_of, receipt_for
from apps.studies.services.import_runs import start_upload


class ImportRequestSerializer(serializers.Serializer[Any]):
    """Files of one data cut."""

    files = serializers.ListField(child=serializers.FileField(), allow_empty=False)
    dry_run = serializers.BooleanField(default=False)
    reason = serializers.CharField(max_length=2000, required=False, default="")


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
        operation_id="imports_start", request=ImportRequestSerializer, responses={202: ImportStartedSerializer}
    )
    def post(self, request: Request, code: str) -> Response:
        """202 with the id of the import; `dry_run` checks and writes nothing."""
        uploads = [file for name in request.FILES for file in request.FILES.getlist(name)]
        dry_run = serializers.BooleanField().to_internal_value(request.POST.get("dry_run", False))
        reason = serializers.CharField(max_length=2000, allow_blank=True).run_validation(request.POST.get("reason", ""))
        run = start_upload(
            principal=self.principal,
            user=self.user,
            study=self.study,
            uploads=uploads,
            reason=reason,
            is_dry_run=dry_run,
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
                "state": "done" if run.is_dry_run and run.state == "checked" else run.state,
                "progress": progress_of(run, self.audience),
                "receipt": self._receipt(run),
                "error": error_for(run, self.audience),
            }
        )

    def _receipt(self, run: ImportRun) -> dict[str, Any]:
        """Whole for who sees the whole study; else only which of the caller's own subjects are in."""
        receipt = receipt_for(run, self.audience)
        if self.study.pk in self.principal.whole_study_ids:
            return receipt
        subjects = Subject.objects.visible_to(self.principal).filter(study=self.study)
        own = set(subjects.values_list("subject_id", flat=True))
        return {name: [one for one in receipt.get(name, []) if one in own] for name in ("subjects", "vanished")}
