"""Replay: a row is known from its day of collection, and what it says of later days from those days."""

from datetime import date
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.arrival import arrival_on, as_known, days_of, known_rows
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

Values = dict[str, Value]

DM: Values = {
    "USUBJID": "01", "DMDTC": "2013-01-01", "RFSTDTC": "2013-01-10", "RFXSTDTC": "2013-01-10", "RFXENDTC": "2013-05-01",
    "RFENDTC": "2013-05-02", "RFPENDTC": "2013-06-01", "DTHDTC": "2013-06-01", "DTHFL": "Y", "SAFETY": "Y", "AGE": 75,
}  # fmt: skip
AE: Values = {
    "AETERM": "PNEUMONIA", "AEDTC": "2013-02-01", "AESTDTC": "2013-01-20", "AEENDTC": "2013-03-01", "AEENDY": 51,
    "AEOUT": "FATAL", "AESDTH": "Y", "AESHOSP": "Y",
}  # fmt: skip


def rows(*given_rows: tuple[str, Values], targets: tuple[tuple[int, ...], ...] = ()) -> list[Row]:
    padded = (*targets, *((),) * len(given_rows))
    return [Row(domain, "01", values, "f", n + 1, padded[n]) for n, (domain, values) in enumerate(given_rows)]


def test_a_row_arrives_on_its_day_of_collection() -> None:
    assert arrival_on("AE", AE) == date(2013, 2, 1)
    assert arrival_on("LB", {"LBDTC": "2013-02-03T08:00"}) == date(2013, 2, 3)


def test_a_row_without_day_of_collection_arrives_when_it_started() -> None:
    assert arrival_on("EX", {"EXSTDTC": "2013-01-10", "EXENDTC": "2013-02-01"}) == date(2013, 1, 10)


def test_a_partial_day_of_collection_counts_from_its_last_possible_day() -> None:
    assert arrival_on("CM", {"CMDTC": "2013-02"}) == date(2013, 2, 28)


def test_a_row_that_nothing_dates_has_no_arrival() -> None:
    assert arrival_on("MH", {"MHTERM": "X"}) is None
    assert arrival_on("MH", {"MHDTC": "--02-01"}) is None
    assert as_known("MH", {"MHTERM": "X"}, date(1999, 1, 1)) == {"MHTERM": "X"}


def test_an_event_is_known_without_its_later_end_and_outcome() -> None:
    assert as_known("AE", AE, date(2013, 1, 31)) is None
    known = as_known("AE", AE, date(2013, 2, 1))
    assert known is not None
    assert AE.keys() - known.keys() == {"AEENDTC", "AEENDY", "AEOUT", "AESDTH"}
    assert as_known("AE", AE, date(2013, 3, 1)) == AE


def test_an_outcome_without_an_end_date_is_known_at_once() -> None:
    open_event: Values = {"AEDTC": "2013-02-01", "AEOUT": "NOT RECOVERED/NOT RESOLVED"}
    assert as_known("AE", open_event, date(2013, 2, 1)) == open_event


def test_exposure_is_known_without_its_later_end() -> None:
    dose: Values = {"EXTRT": "X", "EXSTDTC": "2013-01-10", "EXENDTC": "2013-02-01", "EXENDY": 23}
    assert as_known("EX", dose, date(2013, 1, 31)) == {"EXTRT": "X", "EXSTDTC": "2013-01-10"}


def test_a_subject_exists_before_its_first_dose_its_end_and_its_death() -> None:
    assert as_known("DM", DM, date(2013, 1, 1)) == {"USUBJID": "01", "DMDTC": "2013-01-01", "AGE": 75}
    treated = as_known("DM", DM, date(2013, 5, 2))
    assert treated is not None
    assert DM.keys() - treated.keys() == {"RFPENDTC", "SAFETY", "DTHDTC", "DTHFL"}
    assert as_known("DM", DM, date(2013, 6, 1)) == DM


def test_nothing_of_a_subject_is_known_before_dm() -> None:
    history: tuple[str, Values] = ("MH", {"MHTERM": "X", "MHSTDTC": "2001"})
    undated: tuple[str, Values] = ("SC", {"SCTESTCD": "EDU"})
    subject = rows(("DM", DM), history, undated)
    assert known_rows(subject, date(2012, 12, 31)) == [None, None, None]
    assert known_rows(subject, date(2013, 1, 1))[1:] == [history[1], undated[1]]


def test_without_dm_undated_rows_are_there_from_the_start() -> None:
    assert known_rows(rows(("SC", {"SCTESTCD": "EDU"})), date(1990, 1, 1)) == [{"SCTESTCD": "EDU"}]
    assert days_of(rows(("SC", {"SCTESTCD": "EDU"}))) == []


def test_a_relation_arrives_with_the_last_row_it_relates() -> None:
    link: Values = {"RELID": "R1"}
    disposition: Values = {"DSDECOD": "ADVERSE EVENT", "DSDTC": "2013-04-01"}
    subject = rows(
        ("DM", DM), ("AE", AE), ("DS", disposition), ("RELREC", link), ("RELREC", link),
        targets=((), (), (), (1,), (2,)),
    )  # fmt: skip
    assert known_rows(subject, date(2013, 3, 31))[3:] == [None, None]
    assert known_rows(subject, date(2013, 4, 1))[3:] == [link, link]


def test_the_days_are_those_on_which_something_becomes_known() -> None:
    subject = rows(("DM", DM), ("AE", AE), ("MH", {"MHTERM": "X"}), ("LB", {"LBDTC": "2012-12-30"}))
    expected = ["2013-01-01", "2013-01-10", "2013-02-01", "2013-03-01", "2013-05-01", "2013-05-02", "2013-06-01"]
    assert [day.isoformat() for day in days_of(subject)] == expected


_DATES = st.dates(date(2013, 1, 1), date(2013, 12, 31)).map(date.isoformat)
_EVENT = st.fixed_dictionaries(
    {"AEDTC": _DATES, "AESTDTC": _DATES}, optional={"AEENDTC": _DATES, "AEOUT": st.just("X")}
)


@given(st.lists(_EVENT.map(lambda values: ("AE", dict[str, Value](values))), max_size=5))
def test_every_value_is_known_in_the_end_and_knowledge_changes_on_the_named_days_only(
    events: list[tuple[str, Values]],
) -> None:
    subject = rows(("DM", DM), *events)
    days = days_of(subject)
    states = [known_rows(subject, day) for day in (date.min, *days, date.max)]
    assert states[-1] == [row.values for row in subject]
    assert states[-1] == states[-2]
    assert all(before != after for before, after in pairwise(states[:-1]))
    for day, state in zip(days[1:], states[1:-2], strict=True):
        assert known_rows(subject, date.fromordinal(day.toordinal() - 1)) == state
