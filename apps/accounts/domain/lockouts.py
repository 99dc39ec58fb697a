"""How many wrong passwords or secrets are taken, and how long one waits after more; the wait doubles each time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final


class Guessed(StrEnum):
    """What wrong secrets are counted for."""

    ACCOUNT = "account"
    CLIENT = "client"
    ADDRESS = "address"


@dataclass(frozen=True, slots=True)
class Patience:
    """Failures that cost nothing, and how long a failure is remembered."""

    free: int
    memory: timedelta


FIRST_WAIT: Final = timedelta(seconds=30)
LONGEST_WAIT: Final = timedelta(minutes=15)
# Many people share the address of a hospital; an account is one person's.
PATIENCE: Final[Mapping[Guessed, Patience]] = {
    Guessed.ACCOUNT: Patience(free=5, memory=timedelta(hours=24)),
    Guessed.CLIENT: Patience(free=5, memory=timedelta(hours=24)),
    Guessed.ADDRESS: Patience(free=30, memory=timedelta(hours=1)),
}


def wait_after(guessed: Guessed, failures: int) -> timedelta:
    """How long to wait after so many failures: nothing at first, then 30 s, doubled up to 15 minutes."""
    beyond = failures - PATIENCE[guessed].free
    if beyond < 0:
        return timedelta(0)
    # Far beyond the longest wait already; unbounded, the number would grow with every guess.
    doubled: int = 2 ** min(beyond, 10)
    return min(FIRST_WAIT * doubled, LONGEST_WAIT)


def real_address(peer: str, forwarded: str, trusted: frozenset[str]) -> str:
    """Who is at the other end: the peer, or before trusted proxies the right-most address that is not one of them.

    What stands further left in X-Forwarded-For was written by the client and is believed of nobody.
    """
    found = peer
    for given in reversed(forwarded.split(",")):
        # Each trusted hop vouches for the address to its left, and for no other.
        if found not in trusted:
            break
        candidate = _parsed(given.strip())
        if candidate is None:
            break
        found = str(candidate)
    return found


def counted_address(address: str) -> str:
    """What is counted for an address: itself, for IPv6 the /64 that one household has; empty for none."""
    parsed = _parsed(address)
    if parsed is None:
        return ""
    # A listener for both families shows IPv4 peers so; as IPv6 they would all share one /64.
    if isinstance(parsed, IPv6Address) and parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(parsed) if isinstance(parsed, IPv4Address) else str(ip_network((parsed, 64), strict=False))


def _parsed(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
