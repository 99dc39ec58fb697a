"""One line about a subject for lists and counts; from open data only, so it is the same for every reader."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from apps.studies.domain.blinding import OPEN, open_values
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.dates import sort_key
from apps.studies.domain.ranges import MOST_AGE
from apps.twins.domain.facts import times_upper_limit
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.rows import RowNode, SortKey
from apps.twins.domain.spans import partial
from apps.twins.domain.twin import Twin

_ASKED = ("DM", "AE", "DS", "SV")
_OF_SUBJECT = frozenset({"AGE", "SEX", "DTHFL", "DTHDTC", "RFSTDTC", "*"})
_LIVER = ("ALT", "AST")


class SubjectStatus(StrEnum):
    """Where a subject stands in the study."""

    SCREENING = "in screening"
    SCREEN_FAILURE = "screen failure"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    DISCONTINUED = "discontinued"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts are of events (not rows); dates are days, partial dates give their first possible day."""

    status: SubjectStatus
    age: int | None
    sex: str
    event_count: int
    serious_terms: tuple[str, ...]
    severe_count: int
    serious_by_flag: bool
    is_dead: bool
    is_discontinued_for_ae: bool
    leaving_reason: str
    leaving_on: date | None
    died_on: date | None
    reference_on: date | None
    last_visit: str
    last_visit_on: date | None
    has_transaminase_over_3_uln: bool


def summarise(whole: Twin) -> Summary:
    """The line about a subject at this version, of a twin in whatever projection."""
    twin = _open_side(whole)
    dm = twin.demographics
    leaving = disposition(twin.rows("DS"))
    events = twin.events()
    dead = is_dead(dm, leaving)
    visit = _last_visit(twin.rows("SV"))
    age = dm.number("AGE") if dm else None
    return Summary(
        status=_status(dm, leaving, dead=dead),
        age=int(age) if age is not None and 0 <= age <= MOST_AGE else None,
        sex=(dm.text("SEX") or "") if dm else "",
        event_count=len(events),
        serious_terms=tuple(event.term for event in events if event.is_serious),
        severe_count=sum(event.worst_severity == "SEVERE" for event in events),
        serious_by_flag=any(event.serious_flag == "Y" for event in events),
        is_dead=dead,
        is_discontinued_for_ae=leaving is not None and leaving.text("DSDECOD") == "ADVERSE EVENT",
        leaving_reason=(leaving.text("DSDECOD") or "") if leaving else "",
        leaving_on=_day(leaving.text("DSSTDTC")) if leaving else None,
        died_on=_day(dm.text("DTHDTC")) if dm else None,
        reference_on=_day(dm.text("RFSTDTC")) if dm else None,
        last_visit=(visit.text("VISIT") or "") if visit else "",
        last_visit_on=_day(visit.text("SVSTDTC")) if visit else None,
        has_transaminase_over_3_uln=_has_high_transaminase(twin),
    )


def _open_side(twin: Twin) -> Twin:
    """The twin as blinded readers know it, as far as the line asks; the same twin where none of that is hidden."""
    rows = [row for domain in _ASKED for row in twin.indexes.by_domain.get(domain, {}).values()]
    rows += [row for test in _LIVER for row in twin.results(test)]
    if not any(_hides_some(row) for row in rows):
        return twin
    shown = ((row, open_values(row.values, row.concealed)) for row in rows)
    return DigitalTwinFactory().build(
        twin.subject_id,
        (
            RecordChange(Operation.INSERT, row.id, row.domain, values, hidden=OPEN)
            for row, values in shown
            if values is not None
        ),
    )


def _hides_some(row: RowNode) -> bool:
    """Whether anything of a row is hidden; of demographics the arms always are, and no line names them."""
    hidden = row.concealed
    return bool(hidden & _OF_SUBJECT) if row.domain == "DM" else bool(hidden)


def columns_of(summary: Summary) -> dict[str, Any]:
    """The line as its table holds it."""
    terms = list(summary.serious_terms)
    return {**asdict(summary), "serious_terms": terms, "serious_count": len(terms)}


def disposition(rows: Sequence[RowNode]) -> RowNode | None:
    """How the subject left: the last disposition event; milestones and other events are not one."""
    found = [row for row in rows if row.text("DSCAT") in {"DISPOSITION EVENT", None} and row.text("DSDECOD")]
    return max(found, key=lambda row: _latest_first(row.text("DSSTDTC")), default=None)


def is_dead(dm: RowNode | None, leaving: RowNode | None) -> bool:
    """Whether DM or DS records the death of the subject."""
    return (dm is not None and dm.text("DTHFL") == "Y") or (leaving is not None and leaving.text("DSDECOD") == "DEATH")


def _status(dm: RowNode | None, leaving: RowNode | None, *, dead: bool) -> SubjectStatus:
    if dead:
        return SubjectStatus.DIED
    if leaving is not None:
        left = leaving.text("DSDECOD")
        known = {"COMPLETED": SubjectStatus.COMPLETED, "SCREEN FAILURE": SubjectStatus.SCREEN_FAILURE}
        return known.get(left or "", SubjectStatus.DISCONTINUED)
    return SubjectStatus.ONGOING if dm is not None and dm.text("RFSTDTC") else SubjectStatus.SCREENING


def _last_visit(rows: Sequence[RowNode]) -> RowNode | None:
    return max(rows, key=lambda row: _latest_first(row.text("SVSTDTC")), default=None)


def _latest_first(text: str | None) -> tuple[bool, SortKey]:
    """Key under which the latest dated row is the greatest; one without a date is never taken for the latest."""
    return text is not None, sort_key(text or "")


def _day(text: str | None) -> date | None:
    found = partial(text)
    return found.first_day if found else None


def _has_high_transaminase(twin: Twin) -> bool:
    multiples = (times_upper_limit(row) for test in _LIVER for row in twin.results(test))
    return any(multiple is not None and multiple > 3 for multiple in multiples)
