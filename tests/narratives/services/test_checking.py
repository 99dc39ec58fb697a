"""Nothing says "current" over data that it was not checked against, whatever is lost between change and check."""

from collections.abc import Callable

import pytest
from django.db import transaction
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.errors import ConflictError
from apps.core.models import Job, JobState
from apps.core.services.jobs import run_job
from apps.narratives.domain.currency.compare import CurrencyReport
from apps.narratives.models import Currency, Narrative, NarrativeVersion
from apps.narratives.selectors.currency_now import with_currency_now
from apps.narratives.selectors.documents import document_of, narrative_rows
from apps.narratives.selectors.lines import narrative_lines, stale_subjects
from apps.narratives.services import checking, drafting
from apps.narratives.services.checking import CHECK_JOB, check_version, heal_currency
from apps.narratives.services.drafting import refresh_narrative, start_narrative, submit_narrative
from apps.operations.selectors.inbox import drafts_of, signed_summary
from apps.studies.domain.upserts import Submitted
from apps.studies.models import Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.receiving import note_domains
from apps.studies.services.writing import write_records
from tests.factories import StudyFactory, client_account, context, person, treated_subject, write
from tests.narratives.services.test_currency import latest, run_waiting, sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


@pytest.fixture
def narrative(subject: Subject, author: User) -> Narrative:
    found = start_narrative(principal=principal_of(author), user=author, subject=subject)
    run_waiting()
    return found


def change(subject: Subject, relation: str = "POSSIBLE") -> None:
    """A change of which nothing after the commit happens, as when the process dies there."""
    writer = client_account(subject.study)
    submitted = [Submitted(0, "AE", subject.subject_id, {"AESPID": "E01", "AEREL": relation})]
    write_records(principal=principal_of(writer), study=subject.study, records=submitted, context=context(writer))
    subject.refresh_from_db()


def checks() -> list[str]:
    return [job.state for job in Job.objects.filter(kind=CHECK_JOB)]


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_check_is_queued_in_the_transaction_of_the_change(narrative: Narrative, subject: Subject) -> None:
    change(subject)
    assert checks() == [JobState.QUEUED]


def test_a_change_that_is_undone_queues_no_check(narrative: Narrative, subject: Subject) -> None:
    with transaction.atomic():
        change(subject)
        transaction.set_rollback(True)
    assert checks() == []


