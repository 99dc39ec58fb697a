"""Error injection: true narratives made false in every way the product knows of; nothing may get through."""

import pytest

from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.facts.relevance import qualifying_events
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.verify import verify
from tests.narratives import pilot
from tests.narratives.building import SUBJECT, death_rows, facts_in, seizure_rows, twin_of
from tests.narratives.mutators import MUTATORS
from tests.narratives.synthetic import synthetic_twin
from tests.pilot.package import ABSENT, IS_HERE

SYNTHETIC = range(0, 300, 20)


def _survivors(facts: FactSet, mutator: str) -> list[str]:
    return [
        f"{sentence.text} -> {lie.text}"
        for sentence in realise(make_plan(facts), facts)
        for lie in MUTATORS[mutator](sentence, facts)
        if verify([lie], facts).supported
    ]


@pytest.mark.parametrize("mutator", MUTATORS)
def test_no_lie_about_a_made_up_subject_gets_through(mutator: str) -> None:
    twins = [synthetic_twin(seed) for seed in SYNTHETIC]
    twins += [twin_of(rows, SUBJECT) for rows in (seizure_rows(), death_rows())]
    survivors = [lie for twin in twins for lie in _survivors(facts_in(twin), mutator)]
    assert not survivors


def test_every_mutator_finds_something_to_change() -> None:
    facts = [facts_in(synthetic_twin(seed)) for seed in SYNTHETIC]
    for name, mutator in MUTATORS.items():
        lies = (lie for one in facts for sentence in realise(make_plan(one), one) for lie in mutator(sentence, one))
        assert isinstance(next(lies, None), Sentence), name


def test_every_sentence_that_is_dropped_is_missed() -> None:
    for rows in (seizure_rows(), death_rows()):
        facts = facts_in(twin_of(rows))
        sentences = realise(make_plan(facts), facts)
        for dropped in sentences:
            required = {fact_id for fact_id in dropped.fact_ids if facts.by_id[fact_id].elements}
            elsewhere = {fact_id for other in sentences if other is not dropped for fact_id in other.fact_ids}
            report = verify([sentence for sentence in sentences if sentence is not dropped], facts)
            assert {item.fact_id for item in report.omitted} == required - elsewhere


@pytest.mark.pilot
@pytest.mark.skipif(not IS_HERE, reason=ABSENT)
def test_the_pilots_narratives_raise_no_false_alarm_and_leave_nothing_out() -> None:
    wrong = []
    for subject in pilot.subjects():
        facts = facts_in(pilot.pilot_twin(subject))
        report = verify(realise(make_plan(facts), facts), facts)
        wrong += [] if report.is_clean else [(subject, report.findings, report.omitted)]
    assert not wrong


@pytest.mark.pilot
@pytest.mark.skipif(not IS_HERE, reason=ABSENT)
@pytest.mark.parametrize("mutator", MUTATORS)
def test_no_lie_about_a_pilot_subject_gets_through(mutator: str) -> None:
    needed = [subject for subject in pilot.subjects() if qualifying_events(pilot.pilot_twin(subject)).is_needed]
    survivors = [lie for subject in needed[::17] for lie in _survivors(facts_in(pilot.pilot_twin(subject)), mutator)]
    assert not survivors
