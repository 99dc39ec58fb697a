"""The realiser writes what the facts say, in English, and touches no sentence whose facts did not move."""

import re
from collections import Counter
from itertools import combinations

import pytest

from apps.narratives.domain.facts.fact import Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.messages import Section, Topic
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.disposition import date_conflict
from apps.narratives.domain.realiser.realise import CONSTRUCTIONS, realise
from apps.narratives.domain.realiser.referring import Speaker
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.reading import read_sentence
from apps.narratives.domain.verifying.verify import verify
from apps.studies.domain.dates import display_days
from tests.narratives.building import Rows, changed, death_rows, facts_in, seizure_rows, without
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


def test_a_criterion_of_hospitalisation_is_no_stay_on_the_day_of_onset() -> None:
    """AESHOSP says that the event met the criterion; no record says when a stay began."""
    told = text_of(seizure_rows())
    onset = next(sentence for sentence in told if "02 Jun 2013 (day 38)" in sentence.text)
    assert "severe partial seizures with secondary generalisation" in onset.text
    assert not [sentence.text for sentence in told if "hospitalised" in sentence.text]
    assert "criterion of hospitalisation" in " ".join(sentence.text for sentence in told)


def test_a_severity_that_changed_is_told_by_its_records_and_not_at_onset() -> None:
    told = [sentence.text for sentence in text_of(seizure_rows()) if "irritation" in sentence.text]
    assert not [text for text in told if "oderate application site irritation" in text]
    assert [text for text in told if "mild on 24 May 2013 and moderate on 08 Aug 2013" in text]


@pytest.mark.parametrize(
    ("start", "end", "topic"),
    [
        ("2011", None, "medication"),
        ("2013-05-23", "2013-06-20", "medication"),
        ("2013-05-01", "2013-05-23", "ended_medication"),
        (None, "2013-05-20", "ended_medication"),
        ("2013-05-24", None, "later_medication"),
        ("2013-06", None, "later_medication"),
        ("2013-05", None, "undated_medication"),
        ("2013", "2013-06-20", "undated_medication"),
        (None, None, "undated_medication"),
        ("2013-05-01", "2013-05", "undated_medication"),
    ],
)
def test_a_medication_is_told_on_the_side_of_the_onset_where_its_dates_put_it(
    start: str | None, end: str | None, topic: str
) -> None:
    rows = without(changed(seizure_rows(), "CM/1", CMSTDTC=start, CMENDTC=end), "CM/2")
    told = next(sentence for sentence in text_of(rows) if "ASA" in sentence.text)
    assert told.message_key.split(":")[0] == topic
    taking = any(words in told.text for words in ("taking", "took", "taken"))
    assert not taking or topic == "medication"
    assert ("until" in told.text) is (end is not None)
    assert end is None or f"until {display_days(end)}" in told.text
    assert report_of(rows).is_clean


def two_doses() -> Rows:
    """Rows of one medication that disagree in dose."""
    once_daily = {"CMTRT": "DONEPEZIL", "CMSPID": "9", "CMDOSU": "mg", "CMDOSFRQ": "QD", "CMROUTE": "ORAL"}
    lower = {"CMDOSE": 5, "CMSTDTC": "2012-03", "CMENDTC": "2013-05-31", "CMDTC": "2013-05-01"}
    higher = {"CMDOSE": 10, "CMSTDTC": "2013-06-01", "CMDTC": "2013-06-20"}
    return {**seizure_rows(), "CM/8": ("CM", once_daily | lower), "CM/9": ("CM", once_daily | higher)}


def test_rows_of_one_medication_that_disagree_in_dose_are_told_each_with_its_own_span() -> None:
    """The last dose was told with the first start."""
    told = [sentence.text.replace("\xa0", " ") for sentence in text_of(two_doses()) if "onepezil" in sentence.text]
    assert told == [
        "Concomitant medication taken once daily was Donepezil 5 mg (since Mar 2012, until 31 May 2013).",
        "She started Donepezil 10 mg once daily by mouth on 01 Jun 2013.",
    ]
    assert report_of(two_doses()).is_clean


