"""The page of a subject: its head, the slider over versions, and the places its panels load into."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.twins.web.header import Header, header_of
from apps.twins.web.scope import SubjectView
from apps.twins.web.value import value_context
from apps.twins.web.versions import AsKnown, as_known


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """Where a panel loads: its name in words, its address, and the sections of the twin that it shows."""

    id: str
    name: Promise
    url: str
    sections: str


# Panels and the sections (apps.studies.domain.variables.sections_of) whose changes reach them.
PANELS = {
    "timeline": (_("Timeline"), "demographics visits exposure adverse_events medications disposition"),
    "problems": (_("Problems"), "demographics adverse_events exposure relations"),
    "laboratory": (_("Laboratory"), "laboratory"),
    "medications": (_("Medications"), "medications"),
    "history": (_("Medical history"), "history"),
}
EVERY_SECTION = (
    "demographics visits exposure adverse_events medications disposition laboratory vital_signs questionnaires "
    "history relations other"
)


class TwinPage(SubjectView):
    """One subject on one page."""

    template_name = "twins/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The head at the version being shown, and a place for each panel."""
        context = head_context(self)
        places = {name: self._place(name, words, sections) for name, (words, sections) in PANELS.items()}
        places["changes"] = self._place("changes", _("What changed"), EVERY_SECTION)
        places["summary"] = self._place("summary", _("Subject"), EVERY_SECTION)
        return context | {"places": places, **self._drawer()}

    def _place(self, name: str, words: Any, sections: str) -> PanelPlace:
        query = {"lab": "all"} if name == "laboratory" and self.request.GET.get("lab") == "all" else {}
        url = self.addresses.panel(f"twin-{name}", **query)
        return PanelPlace(name, words, url, sections if self.asked_version is None else "")

    def _drawer(self) -> dict[str, Any]:
        """The history of the value that the address names, if any."""
        reference = self.request.GET.get("value", "")
        if not reference:
            return {}
        record_id, _dot, variable = reference.partition(".")
        return {"drawer_template": "twins/value.html", "history": value_context(self, record_id, variable)}


class SummaryPanel(SubjectView):
    """The head of the page again, when something moved."""

    template_name = "twins/summary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The head at the version being shown."""
        return head_context(self)


def head_context(view: SubjectView) -> dict[str, Any]:
    """What the head shows: who, how they stand, as known when."""
    known: AsKnown = as_known(view.subject, view.audience, view.version, view.user.previous_visit_at)
    header: Header = header_of(view.twin, view.addresses, is_unblinded=view.is_unblinded)
    return {
        "code": view.study.code,
        "subject": view.subject,
        "subject_id": view.subject.subject_id,
        "header": header,
        "known": known,
        "is_unblinded": view.is_unblinded,
        "live_version": view.latest if view.asked_version is None else None,
    }
