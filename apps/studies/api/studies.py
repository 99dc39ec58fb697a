"""Studies that the caller may see."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import generics, serializers

from apps.core.schema import PAGES
from apps.studies.models import Study
from apps.studies.selectors.access import principal_of


class StudySerializer(serializers.ModelSerializer[Study]):
    """A study as the portal names it."""

    class Meta:
        model = Study
        fields = ["code", "state", "is_blinded"]


@extend_schema_view(get=extend_schema(parameters=PAGES))
class StudyList(generics.ListAPIView[Study]):
    """Studies by code."""

    serializer_class = StudySerializer
    queryset = Study.objects.none()

    def get_queryset(self) -> QuerySet[Study]:
        """Only studies of which the caller sees something."""
        return Study.objects.visible_to(principal_of(self.request.user)).order_by("code")
