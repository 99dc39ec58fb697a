"""A refresh touches only what moved."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.narratives.domain.currency.refresh import refresh, unaffected
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.verifying.verify import verify
from tests.narratives.building import changed, facts_in, seizure_rows, twin_of, without
from tests.narratives.domain.drafting import facts_of, text_of
from tests.narratives.synthetic import subject_of, synthetic_rows


def test_a_refresh_keeps_unaffected_sentences_byte_identical() -> None:
    before, after = seizure_rows(), changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07")
    edited = [replace(s, text=s.text.replace(".", " indeed.")) for s in text_of(before)]
    plan = make_plan(facts_of(after))
    renewed = refresh(edited, facts_of(before), facts_of(after), plan, text_of(after))
    rewritten = [s.message_key.split(":")[0] for s in renewed if "indeed" not in s.text]
    assert rewritten == ["outcome"]
    assert [s.message_key for s in renewed] == [message.key for message in plan.messages]


def test_a_sentence_whose_message_gains_a_fact_is_rewritten() -> None:
    before = seizure_rows()
    after = changed(before, "MH/4", MHCAT="HISTORICAL DIAGNOSIS", MHDECOD="FALL")
    kept = unaffected(text_of(before), facts_of(before), facts_of(after), make_plan(facts_of(after)))
    assert "past_history" not in kept
    assert "conditions" in kept


def test_a_sentence_that_has_become_ambiguous_is_rewritten() -> None:
    irritation = "APPLICATION SITE IRRITATION"
    second = {"AESPID": "E20", "AEDECOD": irritation, "AESTDTC": "2013-07-01", "AEOUT": "UNKNOWN", "AESER": "Y"}
    before, after = seizure_rows(), changed(seizure_rows(), "AE/9", **second)
    plan = make_plan(facts_of(after))
    renewed = refresh(text_of(before), facts_of(before), facts_of(after), plan, text_of(after))
    assert any("irritation of 24 May 2013" in sentence.text for sentence in renewed)
    assert verify(renewed, facts_of(after)).is_clean


def test_a_message_that_is_no_longer_planned_is_dropped() -> None:
    before, after = seizure_rows(), without(seizure_rows(), "AE/4")
    plan = make_plan(facts_of(after))
    renewed = refresh(text_of(before), facts_of(before), facts_of(after), plan, [])
    assert not any("hallucination" in sentence.text for sentence in renewed)
    assert verify(renewed, facts_of(after)).is_clean


@pytest.mark.parametrize("record", ["AE/0-0", "DM/1"])
@given(seed=st.integers(min_value=0, max_value=10**6))
@settings(max_examples=25, deadline=None)
def test_a_refreshed_text_is_as_clean_as_a_new_one(record: str, seed: int) -> None:
    rows, subject = synthetic_rows(seed), subject_of(seed)
    later = without(rows, record) if record.startswith("AE") else changed(rows, record, RFXENDTC="2014-12-31")
    old, new = facts_in(twin_of(rows, subject)), facts_in(twin_of(later, subject))
    plan = make_plan(new)
    renewed = refresh(realise(make_plan(old), old), old, new, plan, realise(plan, new))
    assert verify(renewed, new).is_clean
    assert [s.message_key for s in renewed] == [message.key for message in plan.messages]
