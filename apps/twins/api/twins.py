"""The twin of a subject: now, at a version, at an instant; its versions and differences."""

from collections import Counter
from dataclasses import asdict
from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.inputs import instant, whole_number
from apps.core.schema import INSTANT, NUMBER, VALUE_OR_NULL
from apps.studies.api.scope import ScopedView
from apps.twins.domain.facts import DEFINITION_VERSION
from apps.twins.domain.fold import FOLD_VERSION
from apps.twins.domain.twin import Twin
from apps.twins.selectors import history
from apps.twins.selectors.twins import require_version, twin_at, version_at

# Named in every answer, so that a client need not know that a missing name means unknown.
ALWAYS_ASKED: Final = frozenset({"AE", "CM", "DM", "DS", "LB", "MH"})
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, required=True, response=[200, 304])


@extend_schema_field(VALUE_OR_NULL)
class ValueField(serializers.JSONField):
    """The value of an SDTM variable; null where there is none."""


class NodeSerializer(serializers.Serializer[Any]):
    """A record or a grouping node; `values` are SDTM variables."""

    id = serializers.CharField()
    kind = serializers.CharField()
    values = serializers.DictField(child=ValueField())


class EdgeSerializer(serializers.Serializer[Any]):
    """Why two nodes belong together."""

    source = serializers.CharField()  # type: ignore[assignment]  # the field the contract names
    target = serializers.CharField()
    kind = serializers.CharField()


class FactSerializer(serializers.Serializer[Any]):
    """A derived value and what it was derived from."""

    id = serializers.CharField()
    name = serializers.CharField()
    value = serializers.JSONField()
    unit = serializers.CharField(allow_null=True)
    derived_from = serializers.ListField(child=serializers.CharField())


class DomainSerializer(serializers.Serializer[Any]):
    """How many records of a domain there are; 0 says something of the subject only where the domain is known."""

    domain = serializers.CharField()
    known = serializers.BooleanField(help_text="Whether the study has received data of this domain at all.")
    records = serializers.IntegerField()


class TwinSerializer(serializers.Serializer[Any]):
    """A twin; version and hash are of the caller's own projection."""

    version = serializers.IntegerField()
    sha256 = serializers.CharField()
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    facts = FactSerializer(many=True)
    domains = DomainSerializer(many=True)


class VersionSerializer(serializers.Serializer[Any]):
    """One version: when it became known, through whom, why, from where."""

    version = serializers.IntegerField()
    known_at = serializers.DateTimeField()
    actor = serializers.CharField()
    reason = serializers.CharField(allow_null=True)
    source = serializers.CharField()  # type: ignore[assignment]  # the field the contract names
    changes = serializers.IntegerField()


class ChangeSerializer(serializers.Serializer[Any]):
    """One variable of one record that changed."""

    record = serializers.CharField()
    operation = serializers.CharField()
    variable = serializers.CharField()
    old = ValueField()
    new = ValueField()
    version = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """Changes in order."""

    changes = ChangeSerializer(many=True)


class TwinRead(ScopedView):
    """The twin of a subject."""

    @extend_schema(
        operation_id="twin_read",
        responses={200: TwinSerializer, 304: OpenApiResponse(description="The version that the caller has.")},
        parameters=[
            OpenApiParameter("If-None-Match", {"type": "string"}, OpenApiParameter.HEADER, description="An ETag."),
            ETAG,
            OpenApiParameter("version", NUMBER, description="A version of the caller's sequence."),
            OpenApiParameter("at", INSTANT, description="An instant; the version known then, whatever `version` says."),
        ],
    )
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Nodes, edges, derived facts and what is known; the ETag moves with each, and with how facts are made."""
        version = self._version(request)
        require_version(self.subject, self.audience, version)
        # What follows from the records of a version may be told otherwise after an upgrade.
        received = history.received_at(self.subject, self.audience, version)
        etag = f'"{version}-{FOLD_VERSION}.{DEFINITION_VERSION}-{len(received)}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        twin = twin_at(self.subject, self.audience, version)
        sha256 = history.sha256_at(self.subject, self.audience, version)
        answer = {"version": version, "sha256": sha256, **_graph(twin), "domains": _domains(twin, received)}
        return Response(answer, headers={"ETag": etag})

    def _version(self, request: Request) -> int:
        version = whole_number(request, "version", default=self.subject.version_for(self.audience))
        if "at" not in request.query_params:
            return version
        return version_at(self.subject, self.audience, instant(request, "at"))


class TwinVersions(ScopedView):
    """The versions of a twin."""

    @extend_schema(operation_id="twin_versions", responses={200: VersionSerializer(many=True)}, filters=False)
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Every version, oldest first."""
        audience = self.audience
        return Response(
            [
                {
                    "version": history.number_for(found, audience),
                    "known_at": found.known_at,
                    "actor": found.actor_name,
                    "reason": history.reason_for(found, audience),
                    "source": found.source,
                    "changes": history.change_count_for(found, audience),
                }
                for found in history.versions(self.subject, audience)
            ]
        )


class TwinDiff(ScopedView):
    """The difference of two versions."""

    @extend_schema(
        operation_id="twin_diff",
        responses={200: ChangesSerializer},
        parameters=[
            OpenApiParameter("from", NUMBER, required=True),
            OpenApiParameter("to", NUMBER, description="Default: the latest."),
        ],
    )
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Net changes: what differs between the two."""
        latest = self.subject.version_for(self.audience)
        until = whole_number(request, "to", default=latest)
        changes = history.changes_between(self.subject, self.audience, whole_number(request, "from"), until)
        return Response({"changes": [asdict(change) for change in history.net_changes(changes)]})


class TwinChanges(ScopedView):
    """The changes since a version."""

    @extend_schema(
        operation_id="twin_changes",
        responses={200: ChangesSerializer},
        parameters=[OpenApiParameter("since", NUMBER, description="Default 0.")],
    )
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Every change after the version, in order."""
        latest = self.subject.version_for(self.audience)
        since = whole_number(request, "since", default=0)
        changes = history.changes_between(self.subject, self.audience, since, latest)
        return Response({"changes": [asdict(change) for change in changes]})


def _domains(twin: Twin, received: frozenset[str]) -> list[dict[str, Any]]:
    """Every domain that readers ask of any subject, and what else the study has received."""
    records = Counter(row.domain for row in twin.all_rows())
    # Written before the portal noted what it received: what is there is known.
    known = received | records.keys()
    return [
        {"domain": domain, "known": domain in known, "records": records[domain]}
        for domain in sorted(ALWAYS_ASKED | known)
    ]


def _graph(twin: Twin) -> dict[str, object]:
    return {
        "nodes": [
            {"id": node, "kind": attributes["kind"], "values": attributes["values"]}
            for node, attributes in sorted(twin.graph.nodes(data=True))
        ],
        "edges": [{"source": source, "target": target, "kind": kind} for source, target, kind in twin.edges()],
        "facts": [asdict(fact) for fact in twin.facts.values()],
    }
