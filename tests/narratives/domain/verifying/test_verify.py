"""The verifier believes nothing: each way a sentence can be wrong has its code."""

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.narratives.domain.facts.fact import Fact, Role
from apps.narratives.domain.plan.planning import make_plan
from apps.narratives.domain.realiser.realise import realise
from apps.narratives.domain.sentences import Sentence
from apps.narratives.domain.verifying.report import FINDINGS, Finding, Severity, Verdict, VerificationReport
from apps.narratives.domain.verifying.verify import verify
from tests.narratives.building import changed, death_rows, facts_in, seizure_rows
from tests.narratives.domain.drafting import codes_of, fact_in, facts_of, report_of, sentence_on, text_of
from tests.narratives.synthetic import synthetic_twin

SEIZURE = "PARTIAL SEIZURES WITH SECONDARY GENERALISATION"
IRRITATION = "APPLICATION SITE IRRITATION"
FACTS = facts_of(seizure_rows())


def seizure(*roles: Role) -> list[Fact]:
    """Facts of the seizure in these roles, its term first."""
    return [fact_in(FACTS, role, SEIZURE) for role in (Role.TERM, *roles)]


@given(st.integers(min_value=0, max_value=10**9))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_realisers_text_is_always_clean(seed: int) -> None:
    facts = facts_in(synthetic_twin(seed))
    report = verify(realise(make_plan(facts), facts), facts)
    assert report.is_clean, (report.findings, report.omitted)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        (
            "The partial seizures with secondary generalisation began on 02 Jun 2013 (day 38).",
            (Role.ONSET, Role.ONSET_DAY),
        ),
        ("She had severe partial seizures with secondary generalisation.", (Role.SEVERITY,)),
        ("The investigator judged the partial seizures to be unrelated to study drug.", (Role.CAUSALITY,)),
        (
            "The partial seizures recovered on 2013-06-05, after a duration of four days.",
            (Role.OUTCOME, Role.END, Role.DURATION),
        ),
        ("She was admitted to hospital with partial seizures.", (Role.CRITERION,)),
    ],
)
def test_true_sentences_in_other_words_are_supported(text: str, roles: tuple[Role, ...]) -> None:
    found = codes_of(FACTS, text, *seizure(*roles))
    assert found <= {"V_UNKNOWN"} if "admitted" in text else not found


@pytest.mark.parametrize(
    ("text", "roles", "code"),
    [
        ("The partial seizures began on 03 Jun 2013.", (Role.ONSET,), "V_VALUE"),
        ("The partial seizures began on 05 Jun 2013.", (Role.ONSET, Role.END), "V_ROLE"),
        ("The partial seizures resolved on 02 Jun 2013.", (Role.ONSET, Role.END, Role.OUTCOME), "V_ROLE"),
        ("The partial seizures began on 02 Jun 2013 (day 41).", (Role.ONSET, Role.END_DAY), "V_ROLE"),
        ("The partial seizures began on 06/02/2013.", (Role.ONSET,), "V_VALUE"),
        ("The partial seizures lasted five days.", (Role.DURATION,), "V_VALUE"),
        ("The partial seizures began 4 days after the last dose.", (Role.DURATION, Role.DOSE_TIMING), "V_ROLE"),
        ("The partial seizures began 4 days later.", (Role.DURATION,), "V_ROLE"),
        ("Mild partial seizures were recorded.", (Role.SEVERITY,), "V_SEVERITY"),
        ("The partial seizures had not resolved.", (Role.OUTCOME,), "V_OUTCOME"),
        ("The partial seizures resolved.", (), "V_OUTCOME"),
        ("The partial seizures were possibly related to study drug.", (Role.CAUSALITY,), "V_CAUSALITY"),
        ("The sponsor judged the partial seizures not related.", (Role.CAUSALITY,), "V_ATTRIBUTION"),
        ("The partial seizures were not serious.", (Role.SERIOUS_FLAG,), "V_SERIOUSNESS"),
        ("The partial seizures were a life-threatening event.", (Role.CRITERION,), "V_SERIOUSNESS"),
        ("Study drug was interrupted for the partial seizures.", (Role.ACTION,), "V_ACTION"),
        ("The partial seizures began after the last dose of study drug.", (Role.DOSE_TIMING,), "V_ORDER"),
        ("The outcome of the partial seizures was not recorded.", (Role.OUTCOME,), "V_ABSENCE"),
        ("He had partial seizures.", (), "V_DEMOGRAPHY"),
        ("She died of partial seizures.", (Role.OUTCOME,), "V_DEATH"),
        ("She had partial seizures and dizziness.", (), "V_TERM"),
        ("She had partial seizures and cyanosis.", (), "V_UNKNOWN"),
        ("She had no partial seizures.", (), "V_NEGATION"),
        ("She had partial seizures, caused by study drug.", (), "V_CAUSAL"),
        ("She had partial seizures, which may have been related.", (Role.CAUSALITY,), "V_SPECULATION"),
        ("She had partial seizures but study drug was well tolerated.", (), "V_PROMOTION"),
        ("She had partial seizures on placebo.", (), "V_UNBLINDING"),
        ("She had partial seizures (see https://example.org).", (), "V_MARKUP"),
        ("She had partial seizures on N/A.", (), "V_RESIDUE"),
        ("Please note that she had partial seizures.", (), "V_INSTRUCTION"),
        ("She had “fits and falls” with partial seizures.", (), "V_QUOTE"),
        ("Subject 01-999-0002 had partial seizures.", (), "V_SUBJECT"),
        ("She had partial seizures. They were severe.", (Role.SEVERITY,), "V_PARSE"),
        ("She had partial seizures", (), "V_PARSE"),
        ("She had partial\u200b seizures.", (), "V_PARSE"),
        (" ", (), "V_PARSE"),
        ("She had partial seizures.", (Role.OUTCOME,), "V_OVERCITE"),
    ],
)
def test_a_false_sentence_is_found_with_its_code(text: str, roles: tuple[Role, ...], code: str) -> None:
    assert code in codes_of(FACTS, text, *seizure(*roles))


