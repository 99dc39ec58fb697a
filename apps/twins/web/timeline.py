"""The timeline panel: drawn by the server once wide and once narrow, with its key and the same data as a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from apps.studies.domain.dates import display, study_day
from apps.twins.domain.drawing.dates_in_words import period_in_words
from apps.twins.domain.drawing.legend import legend_of
from apps.twins.domain.drawing.shapes import Drawing, Target
from apps.twins.domain.drawing.svg import to_svg
from apps.twins.domain.drawing.timeline import draw_timeline
from apps.twins.domain.drawing.timeline_input import Period, TimelineInput
from apps.twins.web.scope import SubjectView
from apps.twins.web.timeline_source import timeline_of

# The record or event in the address whose onset is drawn through all lanes.
CHOSEN = "chosen"


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """One row of the table behind the drawing."""

    lane: str
    name: str
    target: Target
    dates: str
    day: str


class TimelinePanel(SubjectView):
    """Visits, study drug, adverse events and medications on one time axis."""

    template_name = "twins/timeline.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Two drawings, the key, the table."""
        chosen = self.request.GET.get(CHOSEN, "")
        data = timeline_of(self.twin, self.addresses, self.received, is_unblinded=self.is_unblinded, chosen=chosen)
        if data is None:
            return {"is_unblinded": self.is_unblinded}
        return {
            "charts": [svg(drawing) for drawing in draw_timeline(data)],
            "legend": [(svg(entry.sign), entry.text) for entry in legend_of(data)],
            "rows": list(table_of(data)),
            "day_one": display(data.day_one.isoformat()) if data.day_one else "",
            "is_unblinded": self.is_unblinded,
        }


def svg(drawing: Drawing) -> str:
    """A drawing as markup; every text and address in it is escaped where it is written (drawing/svg.py)."""
    return mark_safe(to_svg(drawing))  # noqa: S308


def table_of(data: TimelineInput) -> Iterator[TimelineRow]:
    """The rows of the table, in the order of the lanes."""
    for visit in data.visits:
        on = visit.on.isoformat()
        number = str(study_day(visit.on, data.day_one)) if data.day_one else ""
        yield TimelineRow(_("Visit"), visit.name, visit.target, display(on), number)
    yield from _drug_rows(data)
    for event in data.events:
        name = f"{event.label}, {data.words.serious}" if event.is_serious else event.label
        yield _row(_("Adverse event"), name, event.target, event.period, data)
    for medication in data.medications:
        yield _row(_("Medication"), medication.label, medication.target, medication.period, data)


def _drug_rows(data: TimelineInput) -> Iterator[TimelineRow]:
    drug = data.study_drug
    if drug is None:
        return
    if drug.doses is None:
        yield _row(data.words.study_drug, data.words.dose_not_visible, drug.target, drug.period, data)
        return
    for dose in drug.doses:
        yield _row(data.words.study_drug, dose.label, dose.target, dose.period, data)


def _row(lane: str, name: str, target: Target, period: Period, data: TimelineInput) -> TimelineRow:
    start = period.start
    is_dated = data.day_one is not None and start is not None and start.is_full
    number = str(study_day(start.first_day, data.day_one)) if is_dated and start and data.day_one else ""
    return TimelineRow(lane, name, target, period_in_words(period, data.words), number)
