"""Days and spans from SDTM date texts: what cannot be read or is partial is never completed by guessing."""

from datetime import date

import pytest

from apps.studies.domain.clinical.spans import full_day, partial, span_of


@pytest.mark.parametrize("text", [None, "", "yesterday", "2013-02-30"])
def test_what_is_no_date_is_none(text: str | None) -> None:
    assert partial(text) is None
    assert full_day(text) is None


def test_only_a_complete_date_is_a_day() -> None:
    assert full_day("2013-06-02T10:15") == date(2013, 6, 2)
    assert full_day("2013-06") is None


def test_a_span_reaches_as_far_as_its_partial_dates_allow() -> None:
    span = span_of("2013-05", "2013-06")
    assert (span.first, span.last) == (date(2013, 5, 1), date(2013, 6, 30))
    assert span.overlaps(span_of("2013-06-30", None))
    assert not span.overlaps(span_of("2013-07-01", None))
    assert span_of(None, None).overlaps(span)