def test_a_fact_of_another_subject_cannot_be_cited() -> None:
    report = verify([Sentence("She had syncope.", ("EVENT/other.term",))], FACTS)
    assert [finding.code for finding in report.findings] == ["V_CITE"]
    assert report.unsupported == 1


def test_a_sentence_without_citation_is_unsupported() -> None:
    assert codes_of(FACTS, "She was a subject.") == {"V_CITE"}


def test_names_of_treatments_and_terms_of_the_study_are_known_to_the_verifier() -> None:
    sentence = Sentence("She had partial seizures with cyanosis.", (seizure()[0].id,))
    report = verify([sentence], FACTS, study_terms=["CYANOSIS"])
    assert "V_TERM" in {finding.code for finding in report.findings}


@pytest.mark.requirement("E6-411")
@pytest.mark.parametrize("word", ["marzanol", "zyx"])
def test_no_report_tells_which_words_are_names_of_treatments(word: str) -> None:
    sentence = Sentence(f"She had partial seizures on {word}.", (seizure()[0].id,))
    report = verify([sentence], FACTS, forbidden=["marzanol"])
    found = [(f.code, f.expected, f.found) for f in report.findings if word in f.found]
    assert found == [("V_UNKNOWN", "words of the narrative vocabulary", word)]


def test_a_name_of_everyday_words_is_found_like_an_unknown_word() -> None:
    sentence = Sentence("She had partial seizures in the study.", (seizure()[0].id,))
    without, named = (verify([sentence], FACTS, forbidden=names) for names in ([], ["in the study"]))
    assert {finding.code for finding in without.findings}.isdisjoint({"V_UNKNOWN"})
    assert [f.found for f in named.findings if f.code == "V_UNKNOWN"] == ["in the study"]


def test_a_recorded_term_that_blinded_readers_see_may_be_told() -> None:
    report = verify([Sentence("She had partial seizures.", (seizure()[0].id,))], FACTS, forbidden=["seizures"])
    assert "V_UNKNOWN" not in {finding.code for finding in report.findings}


def test_a_full_stop_inside_reported_words_does_not_end_the_sentence() -> None:
    rows = changed(seizure_rows(), "AE/1", AETERM="fell. Broke hip at 3 p.m. on 1 May")
    assert report_of(rows).is_clean


def test_single_letters_are_no_names_of_treatments() -> None:
    facts = facts_of(seizure_rows())
    assert verify(text_of(seizure_rows()), facts, forbidden=["A", "B", "1", "last"]).is_clean


def test_judgements_are_bound_to_the_event_they_stand_beside() -> None:
    both = [*seizure(Role.OUTCOME), *(fact_in(FACTS, role, IRRITATION) for role in (Role.TERM, Role.OUTCOME))]
    right = "The partial seizures resolved and the application site irritation had not resolved."
    wrong = "The partial seizures had not resolved and the application site irritation resolved."
    assert not codes_of(FACTS, right, *both)
    assert "V_OUTCOME" in codes_of(FACTS, wrong, *both)


def test_severities_are_bound_to_the_event_they_stand_before() -> None:
    both = [*seizure(Role.SEVERITY), *(fact_in(FACTS, role, IRRITATION) for role in (Role.TERM, Role.SEVERITY))]
    assert not codes_of(FACTS, "She had severe partial seizures and moderate application site irritation.", *both)
    assert "V_SEVERITY" in codes_of(
        FACTS, "She had moderate partial seizures and severe application site irritation.", *both
    )


