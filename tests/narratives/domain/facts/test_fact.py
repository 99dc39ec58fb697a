"""Facts keep their id, their provenance and their reason for being absent."""

import json

import pytest

from apps.core.domain.stored import StoredDataError
from apps.narratives.domain.facts.fact import ELEMENTS, FACTS, Absence, Attribution, Kind, Role
from apps.narratives.domain.facts.fact_set import Entity, EntityKind, FactSet, FactSetError, factset
from apps.narratives.domain.facts.stating import precision_of, stated
from tests.narratives.building import changed, seizure_rows
from tests.narratives.domain.drafting import fact_in, facts_of


def test_a_fact_set_survives_json_unchanged() -> None:
    facts = facts_of(seizure_rows())
    again = FactSet.from_json(json.loads(json.dumps(facts.as_json())))
    assert again == facts
    assert again.sha256 == facts.sha256


def test_the_hash_moves_with_any_value() -> None:
    rows = seizure_rows()
    assert facts_of(rows).sha256 == facts_of(seizure_rows()).sha256
    assert facts_of(rows).sha256 != facts_of(changed(rows, "AE/1", AEENDTC="2013-06-06")).sha256


def test_fact_ids_stay_when_values_change() -> None:
    before = facts_of(seizure_rows())
    after = facts_of(
        changed(seizure_rows(), "AE/1", AEENDTC="2013-06-06", AEOUT="RECOVERED/RESOLVED WITH SEQUELAE", AESEV="MILD")
    )
    assert {fact.id for fact in before.facts} == {fact.id for fact in after.facts}


def test_a_missing_value_says_why_and_has_no_unit() -> None:
    fact = stated("X/1", Role.AGE, "Age", Kind.AGE, None, unit="years", absence=Absence.NOT_IN_DATA)
    assert (fact.value, fact.unit, fact.absence, fact.text, fact.is_absent) == (
        None,
        None,
        Absence.NOT_IN_DATA,
        "",
        True,
    )


def test_terms_are_cleaned_before_they_become_facts() -> None:
    fact = stated("X/1", Role.TERM, "Event", Kind.TERM, "see <b>http://x.org</b>\u202e now")
    assert fact.value == "see now"
    assert stated("X/1", Role.TERM, "Event", Kind.TERM, "<b>").absence is Absence.NOT_RECORDED


@pytest.mark.parametrize(
    ("text", "precision"), [("2013-06-02", "day"), ("2013-06", "month"), ("2013", "year"), ("x", None)]
)
def test_dates_know_their_precision(text: str, precision: str | None) -> None:
    assert precision_of(text) == precision


def test_no_value_has_no_precision() -> None:
    assert precision_of(None) is None


def test_causality_is_attributed_to_the_investigator_and_results_to_the_laboratory() -> None:
    facts = facts_of(seizure_rows())
    assert fact_in(facts, Role.CAUSALITY).attribution is Attribution.INVESTIGATOR
    assert fact_in(facts, Role.RESULT).attribution is Attribution.LABORATORY


def test_every_fact_names_known_elements() -> None:
    assert {element for fact in facts_of(seizure_rows()).facts for element in fact.elements} <= ELEMENTS.keys()


def test_every_recorded_fact_of_an_event_names_its_source() -> None:
    facts = facts_of(seizure_rows())
    outcome = fact_in(facts, Role.OUTCOME, "PARTIAL SEIZURES WITH SECONDARY GENERALISATION")
    assert outcome.sources == ("AE/1.AEOUT",)


def test_two_facts_of_one_id_are_refused() -> None:
    fact = stated("X/1", Role.AGE, "Age", Kind.AGE, 3)
    with pytest.raises(FactSetError, match="share an id"):
        factset("S", [Entity("X/1", EntityKind.SUBJECT)], [fact, fact])


def test_a_fact_about_nothing_is_refused() -> None:
    with pytest.raises(FactSetError, match="entities of the set"):
        factset("S", [], [stated("X/1", Role.AGE, "Age", Kind.AGE, 3)])


def test_another_format_is_refused() -> None:
    with pytest.raises(FactSetError, match="format 7"):
        FactSet.from_json({"format": 7})


def test_a_garbled_fact_set_is_refused() -> None:
    data = facts_of(seizure_rows()).as_json()
    del data["facts"][0]["kind"]
    with pytest.raises(StoredDataError, match=r"facts\.0\.kind: missing"):
        FactSet.from_json(data)


def test_a_fact_survives_json() -> None:
    fact = stated("X/1", Role.DOSE, "Dose", Kind.CODE, None, absence=Absence.WITHHELD, elements=("E15",))
    assert FACTS.read(FACTS.write(fact)) == fact


def test_absence_is_no_number() -> None:
    assert stated("X", Role.DOSE, "Dose", Kind.DOSE, None).absence is Absence.NOT_RECORDED
