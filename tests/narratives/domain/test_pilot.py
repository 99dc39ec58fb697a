"""The traps of the pilot, read in the text a physician would read."""

import pytest

from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from tests.narratives import pilot
from tests.narratives.building import facts_in
from tests.pilot.package import ABSENT, IS_HERE

pytestmark = [pytest.mark.pilot, pytest.mark.skipif(not IS_HERE, reason=ABSENT)]


def _told(subject: str, topic: str) -> list[str]:
    facts = facts_in(pilot.pilot_twin(subject))
    return [s.text for s in realise(make_plan(facts), facts) if s.message_key.split(":")[0] == topic]


def test_01_718_1371_had_an_unrelated_seizure_and_stopped_for_site_irritation() -> None:
    onset = next(text for text in _told("01-718-1371", "onset") if "seizures" in text)
    assert "02 Jun 2013 (day 38)" in onset
    assert "severe partial seizures with secondary generalisation" in onset
    assert "hospitalised" not in onset
    causality = next(text for text in _told("01-718-1371", "causality") if "seizures" in text)
    assert "not related" in causality
    (left,) = _told("01-718-1371", "disposition")
    assert "application site irritation" in left
    assert "08 Aug 2013" in left
    assert "seizure" not in left


def test_01_704_1445_has_dosing_recorded_to_the_day_after_the_fatal_event() -> None:
    conflicts = " ".join(_told("01-704-1445", "date_conflict"))
    assert "1 day after the onset of the fatal event" in conflicts
    assert "01 Nov 2014" in conflicts
    assert "day 174" in _told("01-704-1445", "onset")[0]


def test_01_701_1211_tells_the_dyspnoea_and_confusion_before_the_death() -> None:
    facts = facts_in(pilot.pilot_twin("01-701-1211"))
    sentences = realise(make_plan(facts), facts)
    before = next(i for i, s in enumerate(sentences) if "dyspnoea" in s.text.lower())
    fatal = next(i for i, s in enumerate(sentences) if "sudden death" in s.text.lower())
    assert "11 Jan 2013" in sentences[before].text
    assert "confusional state" in sentences[before].text.lower()
    assert before < fatal


def test_01_710_1083_died_of_a_possibly_related_infarction_with_the_flag_unset() -> None:
    assert "possibly related" in _told("01-710-1083", "causality")[0]
    assert "seriousness flag was not set" in _told("01-710-1083", "seriousness")[0].lower()
    assert any("02 Aug 2013" in text for text in _told("01-710-1083", "death"))
    assert "post-mortem" in _told("01-710-1083", "post_mortem")[0].lower() or "autopsy" in str(
        _told("01-710-1083", "post_mortem")
    )


def test_01_710_1271_tells_its_five_events_by_day() -> None:
    first, second = _told("01-710-1271", "onset")
    assert all(term in first.lower() for term in ("atrial fibrillation", "dyspnoea", "myocardial infarction"))
    assert all(term in second.lower() for term in ("cardiac failure congestive", "hyponatraemia"))
    assert "myocardial infarction" in _told("01-710-1271", "disposition")[0]


def test_01_718_1066_discontinued_for_the_second_of_two_syncopes() -> None:
    assert "syncope of 30 Jul 2013" in _told("01-718-1066", "disposition")[0]


def test_01_705_1186_states_multiples_and_no_diagnosis() -> None:
    results = " ".join(_told("01-705-1186", "results"))
    assert all(
        multiple in results for multiple in ("3.34\u00a0×\u00a0ULN", "3.97\u00a0×\u00a0ULN", "5.94\u00a0×\u00a0ULN")
    )
    assert "hy's law" not in results.lower()
    assert "no death, serious adverse event" in _told("01-705-1186", "no_event")[0].lower()


def test_action_taken_is_not_recorded_in_any_narrative_of_the_pilot() -> None:
    for subject in pilot.subjects()[:60]:
        assert all("not recorded" in text for text in _told(subject, "action"))
