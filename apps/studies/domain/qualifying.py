"""Which events of a subject need a safety narrative (ICH E3 12.3.2), as far as their onset goes."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from apps.studies.domain import dates
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

SERIOUSNESS_CRITERIA: Final = (
    "AESCAN", "AESCONG", "AESDISAB", "AESDTH", "AESHOSP", "AESLIFE", "AESOD", "AESMIE",
)  # fmt: skip


def is_serious(values: Mapping[str, Value]) -> bool:
    """Whether an AE row is serious by AESER or by any criterion; sponsors' AESER contradicts their own criteria."""
    return any(values.get(name) == "Y" for name in ("AESER", *SERIOUSNESS_CRITERIA))


def first_qualifying_onset(rows: Sequence[Row]) -> date | None:
    """Onset of the first death, serious AE or discontinuation for an AE of one subject; None when there is none.

    A discontinuation counts from the onset of the AEs that RELREC relates to it, else from its own date. Rows of one
    AESPID are one event, with the onset of the earliest.
    """
    onsets = [*_serious_onsets(rows), *_death_dates(rows), *_discontinuation_onsets(rows)]
    return min(onsets, default=None)


def _serious_onsets(rows: Sequence[Row]) -> list[date]:
    return _event_onsets(rows, [row for row in rows if row.domain == "AE" and is_serious(row.values)])


def _death_dates(rows: Sequence[Row]) -> list[date]:
    died = [row.values.get("DTHDTC") for row in rows if row.domain == "DM" and row.values.get("DTHFL") == "Y"]
    disposed = [_disposition_date(row) for row in rows if row.domain == "DS" and row.values.get("DSDECOD") == "DEATH"]
    return _first_days([*died, *disposed])


def _discontinuation_onsets(rows: Sequence[Row]) -> list[date]:
    onsets: list[date] = []
    for position, row in enumerate(rows):
        if row.domain == "DS" and row.values.get("DSDECOD") == "ADVERSE EVENT":
            causes = _event_onsets(rows, _related_events(rows, position))
            onsets.extend(causes or _first_days([_disposition_date(row)]))
    return onsets


def _related_events(rows: Sequence[Row], position: int) -> list[Row]:
    relations = {row.values.get("RELID") for row in rows if position in row.targets}
    targets = {target for row in rows if row.targets and row.values.get("RELID") in relations for target in row.targets}
    return [rows[target] for target in sorted(targets) if rows[target].domain == "AE"]


def _event_onsets(rows: Sequence[Row], events: Iterable[Row]) -> list[date]:
    starts: defaultdict[Value | None, list[Value | None]] = defaultdict(list)
    for row in rows:
        if row.domain == "AE" and "AESPID" in row.values:
            starts[row.values["AESPID"]].append(row.values.get("AESTDTC"))
    own = [starts.get(row.values.get("AESPID"), [row.values.get("AESTDTC")]) for row in events]
    return _first_days([start for group in own for start in group])


def _disposition_date(row: Row) -> Value | None:
    return row.values.get("DSSTDTC", row.values.get("DSDTC"))


def _first_days(texts: Iterable[Value | None]) -> list[date]:
    parsed = [dates.parse(str(text)) for text in texts if text is not None]
    return [day.first_day for day in parsed if day.is_dated]
