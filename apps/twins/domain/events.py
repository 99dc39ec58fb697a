"""Rows are not events: rows that share a sponsor id are one adverse event with a severity history."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from apps.studies.domain.dates import sort_key
from apps.twins.domain.rows import RowNode, row_order

EVENT = "EVENT"

# SDTMIG 3.2 section 6.2.1 (AE): the criteria of ICH E2A II.B, each with its own variable.
SERIOUSNESS_CRITERIA: Mapping[str, str] = {
    "AESDTH": "death",
    "AESLIFE": "life-threatening",
    "AESHOSP": "hospitalisation",
    "AESDISAB": "disability",
    "AESCONG": "congenital anomaly",
    "AESCAN": "cancer",
    "AESOD": "overdose",
    "AESMIE": "medically important",
}
SEVERITY_ORDER = ("MILD", "MODERATE", "SEVERE", "LIFE THREATENING", "FATAL")
NOT_RESOLVED = ("NOT RECOVERED/NOT RESOLVED", "RECOVERING/RESOLVING", "UNKNOWN")


@dataclass(frozen=True, slots=True)
class SeverityEpisode:
    """One stretch of an event at one severity, as one AE row records it."""

    severity: str | None
    start: str | None
    end: str | None
    record_id: str


@dataclass(frozen=True, slots=True)
class EventGroup:
    """One adverse event of one or more AE rows; dates are SDTM date texts, possibly partial."""

    id: str
    rows: tuple[RowNode, ...]
    term: str
    onset: str | None
    end: str | None
    outcome: str | None
    severities: tuple[SeverityEpisode, ...]
    worst_severity: str | None
    causality: str | None
    action: str | None
    criteria: tuple[str, ...]
    serious_flag: str | None
    is_serious: bool
    sources: Mapping[str, tuple[str, ...]]

    @property
    def is_fatal(self) -> bool:
        """Whether the outcome or the death criterion says that the event was fatal."""
        return self.outcome == "FATAL" or "AESDTH" in self.criteria


def group_id(kind: str, subject_id: str, sponsor_id: str | None, record_id: str) -> str:
    """Opaque id of the grouping node of a row: shared by rows with the same sponsor id, else the row's own."""
    if sponsor_id is None:
        return f"{kind}/{record_id.partition('/')[2]}"
    digest = blake2b(f"{kind}|{subject_id}|{sponsor_id}".encode(), digest_size=8).hexdigest()
    return f"{kind}/{digest}"


def event_of(identifier: str, rows: Sequence[RowNode]) -> EventGroup:
    """The event that its rows record together; the last row by collection date has the last word.

    "Not recovered" with an end date closes that row's severity episode, not the event.
    """
    ordered = tuple(sorted(rows, key=row_order))
    last = ordered[-1]
    outcome = last.text("AEOUT")
    criteria = tuple(name for name in SERIOUSNESS_CRITERIA if any(row.text(name) == "Y" for row in ordered))
    flag = "Y" if any(row.text("AESER") == "Y" for row in ordered) else last.text("AESER")
    return EventGroup(
        id=identifier,
        rows=ordered,
        term=last.text("AEDECOD") or last.text("AETERM") or "",
        onset=min((row.text("AESTDTC") or "" for row in ordered if row.text("AESTDTC")), key=sort_key, default=None),
        end=None if outcome in NOT_RESOLVED else last.text("AEENDTC"),
        outcome=outcome,
        severities=tuple(
            SeverityEpisode(row.text("AESEV"), row.text("AESTDTC"), row.text("AEENDTC"), row.id) for row in ordered
        ),
        worst_severity=worst_severity(ordered),
        causality=last.text("AEREL"),
        action=last.text("AEACN"),
        criteria=criteria,
        serious_flag=flag,
        is_serious=flag == "Y" or bool(criteria),
        sources=_sources(ordered, criteria),
    )


def worst_severity(rows: Sequence[RowNode]) -> str | None:
    """The highest AESEV of the rows; a severity outside the known scale ranks below it."""
    recorded = [severity for row in rows if (severity := row.text("AESEV"))]
    return max(recorded, key=_severity_rank, default=None)


def _severity_rank(severity: str) -> int:
    return SEVERITY_ORDER.index(severity) if severity in SEVERITY_ORDER else -1


def _sources(rows: Sequence[RowNode], criteria: Sequence[str]) -> Mapping[str, tuple[str, ...]]:
    last = rows[-1]
    every = {
        "onset": "AESTDTC",
        "severity": "AESEV",
    }
    latest = {"term": "AEDECOD", "end": "AEENDTC", "outcome": "AEOUT", "causality": "AEREL", "action": "AEACN"}
    found = {name: tuple(row.reference(variable) for row in rows) for name, variable in every.items()}
    found |= {name: (last.reference(variable),) for name, variable in latest.items()}
    found["serious"] = tuple(row.reference(name) for row in rows for name in ("AESER", *criteria) if row.text(name))
    return found
