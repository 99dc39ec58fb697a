"""Home: what moved since the last visit, most serious first, and what waits for each role."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import Step
from apps.compliance.models import Review, Signature
from apps.compliance.services.reviewing import Document, move_review, open_review
from apps.narratives.domain.currency.compare import REASONS, Reason, ReasonKind
from apps.narratives.domain.facts.extract import ASKED_DOMAINS
from apps.narratives.models import Currency, CurrencyChange, Narrative, NarrativeVersion
from apps.studies.domain.audience import Audience
from apps.studies.domain.upserts import Submitted
from apps.studies.models import RejectedRow, Study, StudyState, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.received import received_domains
from apps.studies.services.receiving import note_domains
from apps.studies.services.writing import write_records
from tests.factories import (
    DEMOGRAPHICS,
    SEIZURE,
    SiteFactory,
    StudyFactory,
    SubjectFactory,
    UserFactory,
    context,
    person,
    write,
)
from tests.history import made_known_at, rewritable
from tests.operations.web.reading import queries_of, text_of
from tests.studies.web.importing import checked, csv_file, demographics, event, imported


@pytest.fixture
def physician(study) -> User:
    return person(Role.SAFETY_PHYSICIAN, study)


def away_since(user: User, moment) -> None:
    """As if the user's last visit had ended at a moment."""
    User.objects.filter(pk=user.pk).update(last_seen_at=moment, previous_visit_at=moment - timedelta(days=1))


@pytest.fixture
def returning(physician, subject) -> User:
    """A physician who comes back an hour after the last visit; the subject was known long before."""
    made_known_at(subject, timezone.now() - timedelta(days=40))
    away_since(physician, timezone.now() - timedelta(hours=1))
    return physician


def narrative_version(subject: Subject, author: User, state: str = "verified") -> NarrativeVersion:
    """A version of the subject's narrative, moved to a state through the workflow where it has the steps."""
    narrative, _ = Narrative.objects.get_or_create(
        study=subject.study, subject=subject, kind="safety", defaults={"created_by": author}
    )
    number = narrative.versions.count() + 1
    document = Document("narrative", str(narrative.pk), number, f"Safety narrative of {subject}", "0" * 64)
    review = open_review(study=subject.study, site=subject.site, document=document, authors=[author])
    if state == "blocked":
        move_review(review=review, step=Step.FAIL_CHECK, actor=author, reason="a number is not in the data")
    else:
        move_review(review=review, step=Step.PASS_CHECK, actor=author)
    if state in {"in_review", "signed"}:
        move_review(review=review, step=Step.SUBMIT, actor=author)
    hashes = dict.fromkeys(("text_sha256", "facts_sha256", "verification_sha256", "content_sha256"), "0" * 64)
    version = NarrativeVersion.objects.create(
        narrative=narrative, number=number, review=review, twin_version=1, known_at=timezone.now(), author=author,
        sentences=[], facts={}, verification={}, provenance={}, **hashes,
    )  # fmt: skip
    domains = len(received_domains(subject.study, Audience.BLINDED) & ASKED_DOMAINS)
    Currency.objects.create(version=version, twin_version=1, domains_received=domains)
    return version


def signed_by(version: NarrativeVersion, signer: User) -> Signature:
    """The version as a person signed it."""
    move_review(review=version.review, step=Step.SIGN, actor=signer)
    return Signature.objects.create(
        review=version.review, signer=signer, printed_name=signer.display_name, role="safety physician",
        meaning="approval", signed_at=timezone.now(), content_sha256="0" * 64, manifest={}, manifest_sha256="0" * 64,
    )  # fmt: skip


def test_the_sentence_counts_what_happened_since_the_last_visit(subject, returning, integrator, signed_in):
    write(subject, ("DM", {"DTHFL": "Y", "DTHDTC": "2013-08-02"}), ("AE", SEIZURE), user=integrator)
    page = text_of(signed_in(returning).get("/"))
    assert "Since you last looked" in page
    assert "1 death , 1 new serious event and 0 signed narratives gone stale" in page
    assert "1 of 1 twins changed; 0 records withdrawn." in page
    assert "Serious Died 02 Aug 2013 ; Seizure , hospitalisation" in page


