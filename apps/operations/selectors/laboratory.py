"""Laboratory signals of a study: subjects whose transaminases rose above three times the upper limit."""

from dataclasses import dataclass

from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject
from apps.twins.selectors.subjects import without_line

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LaboratorySignals:
    """Subjects with ALT or AST above 3 × ULN at any time (FDA guidance on drug-induced liver injury, 2009, IV.A)."""

    subjects: tuple[str, ...]
    count: int
    checked: int


def laboratory_signals(principal: Principal, study: Study) -> LaboratorySignals:
    """The signals among the subjects that the reader may see."""
    seen = Subject.objects.visible_to(principal).filter(study=study)
    high = list(
        seen.filter(summary__has_transaminase_over_3_uln=True)
        .order_by("subject_id")
        .values_list("subject_id", flat=True)
    )
    checked = seen.count() - without_line(seen).count()
    return LaboratorySignals(tuple(high[:MOST_SHOWN]), len(high), checked)