def test_the_dose_of_one_regimen_is_a_lie_in_the_span_of_another() -> None:
    sentences, facts = text_of(two_doses()), facts_of(two_doses())
    lower, higher = (sentence for sentence in sentences if "onepezil" in sentence.text)
    for told, other in ((lower, higher), (higher, lower)):
        dose, lie = ("5\xa0mg", "10\xa0mg") if told is lower else ("10\xa0mg", "5\xa0mg")
        assert dose in told.text
        for cited in (told.fact_ids, (*told.fact_ids, *other.fact_ids)):
            swapped = Sentence(told.text.replace(dose, lie), cited)
            assert verify([swapped], facts).findings, swapped


def test_no_absence_is_told_of_more_than_was_looked_at() -> None:
    text = sentence_on(text_of(death_rows()), "no_measures").text
    assert "within 30 days of onset or end of the recorded event" in text.lower()
    undated = changed(death_rows(), "CM/9", CMSPID="9", CMTRT="ASA", CMSTDTC="2014")
    assert "could not be determined" in sentence_on(text_of(undated), "no_measures").text


def test_a_dose_that_can_be_none_is_not_told() -> None:
    for details in ({"CMDOSE": 0}, {"CMDOSU": "TABLET", "CMROUTE": "TOPICAL"}):
        rows = changed(seizure_rows(), "CM/1", **details)
        told = next(sentence.text for sentence in text_of(rows) if "ASA" in sentence.text)
        assert "ASA 0" not in told
        assert "tablet" not in told
    assert "325" in next(sentence.text for sentence in text_of(seizure_rows()) if "ASA" in sentence.text)


def test_a_result_is_told_as_the_laboratory_reported_it() -> None:
    reported = {"LBORRES": "7.3", "LBORRESU": "mg/dL", "LBORNRLO": "0.2", "LBORNRHI": "1.2"}
    rows = changed(seizure_rows(), "LB/1", **reported)
    text = " ".join(sentence.text for sentence in text_of(rows))
    assert "7.3\u00a0mg/dL" in text
    assert "124.83" not in text
    assert "5.94" in text
    assert report_of(rows).is_clean


@pytest.mark.parametrize("unit", ["mIU/L", "mL/min/1.73m2", "THOU/uL", "SACHET (5 g)", "pg/mL"])
def test_a_unit_is_told_and_checked_as_it_was_recorded(unit: str) -> None:
    rows = changed(seizure_rows(), "LB/2", LBSTRESU=unit)
    assert report_of(rows).is_clean


def test_a_bound_is_told_with_its_sign() -> None:
    rows = changed(seizure_rows(), "LB/2", LBSTRESN=None, LBSTRESC="<1.1", LBORRES="<20")
    assert "<1.1\u00a0g/L" in " ".join(sentence.text for sentence in text_of(rows))
    assert report_of(rows).is_clean


def test_the_course_goes_forward_in_time() -> None:
    dated = {Topic.OTHER_EVENTS: Role.ONSET, Topic.RESULTS: Role.COLLECTED, Topic.LATER_MEDICATION: Role.START}
    for seed in range(60):
        facts = facts_in(synthetic_twin(seed))
        days = []
        for message in make_plan(facts).messages:
            if message.section is Section.COURSE and message.topic in dated:
                told = [facts.by_id[fact] for fact in message.fact_ids]
                days.append(min(fact.text[:10] or "~" for fact in told if fact.role is dated[message.topic]))
        assert days == sorted(days)


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
    onsets = [sentence for sentence in text_of(rows) if sentence.message_key.startswith("onset")]
    onset = next(sentence for sentence in onsets if "seizures" in sentence.text)
    assert "in jun 2013" in onset.text.lower()
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
        facts = facts_in(synthetic_twin(seed))
        skeletons.append({_skeleton(sentence, facts) for sentence in realise(make_plan(facts), facts)})
    likeness = [len(a & b) / len(a | b) for a, b in combinations(skeletons, 2)]
    assert sum(likeness) / len(likeness) < 0.5
    most_common = Counter(skeleton for found in skeletons for skeleton in found).most_common(1)[0]
    assert most_common[1] <= 0.3 * len(skeletons), most_common
