"""API of the room: narratives, their sentences with facts, verification, staleness and signatures."""

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.selectors.roles import signed_in
from apps.core.api import PageNumbers
from apps.core.domain.errors import ConflictError
from apps.core.inputs import ClosedSerializer, Text, WholeNumber
from apps.core.schema import PAGES, refusals
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import visible_narrative
from apps.narratives.selectors.documents import document_of, narrative_rows
from apps.narratives.services.drafting import MOST_REASON, refresh_narrative, start_narrative, submit_narrative
from apps.studies.api.scope import ScopedView
from apps.studies.selectors.access import principal_of, visible_subject

# The largest number that the column holds on PostgreSQL; SQLite would take more.
LATEST_VERSION = 2**31 - 1


class NarrativeStartSerializer(ClosedSerializer):
    """Whose narrative to draft."""

    subject_id = Text(max_length=200)
    reason = Text(
        max_length=MOST_REASON,
        required=False,
        help_text="Why one is written; needed where no rule asks for a narrative.",
    )


class NarrativeSubmitSerializer(ClosedSerializer):
    """Which version was read; without it the latest is submitted as it is."""

    version = WholeNumber(required=False, min_value=1, max_value=LATEST_VERSION)


class NarrativeIdSerializer(serializers.Serializer[Any]):
    """Id of a narrative, readable at once."""

    id = serializers.UUIDField()


class NarrativeLineSerializer(serializers.Serializer[Any]):
    """One narrative in a list."""

    id = serializers.UUIDField()
    subject_id = serializers.CharField()
    state = serializers.CharField()
    currency = serializers.CharField(help_text="`altered` where the stored text is not what was written or signed.")
    is_intact = serializers.BooleanField()
    why_not_intact = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()


class NarrativePage(serializers.Serializer[Any]):
    """One page of narratives."""

    count = serializers.IntegerField()
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = NarrativeLineSerializer(many=True)


class SentenceSerializer(serializers.Serializer[Any]):
    """One sentence and the ids of the facts it states."""

    text = serializers.CharField()
    facts = serializers.ListField(child=serializers.CharField())


class VerificationSerializer(serializers.Serializer[Any]):
    """What the check against the data found."""

    supported = serializers.IntegerField()
    contradicted = serializers.IntegerField()
    unsupported = serializers.IntegerField()
    omitted = serializers.IntegerField()
    findings = serializers.ListField(child=serializers.DictField())


class NarrativeSerializer(serializers.Serializer[Any]):
    """A narrative as its latest version says it."""

    id = serializers.UUIDField()
    subject_id = serializers.CharField()
    state = serializers.CharField()
    currency = serializers.CharField(help_text="`altered` where the stored text is not what was written or signed.")
    is_intact = serializers.BooleanField()
    why_not_intact = serializers.ListField(child=serializers.CharField())
    version = serializers.IntegerField()
    twin_version = serializers.IntegerField(required=False, help_text="Of the blinded sequence; absent without a text.")
    content_sha256 = serializers.CharField(required=False, help_text="Hash of the text; absent without one.")
    sentences = SentenceSerializer(many=True)
    facts = serializers.DictField()
    verification = VerificationSerializer()
    error = serializers.CharField(help_text="Why the last draft was given up, if it was.")
    staleness = serializers.ListField(child=serializers.DictField())
    signatures = serializers.ListField(child=serializers.DictField())


class NarrativeList(ScopedView):
    """Narratives of a study."""

    @extend_schema(operation_id="narratives_list", responses={200: NarrativePage}, parameters=PAGES)
    def get(self, request: Request, code: str) -> Response:
        """A page of narratives that the caller may see."""
        pages = PageNumbers()
        narratives = Narrative.objects.visible_to(self.principal).filter(study=self.study)
        page = pages.paginate_queryset(narratives.order_by("subject__subject_id"), request, view=self) or []
        return pages.get_paginated_response(narrative_rows(page))

    @extend_schema(
        operation_id="narratives_start",
        request=NarrativeStartSerializer,
        responses={202: NarrativeIdSerializer, **refusals(ConflictError)},
    )
    def post(self, request: Request, code: str) -> Response:
        """Draft the safety narrative of a subject; a second request returns the same id."""
        study = self.study
        body = NarrativeStartSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        subject = visible_subject(self.principal, study, body.validated_data["subject_id"])
        reason = body.validated_data.get("reason", "")
        narrative = start_narrative(principal=self.principal, user=self.user, subject=subject, reason=reason)
        return Response({"id": str(narrative.pk)}, status=202)


class _NarrativeView(APIView):
    """A view of one narrative; 404 for a stranger."""

    def _narrative(self, narrative_id: UUID) -> Narrative:
        return visible_narrative(principal_of(self.request.user), narrative_id)

    def _user(self) -> User:
        return signed_in(self.request.user)


class NarrativeDetail(_NarrativeView):
    """One narrative."""

    @extend_schema(operation_id="narratives_read", responses={200: NarrativeSerializer})
    def get(self, request: Request, narrative_id: UUID) -> Response:
        """State, currency, sentences, facts, verification, staleness and signatures."""
        return Response(document_of(self._narrative(narrative_id)))


class NarrativeRefresh(_NarrativeView):
    """A new version from the data of now."""

    @extend_schema(
        operation_id="narratives_refresh",
        request=None,
        responses={202: NarrativeIdSerializer, **refusals(ConflictError)},
    )
    def post(self, request: Request, narrative_id: UUID) -> Response:
        """Rewrite what the data changed; the rest stays byte-identical."""
        narrative = self._narrative(narrative_id)
        refresh_narrative(principal=principal_of(request.user), user=self._user(), narrative=narrative)
        return Response({"id": str(narrative.pk)}, status=202)


class NarrativeSubmit(_NarrativeView):
    """To review."""

    @extend_schema(
        operation_id="narratives_submit",
        request=NarrativeSubmitSerializer,
        responses={200: NarrativeSerializer, **refusals(ConflictError)},
    )
    def post(self, request: Request, narrative_id: UUID) -> Response:
        """Send the latest verified, current version to review; refused where it is not the one that was read."""
        narrative = self._narrative(narrative_id)
        asked = NarrativeSubmitSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        number = asked.validated_data.get("version")
        submit_narrative(principal=principal_of(request.user), user=self._user(), narrative=narrative, number=number)
        return Response(document_of(narrative))
