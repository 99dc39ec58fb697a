"""Units and when two quantities are the same."""

from decimal import Decimal

import pytest

from apps.narratives.domain.facts.quantities import is_same_quantity, plain_unit


@pytest.mark.parametrize(
    ("value", "unit", "other", "other_unit", "analyte"),
    [
        ("1", "g", "1000", "mg", ""),
        ("24", "µmol/L", "24", "umol/L", ""),
        ("2", "weeks", "14", "days", ""),
        ("1.4", "mg/dL", "23.94", "umol/L", "Bilirubin"),
        ("23.94", "umol/L", "1.4", "mg/dL", "Bilirubin"),
        ("5", None, "5", None, ""),
        ("3.3", "g/dL", "33", "g/L", ""),
        ("140", "mEq/L", "140", "mmol/L", "Sodium"),
        ("4.1", "mmol/L", "4.1", "meq/L", "Potassium"),
        ("4.8", "mEq/L", "2.4", "mmol/L", "Calcium"),
        ("0.85", "mmol/L", "1.7", "MEQ/L", "Magnesium"),
    ],
)
def test_equal_quantities_in_other_units_are_equal(
    value: str, unit: str | None, other: str, other_unit: str | None, analyte: str
) -> None:
    assert is_same_quantity(Decimal(value), unit, Decimal(other), other_unit, analyte)


@pytest.mark.parametrize(
    ("value", "unit", "other", "other_unit"),
    [
        ("50", "mg", "500", "mg"),
        ("50", "mg", "50", "g"),
        ("1.4", "mg/dL", "23.94", "umol/L"),
        ("1", "tablet", "1", "mg"),
        # How many millimoles an equivalent is depends on the charge of the ion.
        ("140", "meq/L", "140", "mmol/L"),
    ],
)
def test_other_quantities_are_not(value: str, unit: str, other: str, other_unit: str) -> None:
    assert not is_same_quantity(Decimal(value), unit, Decimal(other), other_unit)


@pytest.mark.parametrize("analyte", ["Calcium", "Magnesium", "Phosphate", "Albumin"])
def test_an_equivalent_of_an_ion_with_more_than_one_charge_is_no_millimole(analyte: str) -> None:
    assert not is_same_quantity(Decimal("2.4"), "mEq/L", Decimal("2.4"), "mmol/L", analyte)


def test_units_have_one_spelling() -> None:
    assert plain_unit("× 10^9/L") == "10^9/L"
    assert plain_unit("tablets") == "tablet"
    assert plain_unit(None) == ""
