"""Units as people read them, and when two numbers with units are the same quantity."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

NBSP: Final = "\u00a0"

# One scale for each family of units: the factor to its first unit.
_FAMILIES: Final[tuple[Mapping[str, str], ...]] = (
    {"mg": "1", "g": "1000", "ug": "0.001", "mcg": "0.001", "ng": "0.000001", "kg": "1000000"},
    {"mmol/L": "1", "umol/L": "0.001", "nmol/L": "0.000001", "pmol/L": "0.000000001", "mol/L": "1000"},
    {"g/L": "1", "g/dL": "10", "mg/L": "0.001", "mg/dL": "0.01"},
    {"U/L": "1", "IU/L": "1", "mU/L": "0.001", "ukat/L": "60"},
    {"10^9/L": "1", "10^3/uL": "1", "K/uL": "1", "GI/L": "1"},
    {"10^12/L": "1", "10^6/uL": "1", "M/uL": "1", "TI/L": "1"},
    {"days": "1", "weeks": "7"},
)
_SPELLINGS: Final[Mapping[str, str]] = {
    "day": "days",
    "week": "weeks",
    "month": "months",
    "year": "years",
    "hour": "hours",
    "tablets": "tablet",
    "capsules": "capsule",
    "puffs": "puff",
    "drops": "drop",
}
_BY_FOLDED: Final[Mapping[str, tuple[Decimal, str]]] = {
    unit.casefold(): (Decimal(factor), next(iter(family))) for family in _FAMILIES for unit, factor in family.items()
}
# From conventional to SI units the factor depends on the molar mass of the analyte, or on the charge of the ion.
_ANALYTES: Final[Mapping[tuple[str, str, str], Decimal]] = {
    **{(ion, "meq/L", "mmol/L"): Decimal(1) for ion in ("sodium", "potassium", "chloride", "bicarbonate", "lithium")},
    **{(ion, "meq/L", "mmol/L"): Decimal("0.5") for ion in ("calcium", "magnesium")},
    ("bilirubin", "mg/dL", "umol/L"): Decimal("17.1"),
    ("creatinine", "mg/dL", "umol/L"): Decimal("88.4"),
    ("glucose", "mg/dL", "mmol/L"): Decimal("0.0555"),
    ("cholesterol", "mg/dL", "mmol/L"): Decimal("0.02586"),
    ("urea nitrogen", "mg/dL", "mmol/L"): Decimal("0.357"),
    ("calcium", "mg/dL", "mmol/L"): Decimal("0.2495"),
    ("urate", "mg/dL", "umol/L"): Decimal("59.48"),
    ("phosphate", "mg/dL", "mmol/L"): Decimal("0.3229"),
    ("hemoglobin", "g/dL", "mmol/L"): Decimal("0.6206"),
}
_BY_ANALYTE: Final = {(name, a.casefold(), b.casefold()): factor for (name, a, b), factor in _ANALYTES.items()}
# Converted values carry the rounding of both units.
_TOLERANCE: Final = Decimal("0.005")


def plain_unit(unit: str | None) -> str:
    """One spelling of a unit: `µmol/L` and `umol/L` are the same, `day` and `days` too."""
    # Two characters look alike here: the micro sign and the Greek letter.
    text = (unit or "").strip().replace("µ", "u").replace("μ", "u").removeprefix("×").strip()
    return _SPELLINGS.get(text.lower(), text)


def written_unit(unit: str) -> str:
    """A unit as people read it."""
    written = f"µ{unit[1:]}" if unit.startswith(("umol", "ug")) else unit
    return f"×{NBSP}{written}" if written.startswith("10^") else written


def is_same_quantity(
    value: Decimal, unit: str | None, other: Decimal, other_unit: str | None, analyte: str = ""
) -> bool:
    """Whether two numbers with units are equal: exactly within a unit family, within 0.5 % by analyte."""
    first, second = plain_unit(unit), plain_unit(other_unit)
    # Sponsors write units in capitals too: `MG` is `mg`.
    if first.casefold() == second.casefold():
        return value == other
    scale, base = _BY_FOLDED.get(first.casefold(), (Decimal(1), first))
    other_scale, other_base = _BY_FOLDED.get(second.casefold(), (Decimal(1), second))
    if base == other_base:
        return value * scale == other * other_scale
    return _is_same_by_analyte(value, first, other, second, analyte)


def _is_same_by_analyte(value: Decimal, unit: str, other: Decimal, other_unit: str, analyte: str) -> bool:
    name, first, second = analyte.lower(), unit.casefold(), other_unit.casefold()
    factor = _BY_ANALYTE.get((name, first, second))
    if factor is not None:
        return abs(value * factor - other) <= abs(other) * _TOLERANCE
    inverse = _BY_ANALYTE.get((name, second, first))
    return inverse is not None and abs(other * inverse - value) <= abs(value) * _TOLERANCE
