"""What a study may legally record is told as it is, and the check accepts every way of telling it."""

import pytest

from tests.narratives.building import changed, seizure_rows
from tests.narratives.domain.drafting import blocked_in, told_in


@pytest.mark.parametrize(("last", "day"), [("2016-01-19", "999"), ("2016-01-20", "1000"), ("2046-01-19", "11957")])
def test_a_late_study_day_is_written_as_one_number(last: str, day: str) -> None:
    rows = changed(changed(seizure_rows(), "DM/1", RFXENDTC=last), "AE/1", AEENDTC=last)
    assert f"(day {day})" in told_in(rows)
    assert not blocked_in(rows)


def test_an_early_study_day_is_written_as_one_number() -> None:
    rows = changed(seizure_rows(), "AE/1", AESTDTC="2009-01-02")
    assert "(day −1575)" in told_in(rows)
    assert not blocked_in(rows)
