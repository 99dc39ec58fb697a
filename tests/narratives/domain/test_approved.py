"""Facts and sentences as they were read and approved: a changed word, order, source or citation is seen."""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from apps.narratives.domain.facts.fact import FACTS
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.grammar import Voice
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.verifying.report import FINDINGS
from apps.narratives.domain.verifying.verify import verify
from apps.twins.domain.twin import Twin
from tests.approved import assert_approved
from tests.narratives.building import SUBJECT, death_rows, facts_in, seizure_rows, twin_of
from tests.narratives.mutators import MUTATORS
from tests.narratives.synthetic import synthetic_twin

APPROVED = Path(__file__).parent / "approved"
SEEDS = range(0, 40)


def twins() -> Iterator[tuple[str, Twin]]:
    yield "seizure", twin_of(seizure_rows(), SUBJECT)
    yield "death", twin_of(death_rows(), SUBJECT)
    for seed in SEEDS:
        yield f"seed {seed}", synthetic_twin(seed)


def sentences(facts: FactSet) -> Iterator[str]:
    """Each sentence with the message it came from, the facts it cites and the elements it covers."""
    for sentence in realise(make_plan(facts), facts):
        yield f"[{sentence.section} {sentence.message_key}] {sentence.text}"
        yield f"    {' '.join(sentence.fact_ids)} | {' '.join(sentence.elements)}"


def test_the_sentences_of_subjects_of_every_kind_are_the_approved_ones() -> None:
    told = [line for name, twin in twins() for line in (f"# {name}", *sentences(facts_in(twin)), "")]
    assert_approved("\n".join(told), APPROVED / "sentences.txt")


@pytest.mark.parametrize("rows", [seizure_rows, death_rows])
def test_the_facts_of_a_subject_are_the_approved_ones(rows: object) -> None:
    facts = facts_in(twin_of(rows(), SUBJECT))  # type: ignore[operator]
    entities = [f"{entity.kind} {entity.id}" for entity in facts.entities]
    stated = [json.dumps(FACTS.write(fact), ensure_ascii=False, sort_keys=True) for fact in facts.facts]
    told = [*entities, "", *stated, ""]
    assert_approved("\n".join(told), APPROVED / f"{rows.__name__}.txt")  # type: ignore[attr-defined]


@pytest.mark.parametrize("turn", range(3))
def test_every_way_to_say_a_thing_is_the_approved_one(turn: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A subject's own key chooses among the ways; here every subject takes the first, the second, the third of each."""
    monkeypatch.setattr(Voice, "pick", lambda voice, slot, options: options[turn % len(options)])
    told = [
        sentence.text
        for _, twin in twins()
        if (facts := facts_in(twin))
        for sentence in realise(make_plan(facts), facts)
    ]
    assert_approved("\n".join([*sorted(set(told)), ""]), APPROVED / f"ways_{turn + 1}.txt")


def test_what_the_check_finds_in_each_kind_of_lie_is_the_approved_finding() -> None:
    """Where it is, what was found and what was expected: a finding that points elsewhere helps nobody."""
    told = []
    for rows in (seizure_rows, death_rows):
        facts = facts_in(twin_of(rows(), SUBJECT))
        for name, mutator in sorted(MUTATORS.items()):
            for sentence in realise(make_plan(facts), facts):
                for lie in islice(mutator(sentence, facts), 1):
                    told.append(f"# {name}: {lie.text}")
                    told += [
                        json.dumps(FINDINGS.write(finding), ensure_ascii=False, sort_keys=True)
                        for finding in verify([lie], facts).findings
                    ]
    assert_approved("\n".join([*told, ""]), APPROVED / "findings.txt")
