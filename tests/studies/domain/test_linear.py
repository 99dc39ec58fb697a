"""Judging a value takes time in proportion to its length, whatever the value is: shown as ratios, not as seconds."""

import time
from collections.abc import Callable

import pytest

from apps.studies.domain import dates
from apps.studies.domain.upserts import NAME
from apps.studies.domain.values import InvalidValueError, canonical_value, values_equal

SMALL, LARGE = 2_000, 32_000
# 16 times the length takes 16 times the time where it is linear and 256 times where it is quadratic.
MOST_GROWTH = 80


def judged(domain: str, variable: str) -> Callable[[str], None]:
    def judge(text: str) -> None:
        try:
            canonical_value(domain, variable, text)
        except InvalidValueError:
            return

    return judge


def parsed(text: str) -> None:
    try:
        dates.parse(text)
    except dates.InvalidDateError:
        return


WAYS: dict[str, Callable[[str], object]] = {
    "number": judged("LB", "LBSTRESN"),
    "sequence": judged("AE", "AESEQ"),
    "text": judged("AE", "AETERM"),
    "date": judged("AE", "AESTDTC"),
    "parsed date": parsed,
    "compared": lambda text: values_equal(text, text + "0"),
    "name": NAME.fullmatch,
}
SHAPES: dict[str, Callable[[int], str]] = {
    "digits": lambda n: "9" * n + "x",
    "decimals": lambda n: "0." + "1" * n,
    "digits and a dot": lambda n: "1" * n + "." + "1" * n + "e",
    "zeros": lambda n: "0" * n + "1",
    "blanks": lambda n: "a" + " " * n + "b",
    "marks": lambda n: "a" + "\u0300\u0316" * (n // 2),
    "fractions": lambda n: "2013-01-01T00:00:00." + "0" * n,
    "hyphens": lambda n: "-" * n,
    "capitals": lambda n: "A" * n + "a",
    "line ends": lambda n: "\r" * n + "é",
}


def seconds(way: Callable[[str], object], text: str) -> float:
    """The quickest of several runs, so that a busy machine does not count."""
    runs = []
    for number in range(5):
        fresh = text + " " * number
        start = time.process_time()
        way(fresh)
        runs.append(time.process_time() - start)
    return max(min(runs), 20e-6)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("way", WAYS)
def test_time_grows_with_length_and_not_with_its_square(way: str, shape: str) -> None:
    small, large = (seconds(WAYS[way], SHAPES[shape](length)) for length in (SMALL, LARGE))
    assert large < MOST_GROWTH * small


def test_more_marks_in_a_row_than_any_script_needs_are_refused() -> None:
    assert canonical_value("AE", "AETERM", "a" + "\u0300" * 30)
    with pytest.raises(InvalidValueError, match="combining marks"):
        canonical_value("AE", "AETERM", "a" + "\u0300" * 31)


def test_a_number_or_date_of_endless_length_is_refused_in_few_words() -> None:
    for domain, variable in (("LB", "LBSTRESN"), ("AE", "AESTDTC")):
        with pytest.raises(InvalidValueError) as refused:
            canonical_value(domain, variable, "9" * 50_000)
        assert len(refused.value.detail) < 300
    with pytest.raises(dates.InvalidDateError) as unread:
        dates.parse("9" * 50_000)
    assert len(unread.value.detail) < 300
