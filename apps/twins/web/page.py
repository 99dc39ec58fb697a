"""The page of a subject: its head, the slider over versions, and the places its panels load into."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.studies.domain.clinical.references import Reference
from apps.studies.domain.panels import sections_shown
from apps.twins.web.header import Header, header_of
from apps.twins.web.liver import liver_lead
from apps.twins.web.scope import SubjectView
from apps.twins.web.timeline import CHOSEN
from apps.twins.web.value import value_context
from apps.twins.web.versions import AsKnown, as_known


@dataclass(frozen=True, slots=True)
class PanelPlace:
    """Where a panel loads: its name in words, its address, and the sections of the twin that it shows."""

    id: str
    name: Promise
    url: str
    sections: str


PANELS = {
    "summary": _("Subject"),
    "timeline": _("Timeline"),
    "problems": _("Problems"),
    "changes": _("What changed"),
    "laboratory": _("Laboratory"),
    "medications": _("Medications"),
    "history": _("Medical history"),
}


class TwinPage(SubjectView):
    """One subject on one page."""

    template_name = "twins/page.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The head at the version being shown, and a place for each panel."""
        context = head_context(self)
        places = {name: self._place(name, words) for name, words in PANELS.items()}
        return context | {"places": places, "is_live": self.asked_version is None, **self._drawer()}

    def _place(self, name: str, words: Promise) -> PanelPlace:
        # The past does not move, so that no part of it follows the stream.
        url = self.addresses.panel(f"twin-{name}", **self._asked(name))
        return PanelPlace(name, words, url, sections_shown(name) if self.asked_version is None else "")

    def _asked(self, name: str) -> dict[str, str]:
        """What the address asks of one panel."""
        asked = self.request.GET
        if name == "timeline" and asked.get("value"):
            return {CHOSEN: Reference.parse(asked["value"]).record}
        return {key: asked[key] for key in ("lab", "units") if name == "laboratory" and key in asked}

    def _drawer(self) -> dict[str, Any]:
        """The history of the value that the address names, if any."""
        asked = self.request.GET.get("value", "")
        if not asked:
            return {}
        return {"drawer_template": "twins/value.html", "history": value_context(self, *Reference.parse(asked))}


class SummaryPanel(SubjectView):
    """The head of the page again, when something moved."""

    template_name = "twins/summary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The head at the version being shown."""
        return head_context(self)


def head_context(view: SubjectView) -> dict[str, Any]:
    """What the head shows: who, how they stand, as known when."""
    known: AsKnown = as_known(view.subject, view.audience, view.version, view.user.previous_visit_at)
    header: Header = header_of(view.twin, view.addresses, view.received, is_unblinded=view.is_unblinded)
    return {
        "code": view.study.code,
        "subject": view.subject,
        "subject_id": view.subject.subject_id,
        "header": header,
        "liver": liver_lead(view.twin, view.addresses),
        "known": known,
        "is_unblinded": view.is_unblinded,
        "live_version": view.latest if view.asked_version is None else None,
    }
