"""Which narrative a page is of: one of the study in its address, that its reader may see."""

from uuid import UUID

from apps.core.domain.errors import NotVisibleError
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import visible_narrative
from apps.studies.web.scope import StudyScope


def narrative_in(scope: StudyScope, narrative_id: UUID) -> Narrative:
    """A narrative of this study; raises NotVisibleError for any other."""
    narrative = visible_narrative(scope.principal, narrative_id)
    if narrative.study_id != scope.study.pk:
        raise NotVisibleError("No narrative of this study that you may see has this id.")
    return narrative
