"""Whatever value the portal accepts, a narrative can be written and checked over it, and soon."""

import os
import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.studies.domain.clinical.laboratory import times_upper_limit
from apps.studies.domain.clinical.records import ClinicalRecord
from apps.studies.domain.values import InvalidValueError, canonical_value
from tests.hostile.test_accepted_values import values
from tests.narratives.building import changed, seizure_rows
from tests.narratives.domain.drafting import report_of

EXAMPLES = int(os.environ.get("HOSTILE_EXAMPLES", "6")) * 10
MOST_SECONDS = 5.0
ROWS = seizure_rows()
PLACES = [
    (record, name) for record, (domain, row) in ROWS.items() if domain != "RELREC" for name in row if name != "USUBJID"
]


@st.composite
def rows(draw: st.DrawFn) -> Any:
    """The rows of a serious case, a few values of which are others that the portal accepts too."""
    found = ROWS
    for record, name in draw(st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique=True)):
        try:
            value = canonical_value(record.partition("/")[0], name, draw(values))
        except InvalidValueError:
            continue
        found = changed(found, record, **{name: value})
    return found


@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None)
@given(given_rows=rows())
def test_a_narrative_is_written_and_checked_over_any_accepted_value(given_rows: Any) -> None:
    start = time.process_time()
    report = report_of(given_rows)
    assert time.process_time() - start < MOST_SECONDS
    assert report is not None


@pytest.mark.parametrize(
    ("result", "limit", "multiple"),
    [(124.83, 21, 5.94), (1e30, 1, 1e30), (7.2e75, 5.4e-79, 7.2e75 / 5.4e-79), (1e300, 5e-324, None), (1, 0, None)],
)
def test_a_multiple_of_the_limit_is_a_number_or_none(result: float, limit: float, multiple: float | None) -> None:
    """A result of 1E30 stopped the drafting of its subject for ever."""
    row = ClinicalRecord("LB/1", "LB", {"LBSTRESN": result, "LBSTNRHI": limit})
    assert times_upper_limit(row) == (multiple if multiple is None else pytest.approx(multiple))
