"""Onset of the first event that needs a narrative: death, serious AE, discontinuation for an AE."""

from datetime import date

import pytest

from apps.studies.domain.clinical.seriousness import CRITERIA, is_serious
from apps.studies.domain.qualifying import first_qualifying_onset
from apps.studies.domain.rows import Row
from apps.studies.domain.variables import Value

Values = dict[str, Value]


def rows(*given_rows: tuple[str, Values], targets: tuple[tuple[int, ...], ...] = ()) -> list[Row]:
    padded = (*targets, *((),) * len(given_rows))
    return [Row(domain, "01", values, "f", n + 1, padded[n]) for n, (domain, values) in enumerate(given_rows)]


def event(start: str, spid: str = "E01", **more: Value) -> tuple[str, Values]:
    return ("AE", {"AESPID": spid, "AETERM": "SYNCOPE", "AESTDTC": start, "AESER": "N", **more})


STOPPED: tuple[str, Values] = ("DS", {"DSDECOD": "ADVERSE EVENT", "DSSTDTC": "2013-06-01"})


@pytest.mark.parametrize("name", ["AESER", *CRITERIA])
def test_any_criterion_makes_an_event_serious_even_against_aeser(name: str) -> None:
    assert is_serious({"AESER": "N", name: "Y"})
    assert first_qualifying_onset(rows(event("2013-02-01", **{name: "Y"}))) == date(2013, 2, 1)


def test_a_subject_without_such_an_event_has_no_onset() -> None:
    completed: tuple[str, Values] = ("DS", {"DSDECOD": "COMPLETED", "DSSTDTC": "2013-06-01"})
    assert first_qualifying_onset(rows(("DM", {"DTHFL": "N"}), event("2013-02-01"), completed)) is None


def test_the_earliest_of_several_counts_and_a_partial_date_from_its_first_day() -> None:
    assert first_qualifying_onset(rows(event("2013-03", AESER="Y"), event("2013-04-01", "E2", AESER="Y"))) == date(
        2013, 3, 1
    )


def test_rows_of_one_event_share_its_first_onset() -> None:
    earlier, serious = event("2013-01-05"), event("2013-02-01", AESHOSP="Y")
    assert first_qualifying_onset(rows(earlier, serious)) == date(2013, 1, 5)


def test_an_event_without_sponsor_id_has_its_own_onset() -> None:
    values: Values = {"AETERM": "SYNCOPE", "AESTDTC": "2013-02-01", "AESER": "Y"}
    assert first_qualifying_onset(rows(event("2013-01-01"), ("AE", values))) == date(2013, 2, 1)


def test_a_death_counts_by_dm_and_by_disposition() -> None:
    assert first_qualifying_onset(rows(("DM", {"DTHFL": "Y", "DTHDTC": "2013-05-05"}))) == date(2013, 5, 5)
    assert first_qualifying_onset(rows(("DS", {"DSDECOD": "DEATH", "DSDTC": "2013-05-06"}))) == date(2013, 5, 6)


def test_a_discontinuation_counts_from_the_event_that_relrec_names() -> None:
    link: Values = {"RELID": "R1"}
    subject = rows(
        event("2013-03-01"), event("2013-04-01", "E02"), STOPPED, ("RELREC", link), ("RELREC", link),
        targets=((), (), (), (1,), (2,)),
    )  # fmt: skip
    assert first_qualifying_onset(subject) == date(2013, 4, 1)


def test_a_discontinuation_without_relation_counts_from_its_own_date() -> None:
    assert first_qualifying_onset(rows(event("2013-03-01"), STOPPED)) == date(2013, 6, 1)


def test_an_event_that_nothing_dates_gives_no_onset() -> None:
    assert first_qualifying_onset(rows(("AE", {"AETERM": "SYNCOPE", "AESER": "Y"}))) is None
    assert first_qualifying_onset(rows(event("--02-01", AESER="Y"))) is None


def test_the_related_event_counts_even_when_it_began_after_the_disposition_date() -> None:
    link: Values = {"RELID": "R1"}
    subject = rows(
        event("2013-07-01"), STOPPED, ("RELREC", link), ("RELREC", link), targets=((), (), (0,), (1,))
    )  # fmt: skip
    assert first_qualifying_onset(subject) == date(2013, 7, 1)