def test_what_was_known_at_the_last_visit_is_not_told_again(subject, returning, signed_in):
    page = text_of(signed_in(returning).get("/"))
    assert "0 of 1 twins changed" in page
    assert "The first load of a study is not a change." in page


def test_another_period_can_be_chosen(subject, returning, signed_in):
    made_known_at(subject, timezone.now() - timedelta(days=3))
    client = signed_in(returning)
    assert "0 of 1 twins changed" in text_of(client.get("/?since=day"))
    assert "1 of 1 twins changed" in text_of(client.get("/?since=week"))
    assert "0 of 1 twins changed" in text_of(client.get("/?since=sunrise"))


def test_the_first_import_of_a_study_is_no_change_but_a_later_subject_is(study, physician, signed_in):
    manager = person(Role.DATA_MANAGER, study)
    imported(manager, study, [csv_file(study, "DM", [demographics(1), demographics(2)])])
    client = signed_in(physician)
    assert "0 of 2 twins changed" in text_of(client.get("/"))
    files = [
        csv_file(study, "DM", [demographics(1), demographics(2), demographics(3)]),
        csv_file(study, "AE", [event(3, "SYNCOPE", AESHOSP="Y", AESER="Y")]),
    ]
    imported(manager, study, files)
    page = text_of(client.get("/"))
    assert "1 of 3 twins changed" in page
    assert "01-701-3 Serious Syncope , hospitalisation" in page


def test_subjects_come_most_serious_first(study, site, subject, returning, integrator, signed_in):
    mild: Subject = SubjectFactory(site=site, subject_id="01-701-1002")
    write(mild, ("DM", DEMOGRAPHICS), user=integrator)
    made_known_at(mild, timezone.now() - timedelta(days=40))
    write(subject, ("AE", SEIZURE), user=integrator)
    write(mild, ("AE", {**SEIZURE, "AESER": "N", "AESHOSP": None, "AESEV": "MILD"}), user=integrator)
    page = text_of(signed_in(returning).get("/"))
    assert page.index("01-701-1001") < page.index("01-701-1002")


def test_a_blinded_reader_learns_nothing_of_a_change_of_treatment(subject, returning, integrator, signed_in):
    dose = {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}
    write(subject, ("EX", dose), ("DM", {"ARM": "MARKER-OTHER"}), user=integrator)
    answer = signed_in(returning).get("/")
    assert "0 of 1 twins changed" in text_of(answer)
    assert "MARKER" not in answer.content.decode()
    monitor = person(Role.UNBLINDED_MONITOR, subject.study)
    away_since(monitor, timezone.now() - timedelta(hours=1))
    assert "1 of 1 twins changed" in text_of(signed_in(monitor).get("/"))


def test_withdrawn_records_are_counted(subject, returning, integrator, signed_in):
    write(subject, ("AE", SEIZURE), user=integrator)
    made_known_at(subject, timezone.now() - timedelta(days=40))
    study, manager = subject.study, person(Role.DATA_MANAGER, subject.study)
    another_event = event(1001, "NAUSEA", AESPID="E2", AESTDTC="2014-01-01")
    files = [csv_file(study, "DM", [demographics(1001)]), csv_file(study, "AE", [another_event])]
    imported(manager, study, files)
    page = text_of(signed_in(returning).get("/"))
    assert "1 record withdrawn." in page


def test_a_withdrawn_dose_is_counted_for_the_unblinded_only(subject, returning, integrator, signed_in):
    dose = {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}
    write(subject, ("EX", dose), user=integrator)
    made_known_at(subject, timezone.now() - timedelta(days=40))
    withdrawal = [
        Submitted(0, "EX", subject.subject_id, dose, "withdraw"),
        Submitted(1, "AE", subject.subject_id, SEIZURE),
    ]
    principal = principal_of(integrator)
    result = write_records(principal=principal, study=subject.study, records=withdrawal, context=context(integrator))
    assert result.accepted == 2
    assert "0 records withdrawn." in text_of(signed_in(returning).get("/"))
    monitor = person(Role.UNBLINDED_MONITOR, subject.study)
    assert "1 record withdrawn." in text_of(signed_in(monitor).get("/"))


