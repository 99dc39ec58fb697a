"""Addresses of one subject's page, its panels and its values; all keep the version that is being read."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from apps.studies.domain.clinical.references import Reference
from apps.twins.domain.drawing.shapes import Target


@dataclass(frozen=True, slots=True)
class Shown:
    """A value as the page shows it: text with unit, why there is none, and the way to its history."""

    value: str
    page_url: str
    history_url: str
    why: str = "not_recorded"
    outside: str = ""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Addresses of one subject at the version in the address line (None: the latest)."""

    code: str
    subject_id: str
    version: int | None = None

    def page(self) -> str:
        """The page of the subject."""
        return self._with(reverse("subject", args=[self.code, self.subject_id]))

    def page_at(self, version: int) -> str:
        """The page of the subject at a version."""
        return f"{reverse('subject', args=[self.code, self.subject_id])}?{urlencode({'version': version})}"

    def panel(self, name: str, **query: str) -> str:
        """A panel by the name of its address, such as `twin-timeline`."""
        return self._with(reverse(name, args=[self.code, self.subject_id]), **query)

    def page_with_value(self, record_id: str, variable: str = "") -> str:
        """The page with the history of a value open."""
        return self._with(
            reverse("subject", args=[self.code, self.subject_id]), value=str(Reference.of(record_id, variable))
        )

    def history(self, record_id: str, variable: str = "") -> str:
        """The history of a value alone; of the whole record without a variable."""
        query = {"record": record_id, "variable": variable} if variable else {"record": record_id}
        return self.panel("twin-value", **query)

    def target(self, record_id: str, variable: str = "") -> Target:
        """Where a mark of a chart leads."""
        return Target(record_id, self.page_with_value(record_id, variable), self.history(record_id, variable))

    def shown(
        self, value: str, record_id: str, variable: str = "", *, why: str = "not_recorded", outside: str = ""
    ) -> Shown:
        """A value with the way to its history."""
        return Shown(value, self.page_with_value(record_id, variable), self.history(record_id, variable), why, outside)

    def fact(self, value: str, fact_id: str, *, why: str = "not_recorded") -> Shown:
        """A derived value with the way to its derivation; `fact_id` is `record.name`."""
        record_id, name = Reference.parse(fact_id)
        return self.shown(value, record_id, name, why=why)

    def _with(self, address: str, **query: str) -> str:
        kept = query if self.version is None else {"version": str(self.version), **query}
        return f"{address}?{urlencode(kept)}" if kept else address
