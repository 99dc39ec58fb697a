"""What the top bar shows on every page: study, places, projection, person and role."""

from dataclasses import dataclass
from urllib.parse import quote

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from apps.accounts.models import User
from apps.accounts.selectors.roles import role_label
from apps.studies.domain.audience import Audience
from apps.studies.models import Study
from apps.studies.selectors.access import audience_of, principal_of


@dataclass(frozen=True, slots=True)
class Navigation:
    """The top bar; without a study that the reader may see only the person is shown."""

    study: Study | None
    items: tuple[tuple[str, str, bool], ...]
    view_label: str
    person: str
    role: str
    live_url: str
    has_administration: bool = False


def navigation(request: HttpRequest) -> dict[str, object]:
    """The top bar for a signed-in reader; nothing for a stranger or in the admin."""
    user = getattr(request, "user", None)
    if not isinstance(user, User) or request.path.startswith("/admin/"):
        return {}
    principal = principal_of(user)
    studies = Study.objects.visible_to(principal).order_by("code")
    code = request.resolver_match.kwargs.get("code") if request.resolver_match else None
    study = (studies.filter(code=code) if code else studies).first()
    if study is None:
        return {"nav": Navigation(None, (), "", user.display_name, "", "")}
    unblinded = audience_of(principal, study) is Audience.UNBLINDED
    return {
        "nav": Navigation(
            study=study,
            items=_items(request, study),
            view_label=_("Unblinded view") if unblinded else _("Blinded view"),
            person=user.display_name,
            role=role_label(user, study.code),
            live_url=_live_url(request, study),
            has_administration=user.is_staff,
        )
    }


def _items(request: HttpRequest, study: Study) -> tuple[tuple[str, str, bool], ...]:
    """Label, address and whether the reader is there, for each place."""
    places = [
        (_("Home"), "home", {}),
        (_("Study"), "study", {"code": study.code}),
        (_("Subjects"), "subjects", {"code": study.code}),
        (_("Narratives"), "narratives", {"code": study.code}),
        (_("Imports"), "imports", {"code": study.code}),
    ]
    here = request.resolver_match.url_name if request.resolver_match else ""
    return tuple((str(label), reverse(name, kwargs=kwargs), _place_of(here) == name) for label, name, kwargs in places)


def _place_of(url_name: str | None) -> str:
    """The place of the top bar that a page belongs to: `subject-value` to `subjects`, `import-new` to `imports`."""
    first = (url_name or "").partition("-")[0]
    return {
        "subject": "subjects",
        "twin": "subjects",
        "narrative": "narratives",
        "import": "imports",
        "blinding": "study",
    }.get(first, first)


def _live_url(request: HttpRequest, study: Study) -> str:
    """Socket of the page: the subject's on its twin, the study's elsewhere; none for a twin of the past."""
    match = request.resolver_match
    # An address that is not there has no match; its page opens no socket.
    if match is None or ("subject_id" in match.kwargs and "version" in request.GET):
        return ""
    socket = f"/ws/studies/{quote(study.code)}/"
    subject_id = match.kwargs.get("subject_id")
    return f"{socket}subjects/{quote(subject_id)}/" if subject_id else socket