def test_a_judgement_on_an_uncited_event_is_not_believed() -> None:
    other = [fact_in(FACTS, role, IRRITATION) for role in (Role.TERM, Role.OUTCOME)]
    text = "The application site irritation was recorded and the partial seizures had not resolved."
    assert "V_OUTCOME" in codes_of(FACTS, text, seizure()[0], *other)


def test_the_dates_of_a_severity_history_belong_to_their_severities() -> None:
    sentence = sentence_on(text_of(seizure_rows()), "severity_course")
    assert "mild on 24 May 2013 and moderate on 08 Aug 2013" in sentence.text
    swapped = (
        sentence.text.replace("24 May 2013", "X").replace("08 Aug 2013", "24 May 2013").replace("X", "08 Aug 2013")
    )
    assert verify([replace(sentence, text=swapped)], FACTS).contradicted == 1
    cited = [FACTS.by_id[fact_id] for fact_id in sentence.fact_ids]
    assert "V_ROLE" in codes_of(FACTS, "On 24 May 2013 application site irritation was recorded as mild.", *cited)


def test_doses_are_bound_to_their_medication() -> None:
    rows = changed(
        seizure_rows(), "CM/3", CMSPID="3", CMTRT="PREMARIN", CMDOSE=0.625, CMDOSU="mg", CMDOSFRQ="BID", CMSTDTC="2011"
    )
    facts = facts_of(rows)
    sentence = next(s for s in realise(make_plan(facts), facts) if "Premarin" in s.text)
    assert verify([sentence], facts).supported == 1
    swapped = sentence.text.replace("325", "X").replace("0.625", "325").replace("X", "0.625")
    assert verify([replace(sentence, text=swapped)], facts).contradicted == 1


def test_a_frequency_of_several_medications_is_cited_for_each() -> None:
    rows = changed(seizure_rows(), "CM/3", CMSPID="3", CMTRT="PREMARIN", CMDOSFRQ="BID", CMSTDTC="2011")
    facts = facts_of(rows)
    terms = [fact_in(facts, Role.TERM, name) for name in ("ASA", "PREMARIN")]
    frequency = fact_in(facts, Role.FREQUENCY, "ASA")
    assert "V_DOSAGE" in codes_of(facts, "Twice daily, she took ASA and Premarin.", *terms, frequency)


def test_limits_are_called_limits() -> None:
    facts = facts_of(changed(seizure_rows(), "LB/2", LBSTNRHI=None))
    lower = [fact_in(facts, role, "Albumin") for role in (Role.TERM, Role.LOWER)]
    assert not codes_of(facts, "The lower limit of albumin was recorded (lower limit 35 g/L).", *lower)
    assert "V_ROLE" in codes_of(facts, "Albumin was recorded at 35 g/L.", *lower)
    value = [fact_in(facts, role, "Albumin") for role in (Role.TERM, Role.RESULT)]
    assert "V_ROLE" in codes_of(facts, "Albumin was recorded (upper limit 30 g/L).", *value)


def test_a_reference_range_is_that_of_its_result() -> None:
    facts = facts_of(seizure_rows())
    limits = [fact_in(facts, role, "Albumin") for role in (Role.TERM, Role.LOWER, Role.UPPER)]
    assert not codes_of(facts, "The range of albumin was recorded (35 to 46 g/L).", *limits)
    assert "V_VALUE" in codes_of(facts, "The range of albumin was recorded (46 to 35 g/L).", *limits)
    assert "V_VALUE" in codes_of(facts, "The range of albumin was recorded (35 to 46 mg/L).", *limits)
    assert "V_VALUE" in codes_of(facts, "The range of albumin was recorded (35 to 46 g/L).", *limits[:2])


def test_a_gap_told_without_its_citation_is_found() -> None:
    dose = fact_in(FACTS, Role.DOSE)
    assert "V_CITE" in codes_of(FACTS, "Dose and treatment group are not available in this blinded text.", dose)


def test_the_sort_of_a_gap_matters() -> None:
    action = fact_in(FACTS, Role.ACTION)
    assert "V_ABSENCE" in codes_of(FACTS, "The action was not available.", action)
    assert "V_ABSENCE" in codes_of(FACTS, "This was not recorded.", action)
    assert not codes_of(FACTS, "The action taken was not recorded.", action)


