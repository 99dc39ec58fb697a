"""The twin of a subject: now, at a version, at an instant; its versions and differences."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.domain.errors import BadRequestError
from apps.core.domain.numbers import whole_number as whole_number_of
from apps.studies.api.scope import ScopedView
from apps.studies.domain.ranges import FIRST_YEAR, LAST_YEAR
from apps.twins.domain.twin import Twin
from apps.twins.selectors import history
from apps.twins.selectors.twins import twin_at, version_at


class NodeSerializer(serializers.Serializer[Any]):
    """A record or a grouping node; `values` are SDTM variables."""

    id = serializers.CharField()
    kind = serializers.CharField()
    values = serializers.DictField()


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


class TwinSerializer(serializers.Serializer[Any]):
    """A twin; version and hash are of the caller's own projection."""

    version = serializers.IntegerField()
    sha256 = serializers.CharField()
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    facts = FactSerializer(many=True)


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
    old = serializers.JSONField(allow_null=True)
    new = serializers.JSONField(allow_null=True)
    version = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """Changes in order."""

    changes = ChangeSerializer(many=True)


class TwinRead(ScopedView):
    """The twin of a subject."""

    @extend_schema(
        operation_id="twin_read",
        responses={200: TwinSerializer},
        parameters=[
            OpenApiParameter("version", int, description="A version of the caller's sequence."),
            OpenApiParameter("at", datetime, description="An instant; the version known then."),
        ],
    )
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Nodes, edges and derived facts, with the version as ETag."""
        version = self._version(request)
        etag = f'"{version}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        twin = twin_at(self.subject, self.audience, version)
        sha256 = history.sha256_at(self.subject, self.audience, version)
        return Response({"version": version, "sha256": sha256, **_graph(twin)}, headers={"ETag": etag})

    def _version(self, request: Request) -> int:
        if "at" in request.query_params:
            return version_at(self.subject, self.audience, instant(request.query_params["at"]))
        return whole_number(request, "version", default=self.subject.version_for(self.audience))


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
            OpenApiParameter("from", int, required=True),
            OpenApiParameter("to", int, description="Default: the latest."),
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
        parameters=[OpenApiParameter("since", int, description="Default 0.")],
    )
    def get(self, request: Request, code: str, subject_id: str) -> Response:
        """Every change after the version, in order."""
        latest = self.subject.version_for(self.audience)
        since = whole_number(request, "since", default=0)
        changes = history.changes_between(self.subject, self.audience, since, latest)
        return Response({"changes": [asdict(change) for change in changes]})


def whole_number(request: Request, name: str, default: int | None = None) -> int:
    """A whole number of the query; raises BadRequestError for anything else."""
    given = request.query_params.get(name)
    if given is None and default is not None:
        return default
    number = None if given is None else whole_number_of(given)
    if number is None:
        shown = None if given is None else given[:40]
        raise BadRequestError(f"Got {name}={shown!r}, expected the number of a version such as 12.")
    return number


def instant(text: str) -> datetime:
    """An instant of the query; without a zone it is UTC. Raises BadRequestError for anything else."""
    try:
        found = parse_datetime(text.replace(" ", "+"))
    except ValueError:
        found = None
    # Beyond these years an instant cannot be brought to UTC.
    if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
        raise BadRequestError(f"Got at={text[:40]!r}, expected an instant such as 2013-08-09T08:40:00Z.")
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _graph(twin: Twin) -> dict[str, object]:
    return {
        "nodes": [
            {"id": node, "kind": attributes["kind"], "values": attributes["values"]}
            for node, attributes in sorted(twin.graph.nodes(data=True))
        ],
        "edges": [{"source": source, "target": target, "kind": kind} for source, target, kind in twin.edges()],
        "facts": [asdict(fact) for fact in twin.facts.values()],
    }
