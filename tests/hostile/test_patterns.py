"""Every regular expression of the product takes time in proportion to its text, whatever the text is."""

import importlib
import pkgutil
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import fields, is_dataclass
from itertools import product
from typing import Any

import pytest

import apps
from apps.core.limits import body_limit

SMALL, LARGE = 1_000, 16_000
# 16 times the length: 16 times the time where it is linear, 256 times where it is quadratic.
MOST_GROWTH = 80
LEAST_SECONDS = 100e-6
UNITS = (
    *("a", "A", "1", " ", "-", ".", "_", "'", "(", "“", "<", "/", "\n", "é"),
    *("a ", "1 ", "1.", "a-", "A_1", "“a", "<a", "1/"),
)
TAILS = ("", "!")


def patterns() -> dict[str, re.Pattern[str]]:
    """Every compiled pattern that a module of the product keeps, by its text."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(apps.__path__, "apps."):
        if ".migrations" in module.name or ".management" in module.name:
            continue
        for value in vars(importlib.import_module(module.name)).values():
            found.update({pattern.pattern: pattern for pattern in within(value, 4)})
    return found


def within(value: Any, depth: int) -> Iterator[re.Pattern[str]]:
    """Patterns in a value: alone, in a collection, or in a field of what is in one."""
    if isinstance(value, re.Pattern):
        yield value
    elif depth and isinstance(value, (list, tuple, set, frozenset)):
        yield from of_each(value, depth)
    elif depth and isinstance(value, dict):
        yield from of_each((*value.keys(), *value.values()), depth)
    elif depth and is_dataclass(value) and not isinstance(value, type):
        yield from of_each((getattr(value, field.name) for field in fields(value)), depth)


def of_each(values: Iterable[Any], depth: int) -> Iterator[re.Pattern[str]]:
    for inner in values:
        yield from within(inner, depth - 1)


def seconds(pattern: re.Pattern[str], text: str) -> float:
    runs = []
    for _ in range(2):
        start = time.process_time()
        for _found in pattern.finditer(text):
            pass
        pattern.fullmatch(text)
        runs.append(time.process_time() - start)
    return max(min(runs), LEAST_SECONDS)


def test_the_patterns_are_found() -> None:
    assert len(patterns()) > 60


@pytest.mark.django_db
def test_every_pattern_is_linear() -> None:
    slow = []
    for pattern in patterns().values():
        words = re.findall(r"[a-z]{3,}", pattern.pattern)[:3]
        units = (*UNITS, *(f"{word} " for word in words))
        for unit, tail in product(units, TAILS):
            small, large = (seconds(pattern, unit * (length // len(unit)) + tail) for length in (SMALL, LARGE))
            if large > MOST_GROWTH * small:
                slow.append(f"{pattern.pattern[:100]} on {unit!r} × n + {tail!r}: {large / small:.0f} times")
                break
    assert not slow, "\n".join(slow)


def test_the_table_of_limits_is_linear() -> None:
    for path in ("/api/v1/studies/" + "x" * 100_000, "/api/v1/studies" * 10_000, "/studies/x/imports/new/"):
        start = time.process_time()
        body_limit(path)
        assert time.process_time() - start < 0.2
