"""When each row of a finished study became known, so that the study can be replayed as it was collected.

A row arrives on its day of collection. What it says of later days (an end, an outcome, a death) arrives on those days.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Final

from apps.studies.domain import dates
from apps.studies.domain.clinical.disposition import DEATH_DATE, DEATH_FLAG
from apps.studies.domain.clinical.seriousness import DEATH_CRITERION, OUTCOME_VARIABLE
from apps.studies.domain.rows import Row
from apps.studies.domain.variable_labels import OPEN_QUALIFIERS
from apps.studies.domain.variables import Value

Values = Mapping[str, Value]

_POPULATION_FLAGS: Final = tuple(OPEN_QUALIFIERS["DM"])
_DEMOGRAPHIC_DATES: Final[dict[str, tuple[str, ...]]] = {
    "RFSTDTC": (),
    "RFXSTDTC": (),
    "RFENDTC": (),
    "RFXENDTC": (),
    # Who belongs to a population is decided when participation has ended.
    "RFPENDTC": _POPULATION_FLAGS,
    DEATH_DATE: (DEATH_FLAG, "DTHDY"),
}
"""Dates of DM that may lie after its collection, each with the variables that follow from it."""

_FOLLOWS_FROM_END: Final = ("ENDY", "DUR", "ENRF", "ENRTPT")
# An outcome beside an end date was learned on that day; one without an end is known with its row.
_AE_FOLLOWS_FROM_END: Final = (OUTCOME_VARIABLE, DEATH_CRITERION)


def arrival_on(domain: str, values: Values) -> date | None:
    """Day a row became known: the last possible day of --DTC, else of --STDTC; None when neither dates it."""
    for name in (f"{domain}DTC", f"{domain}STDTC"):
        if name in values:
            parsed = dates.parse(str(values[name]))
            if parsed.is_dated:
                # A partial day may be any of its month: nothing is told before it can have been recorded.
                return parsed.last_day
    return None


def as_known(domain: str, values: Values, on: date) -> dict[str, Value] | None:
    """A row as it was known at the end of a day, None before it arrived; nothing that lies after the day is in it."""
    arrived = arrival_on(domain, values)
    if arrived is not None and arrived > on:
        return None
    unknown = {name for day, names in _later_parts(domain, values) if day > on for name in names}
    return {name: value for name, value in values.items() if name not in unknown}


def known_rows(rows: Sequence[Row], on: date) -> list[dict[str, Value] | None]:
    """Each row of one subject as known at the end of a day: nothing before DM, RELREC when all it relates is in."""
    arrivals = _effective_arrivals(rows)
    return [
        as_known(row.domain, row.values, on) if arrived is None or arrived <= on else None
        for row, arrived in zip(rows, arrivals, strict=True)
    ]


def days_of(rows: Sequence[Row]) -> list[date]:
    """The days, in order, on which something of one subject becomes known."""
    days: set[date] = set()
    for row, arrived in zip(rows, _effective_arrivals(rows), strict=True):
        start = arrived or date.min
        days.update(max(start, day) for day, _ in _later_parts(row.domain, row.values) if day < date.max)
        days.update([arrived] if arrived is not None else [])
    return sorted(days)


def _later_parts(domain: str, values: Values) -> list[tuple[date, tuple[str, ...]]]:
    """Days on which parts of a row became known on their own, with the names of those parts."""
    if domain == "DM":
        dated = {name: (name, *follows) for name, follows in _DEMOGRAPHIC_DATES.items()}
    else:
        follows = tuple(f"{domain}{suffix}" for suffix in _FOLLOWS_FROM_END)
        end = f"{domain}ENDTC"
        dated = {end: (end, *follows, *(_AE_FOLLOWS_FROM_END if domain == "AE" else ()))}
    parsed = [(dates.parse(str(values[name])), names) for name, names in dated.items() if name in values]
    return [(day.last_day, names) for day, names in parsed if day.is_dated]


def _effective_arrivals(rows: Sequence[Row]) -> list[date | None]:
    """Arrival of each row, no earlier than DM; a relation arrives with the last of the rows that share its RELID."""
    enrolled = max((day for row in rows if row.domain == "DM" and (day := arrival_on("DM", row.values))), default=None)
    arrivals = [_latest([arrival_on(row.domain, row.values), enrolled]) for row in rows]
    related: defaultdict[Value | None, list[date | None]] = defaultdict(list)
    for row in rows:
        related[row.values.get("RELID")].extend(arrivals[target] for target in row.targets)
    return [
        _latest([arrived, *related[row.values.get("RELID")]]) if row.domain == "RELREC" else arrived
        for row, arrived in zip(rows, arrivals, strict=True)
    ]


def _latest(days: Iterable[date | None]) -> date | None:
    return max((day for day in days if day is not None), default=None)
