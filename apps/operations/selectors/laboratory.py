"""Laboratory signals of a study: liver tests above the limits of the FDA guidance, the gravest first."""

from dataclasses import dataclass

from django.db.models import Count, F, Q

from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject
from apps.twins.selectors.subjects import with_line, without_line

MOST_SHOWN = 20


@dataclass(frozen=True, slots=True)
class LaboratorySignals:
    """Subjects with ALT or AST above 3 × ULN at any time (FDA guidance on drug-induced liver injury, 2009, IV.A).

    `combined` are those of them with bilirubin above 2 × ULN as well, `criteria` those whose ALP did not reach 2 × ULN
    besides: the biochemical criteria of Hy's law, which are no diagnosis. All are counted; those shown rank by weight.
    """

    criteria: tuple[str, ...]
    combined: tuple[str, ...]
    subjects: tuple[str, ...]
    criteria_count: int
    combined_count: int
    count: int
    checked: int

    @property
    def alone_count(self) -> int:
        """How many have no raised bilirubin beside it."""
        return self.count - self.criteria_count - self.combined_count


def laboratory_signals(principal: Principal, study: Study) -> LaboratorySignals:
    """The signals among the subjects that the reader may see."""
    seen = with_line(Subject.objects.visible_to(principal).filter(study=study))
    high = seen.filter(Q(line__has_transaminase_over_3_uln=True))
    is_criteria = Q(line__meets_liver_criteria=True)
    is_combined = Q(line__has_bilirubin_over_2_uln=True, line__meets_liver_criteria=False)
    counts = high.aggregate(
        all=Count("pk"), criteria=Count("pk", filter=is_criteria), combined=Count("pk", filter=is_combined)
    )
    # The id after the peak, so that equal peaks stand in one order on every page.
    ranked = high.order_by(F("line__peak_transaminase").desc(), "subject_id").values_list("subject_id", flat=True)
    alone = ranked.filter(Q(line__has_bilirubin_over_2_uln=False))
    return LaboratorySignals(
        criteria=tuple(ranked.filter(is_criteria)[:MOST_SHOWN]),
        combined=tuple(ranked.filter(is_combined)[:MOST_SHOWN]),
        subjects=tuple(alone[:MOST_SHOWN]),
        criteria_count=counts["criteria"],
        combined_count=counts["combined"],
        count=counts["all"],
        checked=seen.count() - without_line(seen).count(),
    )
