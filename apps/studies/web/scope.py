"""What every page of a study needs: who asks, the study it names, and the projection to serve."""

from dataclasses import dataclass

from django.http import HttpRequest

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.domain.errors import NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Study, StudyState
from apps.studies.selectors.access import audience_of, principal_of, visible_study


@dataclass(frozen=True, slots=True)
class StudyScope:
    """A reader in a study."""

    user: User
    principal: Principal
    study: Study
    audience: Audience

    @property
    def sees_whole_study(self) -> bool:
        """Whether the reader sees every site; counts of the whole study are for such readers only."""
        return self.study.pk in self.principal.whole_study_ids

    @property
    def may_import(self) -> bool:
        """Whether the reader's role includes importing."""
        return self.principal.may(Permission.IMPORT_DATA, self.study.pk)

    @property
    def why_no_changes(self) -> str:
        """Why the study takes no changes now; empty while it does."""
        if self.study.state == StudyState.ACTIVE:
            return ""
        return f"The study is {self.study.get_state_display()} and takes no changes."


def signed_in_user(request: HttpRequest) -> User:
    """The person who is signed in; raises NotVisibleError where nobody is."""
    if not isinstance(request.user, User):
        raise NotVisibleError("Sign in to see this page.")
    return request.user


def scope_of(request: HttpRequest, code: str) -> StudyScope:
    """The signed-in reader in the study of this code; raises NotVisibleError for a stranger."""
    user = signed_in_user(request)
    principal = principal_of(user)
    study = visible_study(principal, code)
    return StudyScope(user, principal, study, audience_of(principal, study))