def test_sex_must_be_recorded_before_a_pronoun_is_used() -> None:
    facts = facts_of(changed(seizure_rows(), "DM/1", SEX=None))
    assert "V_DEMOGRAPHY" in codes_of(facts, "She had partial seizures.", fact_in(facts, Role.TERM, SEIZURE))
    nobody = facts_of({"AE/1": ("AE", {"AEDECOD": "SYNCOPE", "AESER": "Y"})})
    assert "V_DEMOGRAPHY" in codes_of(nobody, "She had syncope.", fact_in(nobody, Role.TERM, "SYNCOPE"))


def test_the_sponsor_may_decide_the_end_of_participation() -> None:
    facts = facts_of(changed(seizure_rows(), "DS/1", DSDECOD="STUDY TERMINATED BY SPONSOR"))
    decision = fact_in(facts, Role.DISPOSITION)
    assert not codes_of(facts, "She was discontinued by decision of the sponsor.", decision)


def test_a_cause_is_told_from_its_namesake_by_its_own_onset() -> None:
    other = {"AESPID": "E20", "AEDECOD": IRRITATION, "AESTDTC": "2013-07-01", "AEOUT": "UNKNOWN", "AESER": "Y"}
    facts = facts_of(changed(seizure_rows(), "AE/9", **other))
    sentence = sentence_on(realise(make_plan(facts), facts), "disposition")
    wrong_onset = next(fact for fact in facts.facts if fact.role is Role.ONSET and fact.value == "2013-07-01")
    right_onset = next(fact for fact in facts.facts if fact.role is Role.ONSET and fact.value == "2013-05-24")
    cited = tuple(wrong_onset.id if fact_id == right_onset.id else fact_id for fact_id in sentence.fact_ids)
    lie = replace(sentence, text=sentence.text.replace("24 May 2013", "01 Jul 2013"), fact_ids=cited)
    assert verify([sentence], facts).supported == 1
    assert verify([lie], facts).contradicted == 1


def test_an_omitted_death_is_missed() -> None:
    sentences = tuple(s for s in text_of(death_rows()) if not s.message_key.startswith("death:"))
    report = verify(sentences, facts_of(death_rows()))
    assert {"Death", "Study day of death"} == {item.name for item in report.omitted}
    assert not report.is_clean


def test_a_required_fact_that_is_cited_but_not_said_counts_as_omitted() -> None:
    sentences = text_of(seizure_rows())
    outcome = fact_in(FACTS, Role.OUTCOME, SEIZURE)
    told = sentence_on(sentences, "outcome")
    silent = replace(next(s for s in sentences if outcome.id in s.fact_ids), text="The partial seizures were recorded.")
    rest = [s for s in sentences if outcome.id not in s.fact_ids]
    report = verify([*rest, silent], FACTS)
    assert outcome.id in {item.fact_id for item in report.omitted}
    assert told.text.endswith(".")


def test_the_same_sentence_twice_blocks() -> None:
    sentences = text_of(seizure_rows())
    report = verify([*sentences, sentences[0]], FACTS)
    assert [finding.code for finding in report.findings] == ["V_REPEAT"]
    assert not report.is_clean


def test_verdicts_tell_contradiction_from_lack_of_support() -> None:
    outcome = seizure(Role.OUTCOME)
    cited = tuple(fact.id for fact in outcome)
    report = verify(
        [
            Sentence("The partial seizures resolved.", cited),
            Sentence("The partial seizures were fatal.", cited),
            Sentence("The partial seizures resolved with cyanosis.", cited),
        ],
        FACTS,
    )
    assert report.verdicts == (Verdict.SUPPORTED, Verdict.CONTRADICTED, Verdict.UNSUPPORTED)
    assert (report.supported, report.contradicted, report.unsupported) == (1, 1, 1)
    assert report.of_sentence(1)[0].expected == "outcome: RECOVERED/RESOLVED"


def test_the_report_survives_json_and_has_a_hash() -> None:
    report = verify([Sentence("She had partial seizures", ())], FACTS)
    again = VerificationReport.from_json(report.as_json())
    assert again == report
    assert again.sha256 == report.sha256
    assert report_of(seizure_rows()).sha256 != report.sha256


def test_findings_stand_in_one_order_in_every_process() -> None:
    # Names of treatments that are made of words of every narrative; sets of text have another order in each process.
    names = ["she had", "with its", "other text", "on the", "day of", "each condition", "under age", "sample of"]
    text = "She had partial seizures with its other text on the day of each condition under age and sample of dose."
    report = verify([Sentence(text, (seizure()[0].id,))], FACTS, forbidden=frozenset(names))
    assert [finding.found for finding in report.findings] == sorted(names)


def test_a_finding_on_the_whole_text_has_no_place() -> None:
    finding = Finding(None, None, "V_NOTE", Severity.NOTE, "x", "y")
    assert FINDINGS.read(FINDINGS.write(finding)) == finding
