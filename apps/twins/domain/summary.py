"""One line about a subject for lists and counts; from open data only, so it is the same for every reader."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from apps.studies.domain.blinding import OPEN, open_values
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.clinical.ages import age_unit, in_years
from apps.studies.domain.clinical.disposition import (
    DEATH_DATE,
    DEATH_FLAG,
    LEFT_ON,
    dispositions,
    is_completion,
    is_for_event,
    is_screen_failure,
    reason_of,
)
from apps.studies.domain.clinical.events import EventGroup
from apps.studies.domain.clinical.laboratory import LIVER_TESTS, liver_findings
from apps.studies.domain.clinical.medications import MedicationGroup
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.spans import partial
from apps.studies.domain.ranges import MOST_AGE
from apps.twins.domain.facts import DEFINITION_VERSION
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin

# What the line is made of: a twin in which none of this is hidden need not be built a second time.
_ASKED = ("DM", "AE", "CM", "DS", "DD", "SV")
_OF_SUBJECT = frozenset({"AGE", "SEX", DEATH_FLAG, DEATH_DATE, "RFSTDTC", "*"})


class SubjectStatus(StrEnum):
    """Where a subject stands in the study."""

    NOT_IN_DM = "not in demographics"
    SCREENING = "in screening"
    SCREEN_FAILURE = "screen failure"
    ONGOING = "ongoing"
    COMPLETED = "completed"
    DISCONTINUED = "discontinued"
    DIED = "died"


@dataclass(frozen=True, slots=True)
class Summary:
    """Counts are of events (not rows); dates are as recorded, since no missing part may be made up.

    `age` is in the unit recorded beside it, `age_years` is there for an order; `reference_on` is the first possible day
    of a date that names its month at least.
    """

    status: SubjectStatus
    age: float | None
    age_unit: str
    age_years: float | None
    sex: str
    event_count: int
    serious_terms: tuple[str, ...]
    severe_count: int
    serious_by_flag: bool
    is_dead: bool
    is_discontinued_for_ae: bool
    leaving_reason: str
    leaving_on: str
    died_on: str
    reference_on: date | None
    last_visit: str
    last_visit_on: str
    has_transaminase_over_3_uln: bool
    has_bilirubin_over_2_uln: bool
    meets_liver_criteria: bool
    peak_transaminase: float | None
    words: tuple[str, ...]
    definition_version: int


def summarise(whole: Twin) -> Summary:
    """The line about a subject at this version, of a twin in whatever projection."""
    twin = _open_side(whole)
    dm = twin.demographics
    left, death, events = twin.leaving, twin.death, twin.events()
    liver = liver_findings([row for test in LIVER_TESTS for row in twin.results(test)])
    visit, (age, unit) = twin.last_visit, _age(dm)
    return Summary(
        status=_status(dm, left, is_dead=death is not None),
        age=age,
        age_unit=unit,
        age_years=in_years(age, unit) if age is not None else None,
        sex=(dm.text("SEX") or "") if dm else "",
        event_count=len(events),
        serious_terms=tuple(event.term for event in events if event.is_serious),
        severe_count=sum(event.is_severe for event in events),
        serious_by_flag=any(event.seriousness.flag == "Y" for event in events),
        is_dead=death is not None,
        # Of every disposition, those of treatment too: a subject may stop the drug for an event and stay in the study.
        is_discontinued_for_ae=any(is_for_event(row.values) for row in dispositions(twin.rows("DS"))),
        leaving_reason=reason_of(left.values) if left else "",
        leaving_on=(left.text(LEFT_ON) or "") if left else "",
        died_on=(death.on or "") if death else "",
        reference_on=_month(dm.text("RFSTDTC")) if dm else None,
        last_visit=(visit.text("VISIT") or "") if visit else "",
        last_visit_on=(visit.text("SVSTDTC") or "") if visit else "",
        has_transaminase_over_3_uln=liver.is_transaminase_high,
        has_bilirubin_over_2_uln=liver.is_bilirubin_high,
        meets_liver_criteria=liver.meets_criteria,
        peak_transaminase=liver.transaminase.multiple if liver.transaminase is not None else None,
        words=_words(events, twin.medications()),
        definition_version=DEFINITION_VERSION,
    )


def _words(events: Sequence[EventGroup], medications: Sequence[MedicationGroup]) -> tuple[str, ...]:
    """Events and medications as they are coded and as they were reported, each once."""
    of_events = [word for event in events for word in (event.term, *(row.text("AETERM") for row in event.rows))]
    of_medications = [word for drug in medications for word in (drug.name, drug.coded_name)]
    return tuple(dict.fromkeys(word for word in (*of_events, *of_medications) if word))


def _open_side(twin: Twin) -> Twin:
    """The twin as blinded readers know it, as far as the line asks; the same twin where none of that is hidden."""
    rows = [row for domain in _ASKED for row in twin.indexes.by_domain.get(domain, {}).values()]
    rows += [row for test in LIVER_TESTS for row in twin.results(test)]
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


def _hides_some(row: ClinicalRecord) -> bool:
    """Whether anything of a row is hidden; of demographics the arms always are, and no line names them."""
    hidden = row.concealed
    return bool(hidden & _OF_SUBJECT) if row.domain == "DM" else bool(hidden)


def columns_of(summary: Summary) -> dict[str, Any]:
    """The line as its table holds it."""
    terms = list(summary.serious_terms)
    # A line break within a term would make two of it for whoever searches.
    words = "\n".join(" ".join(word.split()) for word in summary.words)
    return {**asdict(summary), "serious_terms": terms, "serious_count": len(terms), "words": words}


def _status(dm: ClinicalRecord | None, left: ClinicalRecord | None, *, is_dead: bool) -> SubjectStatus:
    # Before the disposition: one that was recorded earlier, or says otherwise, does not undo a death.
    if is_dead:
        return SubjectStatus.DIED
    if left is not None and is_completion(left.values):
        return SubjectStatus.COMPLETED
    if left is not None:
        return SubjectStatus.SCREEN_FAILURE if is_screen_failure(left.values) else SubjectStatus.DISCONTINUED
    if dm is None:
        return SubjectStatus.NOT_IN_DM
    # RFSTDTC is empty for screen failures and for subjects who were not assigned (SDTMIG, DM).
    return SubjectStatus.ONGOING if dm.text("RFSTDTC") else SubjectStatus.SCREENING


def _age(dm: ClinicalRecord | None) -> tuple[float | None, str]:
    """The age with its unit, unless it is none that a person can have."""
    age = dm.number("AGE") if dm else None
    is_possible = age is not None and 0 <= age <= MOST_AGE
    return (age, age_unit(dm.text("AGEU"))) if dm is not None and is_possible else (None, "")


def _month(text: str | None) -> date | None:
    """The first possible day of a date, where at least its month is known."""
    found = partial(text)
    return found.first_day if found is not None and found.month is not None else None
