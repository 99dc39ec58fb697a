"""What everything stands on: one canonical form, events between rooms, errors that say what to do."""

import hashlib
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.domain.canonical import canonical_json, chained_sha256, sha256_hex, stored_sha256
from apps.core.domain.errors import (
    InvalidInputError,
    PlatformError,
    StorageFullError,
    UnavailableError,
    UnreadableSourceError,
)
from apps.core.domain.events import Event
from apps.core.domain.integrity import Break, Part
from apps.core.domain.numbers import whole_number

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text()
mappings = st.dictionaries(st.text(), scalars)


@given(mappings)
def test_equal_content_has_one_form_whatever_its_order(content: dict[str, object]) -> None:
    turned = dict(reversed(content.items()))
    assert canonical_json(turned) == canonical_json(content)
    assert sha256_hex(turned) == sha256_hex(content)


def test_the_canonical_form_is_json_without_white_space_in_order_of_keys() -> None:
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'.encode()


@given(st.dictionaries(st.text(), scalars.filter(lambda scalar: scalar not in {math.inf, -math.inf})))
def test_what_is_stored_has_the_hash_of_the_same_content(content: dict[str, object]) -> None:
    assert stored_sha256(content) == sha256_hex(content)


@pytest.mark.parametrize("forged", [2**64, -(2**70), "\ud800", math.inf, -math.inf, math.nan])
def test_what_the_portal_never_writes_has_a_hash_that_no_content_has(forged: object) -> None:
    found = stored_sha256({"a": forged})
    assert found == stored_sha256({"a": forged})
    assert found not in {sha256_hex({"a": None}), stored_sha256({"a": repr(forged)}), stored_sha256({"a": 2**65})}
    assert len(found) == 64


def test_what_json_cannot_hold_is_an_error() -> None:
    with pytest.raises(TypeError):
        canonical_json({"a": object()})


@given(st.text("0123456789abcdef", max_size=64), mappings, mappings)
def test_a_link_depends_on_what_came_before_and_on_what_it_holds(
    before: str, one: dict[str, object], other: dict[str, object]
) -> None:
    assert chained_sha256(before, one) == chained_sha256(before, dict(one))
    assert chained_sha256(before, one) != chained_sha256(before + "0", one)
    assert (chained_sha256(before, one) == chained_sha256(before, other)) is (
        canonical_json(one) == canonical_json(other)
    )


def test_handlers_are_told_in_the_order_they_subscribed_and_once() -> None:
    told: list[str] = []
    event: Event[str] = Event("something_happened")

    def first(payload: str) -> None:
        told.append(f"first {payload}")

    event.subscribe(first)
    event.subscribe(lambda payload: told.append(f"second {payload}"))
    event.subscribe(first)
    event.publish("now")
    assert told == ["first now", "second now"]


def test_the_first_error_of_a_handler_reaches_the_publisher() -> None:
    told: list[str] = []
    event: Event[str] = Event("something_happened")

    def fail(payload: str) -> None:
        raise ValueError(payload)

    event.subscribe(fail)
    event.subscribe(told.append)
    with pytest.raises(ValueError, match="now"):
        event.publish("now")
    assert told == []


def test_an_error_carries_what_a_client_can_act_on() -> None:
    unreadable = UnreadableSourceError("ae.xpt", "cut short after 80 bytes", extra={"bytes": 80})
    assert str(unreadable) == unreadable.detail == "ae.xpt: cut short after 80 bytes"
    assert unreadable.extra == {"file": "ae.xpt", "bytes": 80}
    assert isinstance(unreadable, InvalidInputError)
    assert unreadable.status == 422
    assert PlatformError("Something").extra == {}


def test_a_link_is_the_digest_of_the_link_before_a_line_end_and_the_entry() -> None:
    """Seals of years ago are checked by this form: it never changes."""
    assert chained_sha256("ab", {"a": 1}) == hashlib.sha256(b'ab\n{"a":1}').hexdigest()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("12", 12),
        ("9" * 15, 10**15 - 1),
        ("9" * 16, None),
        ("", None),
        ("²", None),
        ("+1", None),
        ("1a", None),
    ],
)
def test_a_whole_number_is_up_to_fifteen_plain_digits(text: str, number: int | None) -> None:
    assert whole_number(text) == number


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (Break(Part.TWIN, "does not fold"), "twin: does not fold"),
        (Break(Part.TWIN, "does not fold", "S1", "S1-01", 0), "twin: S1, S1-01, version 0: does not fold"),
        (Break(Part.RECORDS, "was altered", "S1", record="r9"), "records: S1, r9: was altered"),
    ],
)
def test_a_broken_link_says_what_where_and_why(broken: Break, words: str) -> None:
    assert str(broken) == words


@pytest.mark.parametrize("error", [StorageFullError(), UnavailableError()])
def test_trouble_of_the_portal_may_pass_and_says_in_a_sentence_what_to_do(error: PlatformError) -> None:
    assert not error.is_lasting
    assert PlatformError("refused").is_lasting
    assert error.detail[:4] == "The "
    assert "try again" in error.detail
