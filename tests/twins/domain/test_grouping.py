"""Rows of one sponsor id are one event where they agree in the term; grouping hangs on the rows, not on their order."""

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.domain.variables import Value
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.twin import Twin

FACTORY = DigitalTwinFactory()


def change(
    record: str, sponsor_id: str, term: str, domain: str = "AE", operation: Operation = Operation.INSERT
) -> RecordChange:
    name = "AEDECOD" if domain == "AE" else "CMTRT"
    values: dict[str, Value] = {f"{domain}SPID": sponsor_id, name: term, f"{domain}STDTC": "2013-05-01"}
    return RecordChange(operation, f"{domain}/{record}", domain, values)


def terms(twin: Twin) -> list[str]:
    return sorted(event.term for event in twin.events())


def test_rows_that_agree_are_one_event_whatever_the_case_of_the_term() -> None:
    twin = FACTORY.build("S-1", [change("1", "E1", "HEADACHE"), change("2", "E1", "Headache ")])
    assert [len(event.rows) for event in twin.events()] == [2]


@pytest.mark.parametrize("domain", ["AE", "CM"])
def test_rows_of_a_form_are_as_many_events_as_terms(domain: str) -> None:
    rows = [change("1", "FORM", "INFARCTION", domain), change("2", "FORM", "HEADACHE", domain)]
    rows.append(change("3", "FORM", "HEADACHE", domain))
    for order in permutations(rows):
        twin = FACTORY.build("S-1", order)
        groups = twin.events() if domain == "AE" else twin.medications()
        assert sorted(len(group.rows) for group in groups) == [1, 2]


def test_the_id_of_an_event_stays_what_it_was_while_its_rows_agree() -> None:
    alone = FACTORY.build("S-1", [change("1", "E1", "HEADACHE")])
    twin = FACTORY.evolve(alone, [change("2", "E1", "FALL")])
    assert len(twin.events()) == 2
    back = FACTORY.evolve(twin, [change("2", "E1", "FALL", operation=Operation.WITHDRAW)])
    fresh = FACTORY.build("S-1", [change("1", "E1", "HEADACHE")])
    assert [event.id for event in back.events()] == [event.id for event in fresh.events()]


def test_a_corrected_term_moves_its_row() -> None:
    twin = FACTORY.build("S-1", [change("1", "E1", "HEADACHE"), change("2", "E1", "FALL")])
    twin = FACTORY.evolve(twin, [change("2", "E1", "HEADACHE", operation=Operation.UPDATE)])
    assert terms(twin) == ["HEADACHE"]
    twin = FACTORY.evolve(twin, [change("1", "E2", "HEADACHE", operation=Operation.UPDATE)])
    assert terms(twin) == ["HEADACHE", "HEADACHE"]


@given(
    st.lists(
        st.tuples(st.sampled_from("1234"), st.sampled_from(["E1", "E2"]), st.sampled_from(["A", "B"]), st.booleans()),
        max_size=12,
    )
)
def test_any_way_of_changes_ends_in_the_groups_of_a_fresh_build(steps: list[tuple[str, str, str, bool]]) -> None:
    twin = FACTORY.build("S-1", [])
    last: dict[str, RecordChange] = {}
    for record, sponsor_id, term, is_withdrawn in steps:
        operation = Operation.WITHDRAW if is_withdrawn else Operation.INSERT
        one = change(record, sponsor_id, term, operation=operation)
        twin = FACTORY.evolve(twin, [one])
        last.pop(record, None)
        if not is_withdrawn:
            last[record] = one
    fresh = FACTORY.build("S-1", last.values())
    assert {event.id: {row.id for row in event.rows} for event in twin.events()} == {
        event.id: {row.id for row in event.rows} for event in fresh.events()
    }
    assert twin.edges() == fresh.edges()
    assert dict(twin.facts) == dict(fresh.facts)
