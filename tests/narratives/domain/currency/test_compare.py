"""Currency: what moved is found, what only looks different is not."""

from apps.narratives.domain.currency.compare import (
    REASONS,
    CurrencyState,
    Reason,
    ReasonKind,
    compare,
    is_same_value,
    value_text,
)
from apps.narratives.domain.facts.fact import Absence, Fact, Kind, Role
from apps.narratives.domain.facts.stating import stated
from apps.studies.domain.variables import Value
from tests.narratives.building import Rows, changed, result, seizure_rows, without
from tests.narratives.domain.drafting import Records, facts_of, text_of


def _compared(before: Records, after: Records) -> tuple[CurrencyState, list[Reason]]:
    report = compare(facts_of(before), text_of(before), facts_of(after))
    return report.currency, list(report.reasons)


def _fact(value: str | float | None, kind: Kind = Kind.CODE, unit: str | None = None) -> Fact:
    return stated("X/1", Role.OUTCOME, "Value", kind, value, unit=unit)


def test_nothing_changed_is_current() -> None:
    report = compare(facts_of(seizure_rows()), text_of(seizure_rows()), facts_of(seizure_rows()))
    assert report.is_current
    assert report.reasons == ()


def test_a_changed_cited_value_is_named_with_old_new_sentence_and_source() -> None:
    state, reasons = _compared(seizure_rows(), changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07"))
    assert state is CurrencyState.STALE_CITED
    end = next(reason for reason in reasons if reason.fact_id.endswith(".end"))
    assert (end.kind, end.old, end.new) == (ReasonKind.CITED, "2013-06-05", "2013-06-07")
    assert (end.old_text, end.new_text) == ("05 Jun 2013", "07 Jun 2013")
    assert end.sources == ("AE/1.AEENDTC",)
    assert [text_of(seizure_rows())[index].message_key.split(":")[0] for index in end.sentences] == ["outcome"]


def test_a_value_that_comes_back_is_current_again() -> None:
    there = changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07")
    back = changed(there, "AE/1", AEENDTC="2013-06-05")
    assert _compared(seizure_rows(), back)[0] is CurrencyState.CURRENT


def test_a_new_event_that_is_not_mentioned_is_an_omission_named_once() -> None:
    state, reasons = _compared(without(seizure_rows(), "AE/4"), seizure_rows())
    assert state is CurrencyState.STALE_OMISSION
    assert [(reason.kind, reason.new, reason.old) for reason in reasons] == [
        (ReasonKind.OMISSION, "HALLUCINATION, VISUAL", None)
    ]


def test_both_kinds_of_reasons_stand_together() -> None:
    after = changed(seizure_rows(), "AE/1", AEREL="POSSIBLE")
    state, reasons = _compared(without(seizure_rows(), "AE/4"), after)
    assert state is CurrencyState.STALE_CITED
    assert {reason.kind for reason in reasons} == {ReasonKind.CITED, ReasonKind.OMISSION}


def test_a_withdrawn_record_is_named() -> None:
    state, reasons = _compared(seizure_rows(), without(seizure_rows(), "MH/2"))
    assert state is CurrencyState.STALE_CITED
    assert {reason.kind for reason in reasons} == {ReasonKind.WITHDRAWN}
    term = next(reason for reason in reasons if reason.old == "HIATUS HERNIA")
    assert (term.new, term.new_text) == (None, "no longer among the facts")


def test_a_recorded_gap_is_a_change_of_the_cited_absence() -> None:
    after = changed(seizure_rows(), "AE/1", AEACN="DRUG INTERRUPTED")
    _, reasons = _compared(seizure_rows(), after)
    assert [(reason.old, reason.old_text, reason.new) for reason in reasons] == [
        (None, "not recorded", "DRUG INTERRUPTED")
    ]


def test_a_date_that_only_gains_precision_has_changed() -> None:
    before = changed(seizure_rows(), "MH/2", MHSTDTC="1993")
    assert _compared(before, changed(before, "MH/2", MHSTDTC="1993-05"))[0] is CurrencyState.STALE_CITED


def test_the_same_result_in_another_unit_changes_nothing() -> None:
    before = changed(seizure_rows(), "LB/2", **result("ALB", "Albumin", 30, "g/L", 35, 46, "LOW"))
    after = changed(seizure_rows(), "LB/2", **result("ALB", "Albumin", 3.0, "g/dL", 3.5, 4.6, "LOW"))
    assert _compared(before, after)[0] is CurrencyState.CURRENT


def test_bilirubin_in_conventional_units_is_the_same_bilirubin() -> None:
    conventional = result("BILI", "Bilirubin", 7.3, "mg/dL", 0.17544, 1.22807, "HIGH")
    assert _compared(seizure_rows(), changed(seizure_rows(), "LB/1", **conventional))[0] is CurrencyState.CURRENT


def test_spelling_and_spacing_change_nothing() -> None:
    values: dict[str, Value | None] = {"CMTRT": " asa ", "CMDOSE": 325.0}
    assert _compared(seizure_rows(), changed(seizure_rows(), "CM/1", **values))[0] is CurrencyState.CURRENT


def test_a_fact_that_was_known_and_not_cited_counts_once_it_changes() -> None:
    before, after = facts_of(seizure_rows()), facts_of(changed(seizure_rows(), "AE/1", AEREL="POSSIBLE"))
    silent = [sentence for sentence in text_of(seizure_rows()) if not sentence.message_key.startswith("causality")]
    report = compare(before, silent, after)
    assert [(reason.kind, reason.old, reason.new) for reason in report.reasons] == [
        (ReasonKind.OMISSION, "NONE", "POSSIBLE")
    ]


def test_a_citation_the_facts_never_had_is_passed_over() -> None:
    facts = facts_of(seizure_rows())
    sentences = [text_of(seizure_rows())[0]]
    assert compare(facts_of({}), sentences, facts).currency is CurrencyState.STALE_OMISSION


def test_equality_looks_at_what_is_said() -> None:
    assert is_same_value(_fact("Not  Recovered"), _fact("NOT RECOVERED"))
    assert is_same_value(_fact("5", Kind.DOSE, "mg"), _fact(5.0, Kind.DOSE, "MG"))
    assert is_same_value(_fact(5.94, Kind.MULTIPLE), _fact(5.95, Kind.MULTIPLE))
    assert not is_same_value(_fact(5.94, Kind.MULTIPLE), _fact(6.94, Kind.MULTIPLE))
    assert is_same_value(_fact("1-2", Kind.DOSE), _fact("1-2", Kind.DOSE))
    assert is_same_value(_fact(None), _fact(None))
    assert not is_same_value(_fact(None), _fact("x"))


def test_values_are_shown_as_people_read_them() -> None:
    assert value_text(None) == ""
    assert value_text(_fact(None)) == "not recorded"
    assert value_text(_fact(81, Kind.DOSE, "mg")) == "81\u00a0mg"
    assert value_text(stated("X", Role.DOSE, "Dose", Kind.DOSE, None, absence=Absence.WITHHELD)) == "withheld"


def test_reasons_survive_json() -> None:
    _, reasons = _compared(seizure_rows(), changed(seizure_rows(), "AE/1", AEENDTC="2013-06-07"))
    assert list(REASONS.read_all(REASONS.write_all(reasons))) == reasons


def test_a_narrative_of_an_uneventful_subject_goes_stale_with_the_first_serious_event() -> None:
    before: Rows = without(seizure_rows(), "AE/1", "DS/1", "RELREC/R1-0", "RELREC/R1-1", "RELREC/R1-2")
    state, reasons = _compared(before, seizure_rows())
    assert state is CurrencyState.STALE_CITED
    assert any(reason.new == "PARTIAL SEIZURES WITH SECONDARY GENERALISATION" for reason in reasons)
    assert any(reason.kind is ReasonKind.WITHDRAWN and reason.old_text == "not recorded" for reason in reasons)