def test_a_change_of_treatment_queues_no_check(narrative: Narrative, subject: Subject) -> None:
    write(subject, ("EX", {"EXTRT": "DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    assert checks() == []
    assert document_of(narrative)["currency"] == "current"


def test_until_it_is_checked_everything_says_that_it_is_being_checked(
    narrative: Narrative, subject: Subject, author: User
) -> None:
    change(subject)
    principal = principal_of(author)
    assert document_of(narrative)["currency"] == "checking"
    assert narrative_rows([narrative])[0]["currency"] == "checking"
    assert narrative_lines(principal, subject.study, [subject.pk])[subject.pk].currency == "checking"
    assert [work.currency for work in drafts_of(principal, author, subject.study).shown] == ["checking"]
    root = f"/studies/{subject.study.code}"
    for page in (
        f"{root}/narratives/",
        f"{root}/narratives/{narrative.pk}/",
        f"{root}/narratives/{narrative.pk}/document/",
        f"{root}/subjects/",
        f"{root}/subjects/{subject.subject_id}/narrative/",
    ):
        text = signed_in(author).get(page).content.decode()
        assert "checking against the data" in text, page
        assert "currency--current" not in text, page
    run_waiting()
    assert document_of(narrative)["currency"] == "stale_cited"


def test_home_counts_a_signed_narrative_that_is_being_checked_as_neither_current_nor_stale(
    narrative: Narrative, subject: Subject, author: User
) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, subject.study)
    sign(narrative, author, physician)
    change(subject)
    signed = signed_summary(principal_of(physician), subject.study)
    assert (signed.signed, signed.checking, signed.stale) == (1, 1, ())
    page = " ".join(signed_in(physician).get("/").content.decode().split())
    assert "1 of 1 signed narratives is being checked against the data." in page
    run_waiting()
    assert len(signed_summary(principal_of(physician), subject.study).stale) == 1


def test_a_stale_text_stays_among_the_stale_while_it_is_checked_again(
    narrative: Narrative, subject: Subject, author: User
) -> None:
    change(subject)
    run_waiting()
    change(subject, "PROBABLE")
    assert document_of(narrative)["currency"] == "checking"
    assert list(stale_subjects(principal_of(author), subject.study)) == [narrative]


def test_a_lost_check_is_found_and_done(narrative: Narrative, subject: Subject) -> None:
    change(subject)
    Job.objects.filter(kind=CHECK_JOB).delete()
    heal_currency()
    heal_currency()
    assert checks() == [JobState.QUEUED]
    run_waiting()
    assert document_of(narrative)["currency"] == "stale_cited"
    heal_currency()
    assert checks() == [JobState.DONE]


def test_a_draft_that_did_not_see_a_change_is_healed_too(narrative: Narrative, subject: Subject) -> None:
    """The change committed while the draft was written: neither knew of the other."""
    change(subject)
    Job.objects.filter(kind=CHECK_JOB).update(state=JobState.DONE)
    assert document_of(narrative)["currency"] == "checking"
    heal_currency()
    run_waiting()
    assert document_of(narrative)["currency"] == "stale_cited"


def test_a_check_that_was_given_up_waits_for_a_person(narrative: Narrative, subject: Subject) -> None:
    change(subject)
    Job.objects.filter(kind=CHECK_JOB).update(state=JobState.FAILED, is_dead_letter=True)
    heal_currency()
    assert checks() == [JobState.FAILED]
    assert document_of(narrative)["currency"] == "checking"


def test_text_that_is_being_checked_is_checked_by_who_submits_it(
    narrative: Narrative, subject: Subject, author: User
) -> None:
    change(subject)
    with pytest.raises(ConflictError, match="data moved"):
        submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    assert document_of(narrative)["currency"] == "stale_cited"


def test_a_closed_version_does_not_stay_current_over_data_it_is_no_longer_compared_with(
    narrative: Narrative, subject: Subject, author: User
) -> None:
    change(subject)
    run_waiting()
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    change(subject, "PROBABLE")
    run_waiting()
    shown = with_currency_now(narrative.versions.all()).order_by("number")
    assert [version.currency_now for version in shown] == ["no_longer_checked", "stale_cited"]


def overtaken(monkeypatch: pytest.MonkeyPatch, faster: Callable[[], None]) -> None:
    """Let the next check read its data, and something else happen before it keeps the answer."""
    report_now = checking.report_now

    def slowly(version: NarrativeVersion, subject: Subject) -> CurrencyReport:
        report = report_now(version, subject)
        monkeypatch.setattr(checking, "report_now", report_now)
        faster()
        return report

    monkeypatch.setattr(checking, "report_now", slowly)


def test_an_older_check_does_not_overwrite_a_newer_one(
    narrative: Narrative, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow check read the data before the change; the fast one, after it, is done first."""
    version = latest(narrative)

    def faster() -> None:
        change(subject)
        run_waiting()

    overtaken(monkeypatch, faster)
    answer = check_version(version, None)
    assert answer.value == "stale_cited"
    kept = Currency.objects.get(version=version)
    assert (kept.value, kept.twin_version) == ("stale_cited", subject.blinded_version)
    assert list(version.currency_changes.values_list("to_value", flat=True)) == ["stale_cited"]


def test_a_check_that_lost_its_job_keeps_nothing(
    narrative: Narrative, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(subject)
    job = Job.objects.get(kind=CHECK_JOB)
    watched = checking.watched_versions

    def be_overtaken(subject_pk: int) -> list[NarrativeVersion]:
        Job.objects.filter(pk=job.pk).update(claim=9)
        return watched(subject_pk)

    monkeypatch.setattr(checking, "watched_versions", be_overtaken)
    run_job(job.pk)
    assert Currency.objects.get(version=latest(narrative)).value == "current"
    assert document_of(narrative)["currency"] == "checking"


def test_a_draft_that_lost_its_job_writes_no_version(
    narrative: Narrative, subject: Subject, author: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    change(subject)
    run_waiting()
    refreshed = refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    terms = drafting.study_terms

    def be_overtaken(study: Study) -> tuple[str, ...]:
        Job.objects.filter(pk=refreshed.job_id).update(claim=9)
        return terms(study)

    monkeypatch.setattr(drafting, "study_terms", be_overtaken)
    run_job(refreshed.job_id)
    assert narrative.versions.count() == 1


def test_text_is_checked_again_when_a_domain_comes_that_the_study_never_had(
    narrative: Narrative, subject: Subject
) -> None:
    """Nothing of the subject moved: that the study has medications now makes "not in the data" untrue of this one."""
    assert document_of(narrative)["currency"] == "current"
    other = treated_subject(subject.study)
    write(other, ("CM", {"CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-01"}))
    assert document_of(narrative)["currency"] == "checking"
    heal_currency()
    run_waiting()
    told = document_of(narrative)
    assert told["currency"] == "stale_cited"
    kept = Currency.objects.get(version=latest(narrative))
    assert {reason.new_text for reason in kept.told} == {"not recorded"}


@pytest.mark.parametrize("domain", ["CM", "MH", "DS"])
def test_a_domain_that_no_narrative_asks_leaves_text_current(
    narrative: Narrative, subject: Subject, domain: str
) -> None:
    other = treated_subject(subject.study)
    write(other, ("VS", {"VSTESTCD": "PULSE", "VSORRES": "70", "VSDTC": "2013-05-01"}))
    assert document_of(narrative)["currency"] == "current"
    note_domains(subject.study, {(domain, True)})
    assert document_of(narrative)["currency"] == "checking"


def test_an_answer_about_fewer_domains_does_not_overwrite_one_about_more(
    narrative: Narrative, subject: Subject, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = latest(narrative)

    def faster() -> None:
        note_domains(subject.study, {("CM", True)})
        heal_currency()
        run_waiting()

    overtaken(monkeypatch, faster)
    assert check_version(version, None).value == "stale_cited"
    assert Currency.objects.get(version=version).value == "stale_cited"
