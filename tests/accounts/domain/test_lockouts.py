"""How long one waits after wrong secrets, and whose address is believed."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.accounts.domain.lockouts import (
    FIRST_WAIT,
    LONGEST_WAIT,
    PATIENCE,
    Guessed,
    counted_address,
    real_address,
    wait_after,
)

PROXIES = frozenset({"10.0.0.1", "10.0.0.2"})


@given(st.sampled_from(Guessed), st.integers(0, 10_000))
def test_the_wait_begins_after_the_free_tries_and_never_shrinks(guessed: Guessed, failures: int) -> None:
    wait, next_wait = wait_after(guessed, failures), wait_after(guessed, failures + 1)
    assert timedelta(0) <= wait <= next_wait <= LONGEST_WAIT
    assert bool(wait) is (failures >= PATIENCE[guessed].free)


def test_each_further_failure_doubles_the_wait() -> None:
    assert [wait_after(Guessed.ACCOUNT, n) / FIRST_WAIT for n in range(4, 9)] == [0, 1, 2, 4, 8]


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        ("203.0.113.5", "", "203.0.113.5"),
        ("203.0.113.5", "198.51.100.1", "203.0.113.5"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "made up", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "10.0.0.2", "10.0.0.2"),
        ("", "198.51.100.1", ""),
    ],
)
def test_the_right_most_address_that_is_no_proxy_is_the_real_one(peer: str, forwarded: str, expected: str) -> None:
    assert real_address(peer, forwarded, PROXIES) == expected


@given(st.text(max_size=60), st.ip_addresses().map(str))
def test_without_proxies_nothing_that_is_forwarded_is_believed(forwarded: str, peer: str) -> None:
    assert real_address(peer, forwarded, frozenset()) == peer


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.5", "203.0.113.5"),
        ("testclient", ""),
    ],
)
def test_one_household_is_counted_once(address: str, counted: str) -> None:
    assert counted_address(address) == counted