def test_long_lists_are_cut_and_say_so(study, site, physician, integrator, signed_in, monkeypatch):
    for number in range(14):
        write(SubjectFactory(site=site, subject_id=f"01-701-{number}"), ("DM", DEMOGRAPHICS), user=integrator)
    client = signed_in(physician)
    assert "12 of 14 subjects · show all 14" in text_of(client.get("/"))
    assert "14 of 14 subjects" in text_of(client.get("/?show=all"))
    monkeypatch.setattr("apps.operations.web.home.MOST_ROWS", 13)
    assert "12 of 14 subjects · show the first 13" in text_of(client.get("/"))
    assert "13 of 14 subjects" in text_of(client.get("/?show=all"))


@pytest.mark.parametrize("at_a_time", [1, 3, 500])
def test_lead_figures_count_every_subject_and_the_list_ranks_before_it_is_cut(
    study, site, physician, integrator, signed_in, monkeypatch, at_a_time
):
    """After an import of everybody's vital signs the death of the day before was neither counted nor shown."""
    monkeypatch.setattr("apps.operations.selectors.changes_since.AT_A_TIME", at_a_time)
    died = SubjectFactory(site=site, subject_id="01-701-died")
    write(died, ("DM", DEMOGRAPHICS), user=integrator)
    made_known_at(died, timezone.now() - timedelta(days=40))
    write(died, ("AE", {**SEIZURE, "AEOUT": "FATAL"}), user=integrator)
    quiet = [SubjectFactory(site=site, subject_id=f"01-701-{number:03}") for number in range(120)]
    for subject in quiet:
        write(subject, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse", "VSORRES": "70"}), user=integrator)
    page = text_of(signed_in(physician).get("/"))
    assert "1 death , 1 new serious event" in page
    assert "121 of 121 twins changed" in page
    assert page.index("01-701-died") < page.index("01-701-1")
    assert "12 of 121 subjects · show all 121" in page


def test_quiet_changes_cost_the_same_queries_however_many(study, site, physician, integrator, signed_in):
    first = SubjectFactory(site=site, subject_id="01-701-001")
    write(first, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse", "VSORRES": "70"}), user=integrator)
    client = signed_in(physician)
    before = queries_of(client, "/")
    for number in range(20):
        subject = SubjectFactory(site=site, subject_id=f"01-701-1{number:02}")
        write(subject, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse", "VSORRES": "70"}), user=integrator)
    assert queries_of(client, "/") == before


def test_a_physician_sees_reviews_of_others_and_not_of_their_own(subject, physician, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study, printed_name="Jonas Lindqvist")
    narrative_version(subject, author, "in_review")
    page = text_of(signed_in(physician).get("/"))
    assert "Waiting for me 1" in page
    assert "Version 1, by Jonas Lindqvist, submitted" in page
    assert "in review" in page
    assert "Waiting for me 0" in text_of(signed_in(author).get("/"))


def test_nobody_is_asked_to_review_what_they_wrote(subject, physician, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study)
    narrative_version(subject, author, "in_review").review.authors.add(physician)
    assert "Waiting for me 0" in text_of(signed_in(physician).get("/"))


def test_an_author_sees_drafts_that_are_blocked(subject, physician, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study)
    narrative_version(subject, author, "blocked")
    page = text_of(signed_in(author).get("/"))
    assert "Version 1, your own" in page
    assert "blocked" in page
    assert "blocked" not in text_of(signed_in(physician).get("/"))


def test_narratives_that_are_due_and_not_begun_wait_for_who_may_draft_them(study, site, physician, signed_in):
    for number in range(2):
        due = SubjectFactory(site=site, subject_id=f"01-701-{number}")
        write(due, ("DM", DEMOGRAPHICS), ("AE", {**SEIZURE, "AESER": "Y"}))
    elsewhere = SubjectFactory(site=SiteFactory(study=study), subject_id="09-709-1")
    write(elsewhere, ("DM", {**DEMOGRAPHICS, "SITEID": elsewhere.site.code}), ("AE", {**SEIZURE, "AESER": "Y"}))
    author, local = person(Role.SAFETY_AUTHOR, study), person(Role.SAFETY_AUTHOR, study, site=elsewhere.site)
    page = text_of(signed_in(author).get("/"))
    assert "Waiting for me 3" in page
    assert "3 narratives are due and not begun" in page
    assert "1 narrative is due and not begun" in text_of(signed_in(local).get("/"))
    page = text_of(signed_in(physician).get("/"))
    assert "Waiting for me 0" in page
    assert "not begun" not in page


def test_signed_narratives_that_went_stale_are_named(subject, returning, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study)
    version = narrative_version(subject, author, "signed")
    signed_by(version, returning)
    client = signed_in(returning)
    assert "1 signed narrative checked, current." in text_of(client.get("/"))
    reason = Reason(ReasonKind.CITED, "AE/1.AEOUT", "Outcome", "A", "B", "a", "b", (0,), ("AE/1.AEOUT",))
    reasons = REASONS.write_all([reason])
    CurrencyChange.objects.create(version=version, from_value="current", to_value="stale_cited", reasons=reasons)
    Currency.objects.filter(version=version).update(value="stale_cited", reasons=reasons)
    page = text_of(client.get("/"))
    assert "1 signed narrative gone stale" in page
    assert "stale: cited fact changed" in page
    assert "1 of 1 signed narratives." in page


def test_an_auditor_sees_the_latest_signatures(subject, physician, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study)
    signed_by(narrative_version(subject, author, "signed"), physician)
    page = text_of(signed_in(person(Role.AUDITOR, subject.study)).get("/"))
    assert "Latest signatures 1" in page
    assert f"{physician.display_name}, approval" in page
    assert "Latest signatures" not in text_of(signed_in(physician).get("/"))


def test_what_is_unblinded_does_not_exist_for_a_blinded_reviewer(subject, physician, signed_in):
    author = person(Role.SAFETY_AUTHOR, subject.study)
    version = narrative_version(subject, author, "in_review")
    with rewritable("compliance_review"):
        Review.objects.filter(pk=version.review_id).update(blinding_class="treatment")
    assert "Waiting for me 0" in text_of(signed_in(physician).get("/"))


def test_a_data_manager_sees_rejected_rows_first_and_imports_to_confirm(study, signed_in):
    manager = person(Role.DATA_MANAGER, study)
    run = imported(manager, study, [csv_file(study, "DM", [demographics(1), demographics(2, DMDTC="2013-99-01")])])
    checked(manager, study, [csv_file(study, "DM", [demographics(1)])])
    RejectedRow.objects.create(run=run, file="ex.csv", row=9, domain="EX", reason="MARKER")
    answer = signed_in(manager).get("/")
    page = text_of(answer)
    assert page.index("Rejected rows of the last import 1") < page.index("Changed, most serious first")
    assert "dm.csv, row 2" in page
    assert "Import 2, confirm or discard" in page
    assert "MARKER" not in answer.content.decode()


def test_a_cra_sees_own_sites_only(study, site, subject, integrator, signed_in):
    other = SiteFactory(study=study, code="702")
    write(SubjectFactory(site=other, subject_id="01-702-9"), ("DM", {**DEMOGRAPHICS, "SITEID": "702"}), user=integrator)
    page = text_of(signed_in(person(Role.CRA, study, site=site)).get("/"))
    assert "Your sites 1" in page
    assert "1 of 1 twins changed" in page
    assert "702" not in page


def test_laboratory_signals_name_the_subjects(subject, physician, integrator, signed_in):
    client = signed_in(physician)
    note_domains(subject.study, {("LB", True)})
    assert "No subject above 3 × ULN for ALT or AST. 1 subjects checked." in text_of(client.get("/"))
    result = {"LBTESTCD": "ALT", "LBTEST": "Alanine Aminotransferase", "LBSTRESN": 200, "LBSTRESU": "U/L"}
    write(subject, ("LB", {**result, "LBSTNRHI": 40, "LBDTC": "2013-06-01"}), user=integrator)
    assert "1 of 1 subjects has had ALT or AST above 3 × ULN; without raised bilirubin: 01-701-1001" in text_of(
        client.get("/")
    )


def test_a_locked_study_says_so(study, subject, physician, signed_in):
    Study.objects.filter(pk=study.pk).update(state=StudyState.LOCKED)
    assert "The study is locked and takes no changes." in text_of(signed_in(physician).get("/"))


def test_other_studies_are_one_step_away(study, physician, signed_in):
    second: Study = StudyFactory(code="ZZZ")
    client = signed_in(physician)
    assert "ZZZ" not in text_of(client.get("/"))
    physician.groups.add(person(Role.SAFETY_PHYSICIAN, second).groups.get())
    assert "Other studies ZZZ" in text_of(client.get("/"))


def test_who_sees_no_study_is_told_whom_to_ask(db, signed_in):
    assert "No study is visible to you." in text_of(signed_in(UserFactory()).get("/"))


def test_home_costs_the_same_however_many_subjects_changed(study, site, subject, physician, integrator, signed_in):
    write(subject, ("AE", SEIZURE), user=integrator)
    client = signed_in(physician)
    before = queries_of(client, "/")
    for number in range(10):
        write(
            SubjectFactory(site=site, subject_id=f"01-701-{number}"),
            ("DM", DEMOGRAPHICS),
            ("AE", SEIZURE),
            user=integrator,
        )
    assert queries_of(client, "/") == before


def test_what_waits_is_counted_over_all_and_shown_as_far_as_there_is_room(
    study, site, physician, signed_in, monkeypatch
):
    author = person(Role.SAFETY_AUTHOR, study)
    for number in range(5):
        narrative_version(SubjectFactory(site=site, subject_id=f"01-701-{number}"), author, "in_review")
    monkeypatch.setattr("apps.operations.selectors.inbox.MOST_SHOWN", 3)
    page = text_of(signed_in(physician).get("/"))
    assert "Waiting for me 5" in page
    assert "and 2 more" in page
    assert page.count("Version 1, by") == 3


def test_the_latest_signatures_are_counted_over_all(study, site, physician, signed_in, monkeypatch):
    author = person(Role.SAFETY_AUTHOR, study)
    for number in range(3):
        version = narrative_version(SubjectFactory(site=site, subject_id=f"01-701-{number}"), author, "in_review")
        signed_by(version, physician)
    monkeypatch.setattr("apps.operations.selectors.inbox.MOST_SHOWN", 2)
    page = text_of(signed_in(person(Role.AUDITOR, study)).get("/"))
    assert "Latest signatures 3" in page
    assert page.count("approval,") == 2


def liver(test: str, multiple: float, number: int = 1, **more) -> tuple[str, dict]:
    return "LB", {
        "LBTESTCD": test, "LBTEST": test, "LBSEQ": number, "LBSTRESN": multiple * 10, "LBSTNRHI": 10,
        "LBDTC": f"2013-05-{number:02}", **more,
    }  # fmt: skip


def test_liver_signals_are_told_apart_by_weight_and_all_are_counted(
    study, site, physician, integrator, signed_in, monkeypatch
):
    monkeypatch.setattr("apps.operations.selectors.laboratory.MOST_SHOWN", 1)
    for subject_id, tests in {
        "01-701-001": [("ALT", 3.5)],
        "01-701-002": [("AST", 9.0)],
        "01-701-003": [("ALT", 4.0), ("BILI", 2.5), ("ALP", 1.2)],
        "01-701-004": [("ALT", 4.0), ("BILI", 2.5), ("ALP", 2.0)],
        "01-701-005": [("ALT", 2.9), ("BILI", 5.0)],
        "01-701-006": [("ALT", 2.9), ("ALT", 3.0)],
    }.items():
        rows = [liver(test, multiple, number) for number, (test, multiple) in enumerate(tests, start=1)]
        write(SubjectFactory(site=site, subject_id=subject_id), ("DM", DEMOGRAPHICS), *rows, user=integrator)
    page = text_of(signed_in(physician).get("/"))
    assert "1 subject meets the biochemical criteria of Hy’s law: 01-701-003" in page
    assert "ALP at or above 2 × ULN: 01-701-004" in page
    assert "4 of 6 subjects have had ALT or AST above 3 × ULN; without raised bilirubin: 01-701-002 , …" in page


def test_bilirubin_in_urine_is_no_liver_signal(study, site, physician, integrator, signed_in):
    rows = [liver("ALT", 4.0), liver("BILI", 9.0, 2, LBSPEC="URINE")]
    write(SubjectFactory(site=site, subject_id="01-701-001"), ("DM", DEMOGRAPHICS), *rows, user=integrator)
    page = text_of(signed_in(physician).get("/"))
    assert "Hy’s law" not in page
    assert "1 of 1 subjects has had ALT or AST above 3 × ULN" in page
