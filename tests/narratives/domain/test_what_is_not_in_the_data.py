"""That nothing was recorded is said only of what the study has received; of the rest, that it is not in the data."""

from collections.abc import Mapping

import pytest

from apps.narratives.domain.facts.extract import extract_facts
from apps.narratives.domain.facts.fact import Absence, Role
from apps.narratives.domain.facts.fact_set import FactSet
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.verifying.verify import verify
from apps.studies.domain.variables import Value
from tests.narratives.building import RECEIVED, SUBJECT, Rows, death_rows, facts_in, seizure_rows, twin_of

RowsOf = Mapping[str, tuple[str, Mapping[str, Value]]]
BARE = {record: row for record, row in seizure_rows().items() if row[0] in {"DM", "AE"}}
UNDESCRIBED = {record: row for record, row in seizure_rows().items() if row[0] != "DM"}
ALONE = {record: row for record, row in seizure_rows().items() if row[0] == "DM"}


def facts_of(rows: RowsOf, *received: str) -> FactSet:
    return extract_facts(twin_of(rows), frozenset(received))


def text_of(facts: FactSet) -> str:
    return " ".join(sentence.text for sentence in realise(make_plan(facts), facts))


GAPS = [
    ("MH", Role.HISTORY, "edical history was not in the data."),
    ("CM", Role.MEDICATION, "Concomitant medication from within 30 days"),
    ("CM", Role.MEASURES, "Medication started within 30 days"),
    ("DS", Role.NO_DISPOSITION, "The end of participation in the study was not in the data."),
]


@pytest.mark.parametrize(("domain", "role", "told"), GAPS)
def test_what_the_study_never_received_is_not_in_the_data(domain: str, role: Role, told: str) -> None:
    facts = facts_of(BARE, *(RECEIVED - {domain}))
    fact = facts.get(facts.subject, role)
    assert fact is not None
    assert fact.absence is Absence.NOT_IN_DATA
    assert told in text_of(facts)


@pytest.mark.parametrize(("domain", "role", "told"), GAPS)
def test_what_the_study_received_and_holds_none_of_was_not_recorded(domain: str, role: Role, told: str) -> None:
    facts = facts_of(BARE, *RECEIVED)
    fact = facts.get(facts.subject, role)
    assert fact is not None
    assert fact.absence is Absence.NOT_RECORDED
    assert told not in text_of(facts)


@pytest.mark.parametrize("missing", ["AE", "DS"])
def test_that_nothing_happened_needs_events_and_dispositions(missing: str) -> None:
    facts = facts_of(ALONE, *(RECEIVED - {missing}))
    assert "A qualifying event was not in the data." in text_of(facts)
    assert "no death, serious" not in text_of(facts).lower()


def test_with_both_that_nothing_happened_is_said() -> None:
    assert "No death, serious adverse event or discontinuation" in text_of(facts_of(ALONE, *RECEIVED))


@pytest.mark.parametrize("received", [RECEIVED, frozenset()])
def test_a_disease_that_no_record_names_is_never_told_as_a_disease(received: frozenset[str]) -> None:
    facts = facts_of(BARE, *received)
    assert "with a treated disease" not in text_of(facts)
    assert "; the disease treated was not in the data." in text_of(facts)


@pytest.mark.parametrize("received", [RECEIVED, frozenset(), RECEIVED - {"CM"}, RECEIVED - {"AE", "MH"}])
@pytest.mark.parametrize("rows", [BARE, ALONE, UNDESCRIBED, seizure_rows(), death_rows()])
# The subject chooses among the wordings: eight of them meet every one.
@pytest.mark.parametrize("subject", [f"01-999-{number}" for number in range(8)])
def test_every_wording_of_every_gap_is_verified(received: frozenset[str], rows: Rows, subject: str) -> None:
    facts = extract_facts(twin_of(rows, subject), received)
    report = verify(realise(make_plan(facts), facts), facts)
    assert report.is_clean, (report.findings, report.omitted)


def test_a_text_that_says_not_recorded_of_what_was_never_received_is_blocked() -> None:
    known, unknown = facts_of(BARE, *RECEIVED), facts_of(BARE)
    assert not verify(realise(make_plan(known), known), unknown).is_clean
    assert not verify(realise(make_plan(unknown), unknown), known).is_clean


