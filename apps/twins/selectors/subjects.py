"""Subjects with their line for lists; one query for any number of subjects."""

from django.db.models import QuerySet

from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject


def subject_lines(principal: Principal, study: Study) -> QuerySet[Subject]:
    """Subjects of a study that the principal may see, with site and summary."""
    return Subject.objects.visible_to(principal).filter(study=study).select_related("site", "summary")
