"""Rows are not events: rows that share a sponsor id are one adverse event with a severity history."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from apps.studies.domain.clinical.codelists import (
    ACTION,
    FATAL,
    NOT_RECOVERED,
    OUTCOME,
    RECOVERING,
    SEVERE_RANK,
    SEVERITY,
    UNKNOWN,
    WITHDRAWN,
)
from apps.studies.domain.clinical.records import ClinicalRecord, name_of, row_order
from apps.studies.domain.clinical.references import RecordId
from apps.studies.domain.clinical.seriousness import FLAG, GRADE, OUTCOME_VARIABLE, Seriousness, Values, seriousness_of
from apps.studies.domain.dates import sort_key

EVENT: Final = "EVENT"
ACTION_VARIABLE: Final = "AEACN"
CAUSALITY_VARIABLE: Final = "AEREL"
SEVERITY_VARIABLE: Final = "AESEV"
# Outcomes after which an end date closes the severity of its row, not the event.
_NOT_OVER: Final = frozenset({NOT_RECOVERED, RECOVERING, UNKNOWN})
_GOES_ON: Final = frozenset({NOT_RECOVERED, RECOVERING})


@dataclass(frozen=True, slots=True)
class SeverityEpisode:
    """One severity of an event, as one AE row records it.

    `since` is the row's own start where the rows of the event start on different dates; where they share the onset it
    is the date of the record (AEDTC), since a row that repeats the onset does not say when its severity began.
    """

    severity: str | None
    since: str | None
    end: str | None
    is_date_of_record: bool
    record_id: str


@dataclass(frozen=True, slots=True)
class EventGroup:
    """One adverse event of one or more AE rows; dates are SDTM date texts, possibly partial."""

    id: str
    rows: tuple[ClinicalRecord, ...]
    term: str
    onset: str | None
    end: str | None
    outcome: str | None
    severities: tuple[SeverityEpisode, ...]
    worst_severity: str | None
    causality: str | None
    action: str | None
    seriousness: Seriousness
    sources: Mapping[str, tuple[str, ...]]

    def is_of(self, record_id: str) -> bool:
        """Whether an id is that of the event or of one of its rows."""
        return record_id == self.id or any(row.id == record_id for row in self.rows)

    @property
    def criteria(self) -> tuple[str, ...]:
        """Variables of the seriousness criteria that were met (ICH E2A II.B)."""
        return self.seriousness.criteria

    @property
    def is_serious(self) -> bool:
        """Whether the flag, a criterion or a fatal outcome says so."""
        return self.seriousness.is_serious

    @property
    def is_fatal(self) -> bool:
        """Whether any evidence says that the subject died of the event."""
        return self.seriousness.is_fatal

    @property
    def is_severe(self) -> bool:
        """Whether it was severe or worse at any time (CTCAE: grade 3 or above)."""
        return SEVERITY.rank(self.worst_severity) >= SEVERE_RANK

    @property
    def is_ongoing(self) -> bool:
        """Whether the event is known to go on; without an outcome an open end is only "not recorded"."""
        return self.end is None and OUTCOME.code(self.outcome) in _GOES_ON

    @property
    def has_ended(self) -> bool:
        """Whether the outcome says that it is over and the subject lives, so that an end date is to be expected."""
        return self.outcome is not None and OUTCOME.code(self.outcome) not in {*_NOT_OVER, FATAL}

    @property
    def is_cause_of_withdrawal(self) -> bool:
        """Whether study drug was withdrawn because of it (AEACN)."""
        return ACTION.code(self.action) == WITHDRAWN


def group_id(kind: str, subject_id: str, sponsor_id: str | None, record_id: str, term: str = "") -> str:
    """Opaque id of the grouping node of a row: shared by rows with the same sponsor id, else the row's own.

    *term* is given where rows of one sponsor id are of several terms, and so are several events.
    """
    # Without a sponsor id rows are never put together: the same term twice may be two events.
    if sponsor_id is None:
        return f"{kind}/{RecordId(record_id).name}"
    shared = f"{kind}|{subject_id}|{sponsor_id}" + (f"|{term}" if term else "")
    return f"{kind}/{blake2b(shared.encode(), digest_size=8).hexdigest()}"


def grouping_term(row: ClinicalRecord) -> str:
    """The term that rows of one event or medication agree in: a sponsor id may be the name of a form or of a line."""
    return " ".join((name_of(row) or "").split()).casefold()


def event_of(identifier: str, rows: Sequence[ClinicalRecord]) -> EventGroup:
    """The event that its rows record together; the last row by collection date has the last word.

    "Not recovered" with an end date closes that row's severity episode, not the event.
    """
    ordered = tuple(sorted(rows, key=row_order))
    last = ordered[-1]
    outcome = last.text(OUTCOME_VARIABLE)
    seriousness = seriousness_of([row.values for row in ordered])
    return EventGroup(
        id=identifier,
        rows=ordered,
        term=term_of(last),
        onset=min((row.text("AESTDTC") or "" for row in ordered if row.text("AESTDTC")), key=sort_key, default=None),
        end=None if OUTCOME.code(outcome) in _NOT_OVER else last.text("AEENDTC"),
        outcome=outcome,
        severities=tuple(_episodes(ordered)),
        worst_severity=worst_severity(ordered),
        causality=last.text(CAUSALITY_VARIABLE),
        action=last.text(ACTION_VARIABLE),
        seriousness=seriousness,
        sources=_sources(ordered, seriousness.criteria),
    )


def term_of(row: ClinicalRecord) -> str:
    """The coded term of an AE row, else the reported one."""
    return row.text(term_variable(row)) or ""


def term_variable(row: ClinicalRecord) -> str:
    """The variable that names an AE row: the coded term, or the reported one where it is not coded."""
    return "AETERM" if not row.text("AEDECOD") and row.text("AETERM") else "AEDECOD"


def severity_variable(row: Values) -> str:
    """The variable that grades an AE row: AESEV, or AETOXGR in studies that grade by CTCAE."""
    return GRADE if row.get(SEVERITY_VARIABLE) is None and row.get(GRADE) is not None else SEVERITY_VARIABLE


def severity_of(row: Values) -> str | None:
    """The severity of an AE row as recorded; a CTCAE grade reads `GRADE 4`."""
    variable = severity_variable(row)
    recorded = row.get(variable)
    is_grade = variable == GRADE and str(recorded) in {"1", "2", "3", "4", "5"}
    return None if recorded is None else f"GRADE {recorded}" if is_grade else str(recorded)


def is_severe(row: Values) -> bool:
    """Whether an AE row says severe or worse (CTCAE: grade 3 or above)."""
    return SEVERITY.rank(severity_of(row)) >= SEVERE_RANK


def worst_severity(rows: Sequence[ClinicalRecord]) -> str | None:
    """The highest severity of the rows; one outside the known scales ranks below them."""
    recorded = [severity for row in rows if (severity := severity_of(row.values))]
    return max(recorded, key=SEVERITY.rank, default=None)


def _episodes(rows: Sequence[ClinicalRecord]) -> Iterator[SeverityEpisode]:
    # A single row says with its onset since when its severity was.
    shares_onset = len({row.text("AESTDTC") for row in rows}) == 1 and len(rows) > 1
    for row in rows:
        since = row.text("AEDTC") if shares_onset else row.text("AESTDTC")
        yield SeverityEpisode(severity_of(row.values), since, row.text("AEENDTC"), shares_onset, row.id)


def _sources(rows: Sequence[ClinicalRecord], criteria: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    last = rows[-1]
    latest = {
        "term": term_variable(last),
        "end": "AEENDTC",
        "outcome": OUTCOME_VARIABLE,
        "causality": CAUSALITY_VARIABLE,
        "action": ACTION_VARIABLE,
    }
    found: dict[str, tuple[str, ...]] = {name: (last.reference(variable),) for name, variable in latest.items()}
    found["onset"] = tuple(row.reference("AESTDTC") for row in rows)
    found["severity"] = tuple(row.reference(severity_variable(row.values)) for row in rows)
    found["serious"] = tuple(row.reference(name) for row in rows for name in (FLAG, *criteria) if row.text(name))
    found["flag"] = tuple(row.reference(FLAG) for row in rows)
    return found
