"""Stored JSON comes back as it was, or not at all, and the error tells no value."""

import json
from dataclasses import dataclass
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.domain.stored import Codec, StoredDataError


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, slots=True)
class Part:
    name: str
    value: str | int | float | None


@dataclass(frozen=True, slots=True)
class Whole:
    colour: Colour
    parts: tuple[Part, ...]
    note: str = "none"


WHOLES = Codec(Whole, "a whole")
VALUES = st.none() | st.text() | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(st.builds(Part, st.text(), VALUES), max_size=4), st.text())
def test_what_is_written_is_read_back_with_the_types_it_had(parts: list[Part], note: str) -> None:
    whole = Whole(Colour.RED, tuple(parts), note)
    again = WHOLES.read(json.loads(json.dumps(WHOLES.write(whole))))
    assert again == whole
    assert [type(part.value) for part in again.parts] == [type(part.value) for part in parts]


def test_several_are_a_list() -> None:
    wholes = (Whole(Colour.RED, ()), Whole(Colour.RED, (Part("a", 1),)))
    stored = WHOLES.write_all(wholes)
    assert stored[1] == {"colour": "red", "parts": [{"name": "a", "value": 1}], "note": "none"}
    assert WHOLES.read_all(stored) == wholes


def test_a_field_that_came_later_has_its_default_and_one_that_went_is_passed_over() -> None:
    assert WHOLES.read({"colour": "red", "parts": [], "gone": 1}) == Whole(Colour.RED, ())


@pytest.mark.parametrize(
    ("data", "place"),
    [
        ({"parts": []}, "colour: missing"),
        ({"colour": "SECRET", "parts": []}, "colour: enum"),
        ({"colour": "red", "parts": [{"name": "SECRET", "value": ["SECRET"]}]}, r"parts\.0\.value"),
        ("SECRET", "the whole: dataclass_type"),
    ],
)
def test_another_shape_is_named_without_its_values(data: object, place: str) -> None:
    with pytest.raises(StoredDataError, match=place) as refused:
        WHOLES.read(data)
    assert refused.value.detail.startswith("Got a whole of another shape (")
    assert "SECRET" not in refused.value.detail
    with pytest.raises(StoredDataError):
        WHOLES.read_all([data])


def test_many_faults_are_named_by_the_first() -> None:
    with pytest.raises(StoredDataError) as refused:
        WHOLES.read({"colour": "red", "parts": [{}, {}, {}]})
    assert refused.value.detail.count(";") == 2
