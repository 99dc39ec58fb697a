"""What everything stands on: one canonical form, events between rooms, errors that say what to do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.domain.canonical import canonical_json, chained_sha256, sha256_hex
from apps.core.domain.errors import InvalidInputError, PlatformError, UnreadableSourceError
from apps.core.domain.events import Event

scalars = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False) | st.text()
mappings = st.dictionaries(st.text(), scalars)


@given(mappings)
def test_equal_content_has_one_form_whatever_its_order(content: dict[str, object]) -> None:
    turned = dict(reversed(content.items()))
    assert canonical_json(turned) == canonical_json(content)
    assert sha256_hex(turned) == sha256_hex(content)


def test_the_canonical_form_is_json_without_white_space_in_order_of_keys() -> None:
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'.encode()


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
