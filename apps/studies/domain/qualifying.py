"""Which events of a subject need a safety narrative (ICH E3 12.3.2), as far as their onset goes."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from apps.studies.domain import dates
from apps.studies.domain.clinical.disposition import (
    DEATH_DATE,
    LEFT_ON,
    is_death,
    is_disposition,
    is_for_event,
    says_died,
)
from apps.studies.domain.clinical.events import grouping_term
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.clinical.seriousness import is_serious
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value


def first_qualifying_onset(rows: Sequence[Row]) -> date | None:
    """Onset of the first death, serious AE or discontinuation for an AE of one subject; None when there is none.

    A discontinuation counts from the onset of the AEs that RELREC relates to it, else from its own date. Rows of one
    AESPID and one term are one event, with the onset of the earliest.
    """
    serious = [row for row in rows if row.domain == "AE" and is_serious(row.values)]
    onsets = [*_event_onsets(rows, serious), *_death_dates(rows), *_discontinuation_onsets(rows)]
    return min(onsets, default=None)


def _death_dates(rows: Sequence[Row]) -> list[date]:
    died = [row.values.get(DEATH_DATE) for row in rows if row.domain == "DM" and says_died("DM", row.values)]
    disposed = [_disposition_date(row) for row in rows if row.domain == "DS" and is_death(row.values)]
    return _first_days([*died, *disposed])


def _discontinuation_onsets(rows: Sequence[Row]) -> list[date]:
    onsets: list[date] = []
    for position, row in enumerate(rows):
        if row.domain == "DS" and is_disposition(row.values) and is_for_event(row.values):
            causes = _event_onsets(rows, _related_events(rows, position))
            onsets.extend(causes or _first_days([_disposition_date(row)]))
    return onsets


def _related_events(rows: Sequence[Row], position: int) -> list[Row]:
    relations = {row.values.get("RELID") for row in rows if position in row.targets}
    targets = {target for row in rows if row.targets and row.values.get("RELID") in relations for target in row.targets}
    return [rows[target] for target in sorted(targets) if rows[target].domain == "AE"]


def _event_onsets(rows: Sequence[Row], events: Iterable[Row]) -> list[date]:
    starts: defaultdict[tuple[Value | None, str], list[Value | None]] = defaultdict(list)
    for row in rows:
        # Of all rows of the event and not of the serious ones: it began before it became serious.
        if row.domain == "AE" and "AESPID" in row.values:
            starts[_event_key(row)].append(row.values.get("AESTDTC"))
    own = [starts.get(_event_key(row), [row.values.get("AESTDTC")]) for row in events]
    return _first_days([start for group in own for start in group])


def _event_key(row: Row) -> tuple[Value | None, str]:
    return row.values.get("AESPID"), grouping_term(ClinicalRecord("", row.domain, row.values))


def _disposition_date(row: Row) -> Value | None:
    return row.values.get(LEFT_ON, row.values.get("DSDTC"))


def _first_days(texts: Iterable[Value | None]) -> list[date]:
    parsed = [dates.parse(str(text)) for text in texts if text is not None]
    return [day.first_day for day in parsed if day.is_dated]
