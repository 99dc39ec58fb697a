"""How old a subject is: a number in one of the units of AGEU."""

from collections.abc import Mapping
from typing import Final

from apps.studies.domain.clinical.codelists import CodedTerm, Codelist

YEARS: Final = "YEARS"

# AGEU (C66781). Raw exports write one of a unit, or its letter.
AGE_UNIT: Final = Codelist((
    CodedTerm("HOURS", "hours", "hours", others=("HOUR", "H", "HR", "HRS")),
    CodedTerm("DAYS", "days", "days", others=("DAY", "D")),
    CodedTerm("WEEKS", "weeks", "weeks", others=("WEEK", "WK", "WKS", "W")),
    CodedTerm("MONTHS", "months", "months", others=("MONTH", "MO", "MOS")),
    CodedTerm(YEARS, "years", "years", others=("YEAR", "YR", "YRS", "Y")),
    CodedTerm("DECADE", "decades", "decades", others=("DECADES",)),
))  # fmt: skip
# Of a mean year, for an order and nothing else: an age is told in the unit in which it was recorded.
_IN_A_YEAR: Final[Mapping[str, float]] = {
    "HOURS": 8766, "DAYS": 365.25, "WEEKS": 365.25 / 7, "MONTHS": 12, YEARS: 1, "DECADE": 0.1,
}  # fmt: skip


def age_unit(recorded: str | None) -> str:
    """The unit of an age; years where none is recorded, and one that the list does not know as it stands."""
    return AGE_UNIT.code(recorded or YEARS) or YEARS


# The groups of ICH E11(R1), 2.5: up to 23 months, 2 to 11 years, 12 to 17 years.
INFANT, CHILD, ADOLESCENT = "INFANT", "CHILD", "ADOLESCENT"
_GROUPS: Final = ((2, INFANT), (12, CHILD), (18, ADOLESCENT))


def minor_group(age: float | None, recorded: str | None) -> str | None:
    """Which group of children an age belongs to; None for adults, and where the age is not known."""
    years = None if age is None else in_years(age, recorded)
    return None if years is None else next((group for limit, group in _GROUPS if years < limit), None)


def in_years(age: float, recorded: str | None) -> float | None:
    """An age in years, to order subjects by; None in a unit that the list does not know."""
    unit = _IN_A_YEAR.get(age_unit(recorded))
    return age / unit if unit is not None else None
