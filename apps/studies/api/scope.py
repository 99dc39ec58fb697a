"""What every view of a study needs: the principal and the study it names, scoped."""

from functools import cached_property

from rest_framework.views import APIView

from apps.accounts.models import User
from apps.accounts.selectors.roles import signed_in
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import audience_of, principal_of, visible_study, visible_subject


class ScopedView(APIView):
    """A view under a study; whatever the caller may not see is answered with 404."""

    @property
    def user(self) -> User:
        """The person or service account that asks."""
        return signed_in(self.request.user)

    @cached_property
    def principal(self) -> Principal:
        """What the caller was granted, read once per request."""
        return principal_of(self.request.user)

    @cached_property
    def study(self) -> Study:
        """The study in the path."""
        return visible_study(self.principal, self.kwargs["code"])

    @cached_property
    def subject(self) -> Subject:
        """The subject in the path."""
        return visible_subject(self.principal, self.study, self.kwargs["subject_id"])

    @cached_property
    def audience(self) -> Audience:
        """The projection that the caller is served."""
        return audience_of(self.principal, self.study)
