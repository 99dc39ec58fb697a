"""The one law of the twin: building it at once equals evolving it step by step, in any partition."""

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import BlindingRules
from apps.studies.domain.changes import Operation, RecordChange
from apps.twins.domain.archive import pack, unpack
from apps.twins.domain.fold import DigitalTwinFactory
from apps.twins.domain.projection import project
from apps.twins.domain.summary import summarise
from apps.twins.domain.twin import Twin
from tests.twins.domain.histories import histories

factory = DigitalTwinFactory()


def content(twin: Twin) -> dict[str, Any]:
    """Everything that a reader can learn from a twin, in a fixed order."""
    return {
        "nodes": sorted((node, data["kind"], dict(data["values"])) for node, data in twin.graph.nodes(data=True)),
        "edges": sorted(twin.graph.edges(keys=True)),
        "facts": dict(twin.facts),
        "summary": summarise(twin),
        "events": twin.events(),
        "medications": twin.medications(),
    }


@given(histories(), st.data())
@settings(max_examples=200, deadline=None)
def test_build_equals_any_sequence_of_evolves(changes: list[RecordChange], data: st.DataObject) -> None:
    built = factory.build("S1", changes)
    evolved = Twin("S1")
    position = 0
    while position < len(changes):
        step = data.draw(st.integers(1, 5))
        factory.evolve(evolved, changes[position : position + step])
        if data.draw(st.booleans()):
            assert evolved.facts is not None
        position += step
    assert content(evolved) == content(built)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_a_history_equals_its_end_state_built_from_a_snapshot(changes: list[RecordChange]) -> None:
    twin = factory.build("S1", [replace(change, hidden=change.concealed) for change in changes])
    again = factory.build("S1", unpack(pack(twin.all_rows(), Audience.UNBLINDED)))
    assert content(again) == content(twin)


@given(histories())
@settings(max_examples=100, deadline=None)
def test_the_blinded_twin_is_the_fold_of_the_blinded_history(changes: list[RecordChange]) -> None:
    shown = [change for change in (project(c, Audience.BLINDED) for c in changes) if change is not None]
    blinded = factory.build("S1", shown)
    packed = factory.build("S1", unpack(pack(factory.build("S1", changes).all_rows(), Audience.BLINDED)))
    assert content(blinded) == content(packed)
    assert not blinded.rows("EX")
    assert not any("dose" in name and "day" not in name for name in (fact.name for fact in blinded.facts.values()))


def test_a_withdrawal_of_an_unknown_record_changes_nothing() -> None:
    twin = factory.build("S1", [RecordChange(Operation.WITHDRAW, "AE/1", "AE", {})])
    assert len(twin) == 0


def test_rows_of_one_sponsor_id_are_one_event_with_a_severity_history() -> None:
    mild = {"AESPID": "E1", "AEDECOD": "RASH", "AESEV": "MILD", "AESTDTC": "2013-05-24", "AEDTC": "2013-05-24"}
    worse = {**mild, "AESEV": "MODERATE", "AEDTC": "2013-08-08", "AEOUT": "NOT RECOVERED/NOT RESOLVED"}
    twin = factory.build(
        "S1",
        [RecordChange(Operation.INSERT, "AE/2", "AE", worse), RecordChange(Operation.INSERT, "AE/1", "AE", mild)],
    )
    (event,) = twin.events()
    assert [episode.severity for episode in event.severities] == ["MILD", "MODERATE"]
    assert (event.worst_severity, event.onset, event.end) == ("MODERATE", "2013-05-24", None)
    assert twin.graph.has_edge("AE/2", "AE/1", key="FOLLOWS")


def test_not_recovered_with_an_end_date_closes_a_severity_episode_not_the_event() -> None:
    values = {
        "AEDECOD": "RASH",
        "AESTDTC": "2013-05-24",
        "AEENDTC": "2013-06-01",
        "AEOUT": "NOT RECOVERED/NOT RESOLVED",
    }
    twin = factory.build("S1", [RecordChange(Operation.INSERT, "AE/1", "AE", values)])
    (event,) = twin.events()
    assert event.end is None
    assert event.severities[0].end == "2013-06-01"


def test_seriousness_is_by_flag_or_by_any_criterion_and_a_contradiction_is_said() -> None:
    values = {"AEDECOD": "RASH", "AESER": "N", "AESHOSP": "Y"}
    twin = factory.build("S1", [RecordChange(Operation.INSERT, "AE/1", "AE", values)])
    facts = {fact.name: fact.value for fact in twin.facts.values()}
    assert facts["is_serious"] is True
    assert facts["seriousness_criteria"] == "hospitalisation"
    assert facts["seriousness_flag_contradicts"] is True
    assert twin.events()[0].is_fatal is False


@given(histories())
@settings(max_examples=100, deadline=None)
def test_the_line_of_a_subject_says_what_blinded_readers_know(changes: list[RecordChange]) -> None:
    rules = BlindingRules(variables=frozenset({"AE.AESEV", "AE.AESER"}), tests=frozenset({"LB.ALT"}))
    ruled = [replace(change, hidden=rules.hidden_in(change.domain, change.values)) for change in changes]
    shown = [seen for change in ruled if (seen := project(change, Audience.BLINDED)) is not None]
    assert summarise(factory.build("S1", ruled)) == summarise(factory.build("S1", shown))
