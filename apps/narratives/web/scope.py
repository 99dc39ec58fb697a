"""What every narrative page needs: who reads, which study, which narrative."""

from dataclasses import dataclass
from uuid import UUID

from django.http import HttpRequest

from apps.accounts.models import User
from apps.core.domain.errors import NotVisibleError
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import visible_narrative
from apps.studies.domain.principal import Principal
from apps.studies.models import Study
from apps.studies.selectors.access import principal_of, visible_study


@dataclass(frozen=True, slots=True)
class Reader:
    """The signed-in person, what they were granted, and the study of the page."""

    user: User
    principal: Principal
    study: Study

    def narrative(self, narrative_id: UUID) -> Narrative:
        """A narrative of this study; raises NotVisibleError for any other."""
        narrative = visible_narrative(self.principal, narrative_id)
        if narrative.study_id != self.study.pk:
            raise NotVisibleError("No narrative of this study that you may see has this id.")
        return narrative


def reader_of(request: HttpRequest, code: str) -> Reader:
    """The reader of a page under a study; raises NotVisibleError for a stranger."""
    user = request.user
    if not isinstance(user, User):
        raise NotVisibleError("Sign in to see this page.")
    principal = principal_of(user)
    return Reader(user, principal, visible_study(principal, code))
