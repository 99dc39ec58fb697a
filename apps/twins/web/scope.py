"""What every request about one subject needs: its reader, the subject, the version and the twin in their projection."""

from functools import cached_property
from urllib.parse import urlencode

from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url
from django.views.generic import TemplateView

from apps.accounts.models import User
from apps.core.domain.errors import NotVisibleError
from apps.core.domain.numbers import whole_number
from apps.studies.domain.audience import Audience
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import visible_subject
from apps.studies.web.scope import StudyScope, scope_of
from apps.twins.domain.twin import Twin
from apps.twins.selectors.history import received_at
from apps.twins.selectors.twins import twin_at
from apps.twins.web.addresses import Addresses


class SubjectView(LoginRequiredMixin, TemplateView):
    """A page or panel of one subject; whatever the reader may not see is answered with 404."""

    request: HttpRequest

    def handle_no_permission(self) -> HttpResponse:  # type: ignore[override]
        """The sign-in page; a panel sends the whole page there instead of showing it within itself."""
        if "HX-Request" not in self.request.headers:
            return super().handle_no_permission()
        here = self.request.headers.get("HX-Current-URL", "/")
        return HttpResponse(headers={"HX-Redirect": f"{resolve_url('login')}?{urlencode({'next': here})}"})

    def get(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Show the page or panel."""
        return self.render_to_response(self.get_context_data(**kwargs))

    @property
    def user(self) -> User:
        """The person who reads."""
        return self.scope.user

    @cached_property
    def scope(self) -> StudyScope:
        """The reader in the study of the address, with what they were granted; read once per request."""
        return scope_of(self.request, self.kwargs["code"])

    @property
    def study(self) -> Study:
        """The study in the address."""
        return self.scope.study

    @cached_property
    def subject(self) -> Subject:
        """The subject in the address."""
        return visible_subject(self.scope.principal, self.study, self.kwargs["subject_id"])

    @property
    def audience(self) -> Audience:
        """The projection that the reader is served."""
        return self.scope.audience

    @property
    def is_unblinded(self) -> bool:
        """Whether the reader may know the treatment."""
        return self.audience is Audience.UNBLINDED

    @property
    def latest(self) -> int:
        """The latest version in the reader's own sequence."""
        return self.subject.version_for(self.audience)

    @cached_property
    def asked_version(self) -> int | None:
        """The version in the address; None for the latest. Raises NotVisibleError for one that does not exist."""
        text = self.request.GET.get("version", "")
        if not text:
            return None
        number = whole_number(text)
        if number is None or not 1 <= number <= self.latest:
            raise NotVisibleError(f"Got version {text[:40]!r}, expected a number from 1 to {self.latest}.")
        # The latest version, named by its number, is the live page and no page of the past.
        return number if number != self.latest else None

    @property
    def version(self) -> int:
        """The version being shown."""
        return self.latest if self.asked_version is None else self.asked_version

    @cached_property
    def twin(self) -> Twin:
        """The subject at the version being shown, as this reader sees it."""
        return twin_at(self.subject, self.audience, self.version)

    def is_received(self, domain: str) -> bool:
        """Whether the study had received a domain at the version being shown: else an empty list says nothing."""
        return domain in self.received

    @cached_property
    def received(self) -> frozenset[str]:
        """The domains that the study had received at the version being shown, as this reader may know."""
        return received_at(self.subject, self.audience, self.version)

    @property
    def addresses(self) -> Addresses:
        """Addresses that keep the version being read."""
        return Addresses(self.study.code, self.subject.subject_id, self.asked_version)
