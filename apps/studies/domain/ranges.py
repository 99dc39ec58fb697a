"""What a number or a date of SDTM can be, so that nothing stored can break what is computed from it.

- A number is one that SAS XPORT v5 can hold, the format in which SDTM is submitted (SAS technical support note TS-140):
  0, or from 5.4E-79 to 7.2E75 either side of it.
- ``--SEQ`` counts rows: a whole number from 1. Visit numbers, repeats and MedDRA codes (8 digits) stay below 10**8.
- A date of a trial lies within the lives of people: nobody alive was born before 1850, and no plan reaches past 2199.
  A study day or an age cannot be more than that span.
- A text that names or codes something (SAS XPORT v5: up to 200 characters) fits where it is looked up.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from apps.studies.domain.dates import PartialDate

FIRST_YEAR: Final = 1850
LAST_YEAR: Final = 2199
MOST_DAYS: Final = (date(LAST_YEAR, 12, 31) - date(FIRST_YEAR, 1, 1)).days
MOST_COUNTED: Final = 99_999_999
# 150 years in hours, the smallest unit that AGEU has.
MOST_AGE: Final = 150 * 8_766
_SMALLEST, _LARGEST = 5.4e-79, 7.2e75

# Characters of what is kept in columns of its own; any other text may be as long as `values` allows.
MOST_CHARACTERS: Final[Mapping[str, int]] = {
    "STUDYID": 60,
    "SITEID": 60,
    "COUNTRY": 60,
    "USUBJID": 200,
    "DOMAIN": 20,
    "RDOMAIN": 20,
    "SEX": 20,
    "DSDECOD": 200,
    "VISIT": 200,
}
_DAY_NAMES: Final = frozenset({"DTHDY", "VISITDY"})
_DAY_SUFFIXES: Final = frozenset({"DY", "STDY", "ENDY"})
_COUNTED_NAMES: Final = frozenset({"TAETORD", "VISITNUM"})
_COUNTED_SUFFIXES: Final = frozenset({"REPNUM", "TPTNUM", "LLTCD", "PTCD", "HLTCD", "HLGTCD", "BDSYCD", "SOCCD"})


def number_expected(domain: str, variable: str, number: float) -> str:
    """What a numeric variable takes, in words, where a number is not that; empty where it is."""
    suffix = variable[2:] if len(domain) == 2 and variable.startswith(domain) else ""
    if suffix == "SEQ":
        return _whole(number, 1, MOST_COUNTED)
    if suffix in _DAY_SUFFIXES or variable in _DAY_NAMES:
        return _whole(number, -MOST_DAYS, MOST_DAYS)
    if suffix in _COUNTED_SUFFIXES or variable in _COUNTED_NAMES:
        # Visits before baseline may have negative numbers, unscheduled ones a fraction.
        return _within(number, -MOST_COUNTED, MOST_COUNTED)
    if variable == "AGE":
        return _within(number, 0, MOST_AGE)
    return "" if number == 0 or _SMALLEST <= abs(number) <= _LARGEST else "0, or 5.4E-79 to 7.2E75 either side of it"


def is_possible(on: date) -> bool:
    """Whether a day can belong to a trial."""
    return FIRST_YEAR <= on.year <= LAST_YEAR


def has_possible_years(parsed: PartialDate) -> bool:
    """Whether every year that a date names can belong to a trial; a masked year can."""
    ends = (parsed, parsed.end) if parsed.end is not None else (parsed,)
    return all(part.year is None or FIRST_YEAR <= part.year <= LAST_YEAR for part in ends)


def _whole(number: float, lowest: int, highest: int) -> str:
    fits = float(number).is_integer() and lowest <= number <= highest
    return "" if fits else f"a whole number from {lowest:,} to {highest:,}"


def _within(number: float, lowest: int, highest: int) -> str:
    return "" if lowest <= number <= highest else f"a number from {lowest:,} to {highest:,}"
