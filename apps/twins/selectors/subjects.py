"""Subjects with their line for lists; one query for any number of subjects."""

from typing import Any, Final

from django.db.models import FilteredRelation, Q, QuerySet

from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject
from apps.twins.domain.facts import DEFINITION_VERSION
from apps.twins.models import TwinSummary

# The name under which the summary is joined; the stubs know the fields of models alone.
LINE: Final[Any] = "line"


def subject_lines(principal: Principal, study: Study) -> QuerySet[Subject]:
    """Subjects of a study that the principal may see, with site and line."""
    return with_line(Subject.objects.visible_to(principal).filter(study=study)).select_related("site", LINE)


def with_line(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """The subjects, to each of which `line` joins its summary if that is of the present definition, and else nothing.

    Whoever asks the summary itself would be told what an earlier definition made of the data.
    """
    is_present = Q(summary__definition_version=DEFINITION_VERSION)
    return subjects.alias(**{LINE: FilteredRelation("summary", condition=is_present)})


def without_line(subjects: QuerySet[Subject]) -> QuerySet[Subject]:
    """Those of the subjects that have data, but whose derived data are absent: lost, or of an earlier definition."""
    return with_line(subjects).filter(Q(line=None), version__gt=0)


def line_of(subject: Subject) -> TwinSummary | None:
    """The line of one of `subject_lines`; None where it is absent."""
    # The join leaves no attribute behind where it finds nothing.
    found: TwinSummary | None = getattr(subject, "line", None)
    return found


def is_derived(subject: Subject) -> bool:
    """Whether the line of one of `subject_lines` is there, or is rightly absent because nothing of it is known yet."""
    return subject.version == 0 or line_of(subject) is not None