def test_what_was_asked_for_and_denied_is_neither_history_nor_medication() -> None:
    rows: Rows = {
        **BARE,
        "MH/8": ("MH", {"MHTERM": "DIABETES", "MHDECOD": "DIABETES MELLITUS", "MHPRESP": "Y", "MHOCCUR": "N"}),
        "CM/8": ("CM", {"CMTRT": "INSULIN", "CMSTDTC": "2013-06-03", "CMPRESP": "Y", "CMOCCUR": "N"}),
    }
    text = text_of(facts_in(twin_of(rows, SUBJECT))).lower()
    assert "diabetes" not in text
    assert "insulin" not in text


def test_an_illness_is_told_as_pre_existing_only_where_its_record_places_it_there() -> None:
    rows: Rows = {
        **BARE,
        "MH/8": ("MH", {"MHTERM": "ASTHMA", "MHDECOD": "ASTHMA", "MHCAT": "RESPIRATORY"}),
        "MH/9": ("MH", {"MHTERM": "GOUT", "MHDECOD": "GOUT", "MHCAT": "GENERAL", "MHENRTPT": "ONGOING"}),
    }
    facts = facts_in(twin_of(rows, SUBJECT))
    told = {sentence.message_key: sentence.text for sentence in realise(make_plan(facts), facts)}
    assert "asthma" in told["past_history"].lower()
    assert "gout" in told["conditions"].lower()
    assert "asthma" not in told["conditions"].lower()


def test_a_subject_without_demographics_has_no_age_and_no_dosing_made_up() -> None:
    text = text_of(facts_of(UNDESCRIBED, *RECEIVED))
    assert "person (age not in the data, sex not in the data)" in text
    assert "The dates of the first and last dose of study drug were not in the data." in text
    assert " she " not in text.lower()


def test_a_reason_for_leaving_that_nobody_coded_is_quoted_as_reported() -> None:
    left = {"DSTERM": "Moved to <b>another</b> city", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-08-08"}
    facts = facts_in(twin_of({**BARE, "DS/9": ("DS", left)}, SUBJECT))
    text = text_of(facts)
    assert "“moved to another city”" in text
    assert verify(realise(make_plan(facts), facts), facts).is_clean


def left(scope: str) -> Rows:
    """A subject whose drug was withdrawn for an event, with what DS says that ended."""
    event = {**BARE["AE/1"][1], "AEACN": "DRUG WITHDRAWN"}
    ended = {"DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSCAT": scope, "DSSTDTC": "2013-06-02"}
    return {**BARE, "AE/1": ("AE", event), "DS/9": ("DS", ended)}


@pytest.mark.parametrize("subject", [f"01-999-{number}" for number in range(8)])
def test_who_stops_the_drug_is_not_said_to_leave_the_study(subject: str) -> None:
    facts = facts_in(twin_of(left("STUDY TREATMENT"), subject))
    sentences = realise(make_plan(facts), facts)
    (told,) = [sentence.text for sentence in sentences if sentence.message_key.startswith("disposition")]
    assert "discontinued study drug" in told
    assert "articipation" not in told
    assert any("participation" in sentence.text for sentence in sentences if "no_disposition" in sentence.message_key)
    assert verify(sentences, facts).is_clean


@pytest.mark.parametrize("subject", [f"01-999-{number}" for number in range(8)])
def test_who_leaves_the_study_is_not_said_to_stop_the_drug_alone(subject: str) -> None:
    facts = facts_in(twin_of(left("STUDY PARTICIPATION"), subject))
    sentences = realise(make_plan(facts), facts)
    (told,) = [sentence.text for sentence in sentences if sentence.message_key.startswith("disposition")]
    assert "discontinued study drug" not in told
    assert verify(sentences, facts).is_clean


def test_a_text_that_ends_participation_where_the_drug_alone_ended_is_blocked() -> None:
    facts = facts_in(twin_of(left("STUDY TREATMENT"), SUBJECT))
    other = facts_in(twin_of(left("STUDY PARTICIPATION"), SUBJECT))
    assert not verify(realise(make_plan(other), other), facts).is_clean
    assert not verify(realise(make_plan(facts), facts), other).is_clean
