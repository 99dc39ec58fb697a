"""The realiser writes what the facts say, in English, and touches no sentence whose facts did not move."""

import re
from collections import Counter
from itertools import combinations

import pytest

from apps.narratives.domain.extract import extract_facts
from apps.narratives.domain.facts import Role
from apps.narratives.domain.factset import FactSet
from apps.narratives.domain.plan import Section, Topic, make_plan
from apps.narratives.domain.reading import read_sentence
from apps.narratives.domain.realise import CONSTRUCTIONS, realise
from apps.narratives.domain.reference import Speaker
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.speak_closing import date_conflict
from tests.narratives.building import changed, death_rows, seizure_rows, without
from tests.narratives.domain.drafting import facts_of, report_of, sentence_on, text_of
from tests.narratives.synthetic import synthetic_twin


def test_every_topic_has_a_construction() -> None:
    assert set(CONSTRUCTIONS) == set(Topic)


def test_equal_facts_give_equal_text() -> None:
    assert text_of(seizure_rows()) == text_of(seizure_rows())


def test_the_sections_stand_in_reading_order() -> None:
    sections = [name for name, _ in make_plan(facts_of(seizure_rows())).sections()]
    assert sections == sorted(sections, key=list(Section).index)


def test_every_required_fact_is_in_the_text() -> None:
    for rows in (seizure_rows(), death_rows()):
        cited = {fact_id for sentence in text_of(rows) for fact_id in sentence.fact_ids}
        assert {fact.id for fact in facts_of(rows).required()} <= cited


def test_a_single_serious_event_is_told_with_its_hospital_stay() -> None:
    onset = next(sentence for sentence in text_of(seizure_rows()) if "hospitalised" in sentence.text)
    assert "severe partial seizures with secondary generalisation" in onset.text
    assert "02 Jun 2013 (day 38)" in onset.text


def test_the_cause_of_discontinuation_is_the_related_event() -> None:
    sentence = sentence_on(text_of(seizure_rows()), "disposition")
    assert "application site irritation" in sentence.text
    assert "seizure" not in sentence.text


def test_two_events_of_one_term_are_told_apart_by_their_onset() -> None:
    second = {
        "AESPID": "E20", "AETERM": "APPLICATION SITE IRRITATION", "AEDECOD": "APPLICATION SITE IRRITATION",
        "AESEV": "MILD", "AESTDTC": "2013-07-01", "AEOUT": "UNKNOWN", "AESER": "Y",
    }  # fmt: skip
    rows = changed(seizure_rows(), "AE/9", **second)
    assert "application site irritation of 24 May 2013" in sentence_on(text_of(rows), "disposition").text
    assert report_of(rows).is_clean


def test_a_partial_onset_stays_partial() -> None:
    rows = changed(seizure_rows(), "AE/1", AESTDTC="2013-06", AEENDTC=None)
    onset = next(sentence for sentence in text_of(rows) if "hospitalised" in sentence.text)
    assert "in Jun 2013" in onset.text
    assert "(day" not in onset.text


def test_a_contradicted_seriousness_flag_is_stated_as_it_is() -> None:
    sentence = sentence_on(text_of(death_rows()), "seriousness")
    assert "death" in sentence.text
    assert "the seriousness flag was not set" in sentence.text.lower()


def test_dates_that_disagree_are_stated() -> None:
    conflicts = [
        sentence.text for sentence in text_of(death_rows()) if sentence.message_key.startswith("date_conflict")
    ]
    assert len(conflicts) == 3
    assert any("1 day after the onset of the fatal event" in text and "01 Nov 2014" in text for text in conflicts)


def test_a_conflict_without_a_pair_of_dates_is_an_error() -> None:
    with pytest.raises(KeyError, match="no pair of dates"):
        date_conflict(Speaker(facts_of(death_rows()), "date_conflict:other", ["SUBJECT/01-999-0001"]))


def test_a_fact_the_plan_did_not_give_is_an_error() -> None:
    with pytest.raises(KeyError, match="no fact in the role"):
        Speaker(facts_of(death_rows()), "x", ["SUBJECT/01-999-0001"]).need(Role.CAUSE)


def test_no_sentence_names_a_treatment() -> None:
    text = " ".join(sentence.text for sentence in text_of(seizure_rows())).lower()
    assert not re.search(r"placebo|xanomeline|81.mg|54.mg", text)


def test_a_change_moves_only_the_sentences_that_state_it() -> None:
    before = {sentence.message_key: sentence.text for sentence in text_of(seizure_rows())}
    after = {
        sentence.message_key: sentence.text
        for sentence in text_of(changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07"))
    }
    assert before.keys() == after.keys()
    moved = [key for key in before if before[key] != after[key]]
    assert [key.split(":")[0] for key in moved] == ["outcome"]


def test_a_new_event_leaves_all_other_sentences_as_they_are() -> None:
    before = {sentence.text for sentence in text_of(without(seizure_rows(), "AE/4"))}
    after = {sentence.text for sentence in text_of(seizure_rows())}
    assert before < after


def _skeleton(sentence: Sentence, facts: FactSet) -> str:
    reading = read_sentence(sentence.text, [facts.by_id[fact_id] for fact_id in sentence.fact_ids])
    text = reading.text
    places = [(span.start, span.end) for span in reading.mentions]
    places += [(span.start, span.end) for span in reading.values]
    for start, end in sorted(places, reverse=True):
        text = f"{text[:start]}#{text[end:]}"
    return re.sub(r"\b(?:she|he|the subject|her|his|the subject's|woman|man)\b", "@", text.lower())


def test_narratives_of_two_hundred_subjects_are_not_filled_in_forms() -> None:
    skeletons = []
    for seed in range(200):
        facts = extract_facts(synthetic_twin(seed))
        skeletons.append({_skeleton(sentence, facts) for sentence in realise(make_plan(facts), facts)})
    likeness = [len(a & b) / len(a | b) for a, b in combinations(skeletons, 2)]
    assert sum(likeness) / len(likeness) < 0.5
    most_common = Counter(skeleton for found in skeletons for skeleton in found).most_common(1)[0]
    assert most_common[1] <= 0.3 * len(skeletons), most_common
