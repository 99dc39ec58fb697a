"""Subjects with their line for lists; one query for any number of subjects."""

from django.db.models import Q, QuerySet

from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject
from apps.twins.domain.facts import DEFINITION_VERSION


def subject_lines(principal: Principal, study: Study) -> QuerySet[Subject]:
    """Subjects of a study that the principal may see, with site and summary."""
    return Subject.objects.visible_to(principal).filter(study=study).select_related("site", "summary")


def without_line(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """Those of the subjects that have data, but whose derived data are absent: lost, or of an earlier definition."""
    is_absent = Q(summary=None) | ~Q(summary__definition_version=DEFINITION_VERSION)
    return subjects.filter(is_absent, version__gt=0)


def is_derived(subject: Subject) -> bool:
    """Whether the line of a subject is there, or is rightly absent because nothing of it is known yet."""
    return subject.version == 0 or hasattr(subject, "summary")
