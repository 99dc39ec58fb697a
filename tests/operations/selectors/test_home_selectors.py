"""What home is made of: orders that never hang on chance, counts of what is there, nothing where nothing is."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.domain.roles import Permission, Role
from apps.compliance.models import BrokenLink, Verification
from apps.core.domain.integrity import Part
from apps.core.models import Job, JobState
from apps.operations.selectors.changes_since import changes_since
from apps.operations.selectors.inbox import drafts_of, latest_signatures, reviews_for, signed_summary
from apps.operations.selectors.laboratory import laboratory_signals
from apps.operations.selectors.replay import replay_progress
from apps.operations.selectors.verified import last_verified
from apps.studies.domain.audience import Audience
from apps.studies.domain.blinding import parsed
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import HeldBack, Record, RuleKind, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.blinding import add_rule
from apps.studies.services.ledger import record_changes
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, signed_review, verified
from tests.factories import SEIZURE, SiteFactory, StudyFactory, SubjectFactory, context, person, treated_subject, write
from tests.twins.web.subjects import result

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    return found


def subject_of(study: Study, name: str) -> Subject:
    found: Subject = SubjectFactory(site=SiteFactory(study=study), subject_id=name)
    return found


def test_equal_liver_peaks_are_ranked_by_subject(study: Study) -> None:
    for name in ("S-3", "S-1", "S-2"):
        write(subject_of(study, name), ("LB", result(300 if name != "S-2" else 400, "2013-06-05T09:00")))
    signals = laboratory_signals(principal_of(person(Role.MEDICAL_MONITOR, study)), study)
    assert signals.subjects == ("S-2", "S-1", "S-3")
    assert (signals.count, signals.checked, signals.alone_count) == (3, 3, 3)


def test_subjects_that_changed_at_one_moment_and_weigh_the_same_keep_one_order(study: Study) -> None:
    subjects = [subject_of(study, name) for name in ("S-3", "S-1", "S-2")]
    for subject in subjects:
        write(subject, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse", "VSORRES": "70"}))
    principal = principal_of(person(Role.MEDICAL_MONITOR, study))
    since = timezone.now() - timedelta(hours=1)
    orders = {
        tuple(found.subject_id for found in changes_since(principal, study, Audience.BLINDED, since).subjects)
        for _ in range(3)
    }
    assert len(orders) == 1
    assert set(orders.pop()) == {"S-1", "S-2", "S-3"}


@pytest.mark.parametrize("domain", ["VS", "EX"])
def test_a_withdrawal_in_any_domain_is_told_to_who_saw_the_record(study: Study, domain: str) -> None:
    subject = subject_of(study, "S-1")
    write(subject, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse"}), ("EX", {"EXTRT": "DRUG", "EXDOSE": 5}))
    record = Record.objects.get(subject=subject, domain=domain)
    change = RecordChange(Operation.WITHDRAW, record.record_id, domain, record.values)
    since = timezone.now()
    record_changes(subject=subject, changes=[change], context=context(reason="Entered twice"))
    principal = principal_of(person(Role.UNBLINDED_MONITOR, study))
    assert changes_since(principal, study, Audience.UNBLINDED, since).withdrawn == 1
    assert changes_since(principal, study, Audience.BLINDED, since).withdrawn == (1 if domain == "VS" else 0)


@pytest.mark.parametrize("domain", ["VS", "LB", "QS"])
def test_what_happens_behind_a_rule_moves_no_count_of_blinded_readers(study: Study, domain: str) -> None:
    """A record that a rule hides went away for them then; that somebody withdraws it later, they cannot know."""
    subject = subject_of(study, "S-1")
    values = {f"{domain}TESTCD": "MARKER", f"{domain}TEST": "Marker", f"{domain}ORRES": "70"}
    write(subject, (domain, values), ("VS", {"VSTESTCD": "TEMP", "VSTEST": "Temperature", "VSORRES": "37"}))
    monitor = person(Role.UNBLINDED_MONITOR, study)
    principal, since = principal_of(monitor), timezone.now()

    def withdrawn() -> dict[Audience, int]:
        return {audience: changes_since(principal, study, audience, since).withdrawn for audience in Audience}

    add_rule(
        principal=principal, user=monitor, study=study, kind=RuleKind.TEST, name=f"{domain}.MARKER", reason="It tells"
    )
    run_waiting()
    assert withdrawn() == {Audience.BLINDED: 1, Audience.UNBLINDED: 0}
    record = Record.objects.get(subject=subject, **{f"values__{domain}TESTCD": "MARKER"})
    change = RecordChange(Operation.WITHDRAW, record.record_id, domain, record.values, hidden=parsed(record.hidden))
    record_changes(subject=subject, changes=[change], context=context(reason="Entered twice"))
    write(subject, ("VS", {"VSTESTCD": "TEMP", "VSTEST": "Temperature", "VSORRES": "38"}))
    assert withdrawn() == {Audience.BLINDED: 1, Audience.UNBLINDED: 1}


def test_a_replay_that_never_began_has_no_figures_and_one_that_runs_has_its_own(study: Study) -> None:
    principal = principal_of(person(Role.DATA_MANAGER, study))
    found = replay_progress(principal, study)
    assert (found.waiting, found.state, found.done, found.total) == (0, "", 0, 0)
    assert (found.label, found.error, found.is_running, found.has_failed) == ("", "", False, False)
    HeldBack.objects.create(subject=subject_of(study, "S-1"), source="pilot", known_until="2013-05-01")
    Job.objects.create(kind="replay", key=str(study.pk), state=JobState.FAILED, error="Lost", created_at=timezone.now())
    assert replay_progress(principal, study).has_failed
    Job.objects.create(
        kind="replay", key=str(study.pk), state=JobState.RUNNING, progress_done=3, progress_total=9,
        progress_label="collected on 05 May 2013", created_at=timezone.now() + timedelta(seconds=1),
    )  # fmt: skip
    running = replay_progress(principal, study)
    assert (running.done, running.total, running.label) == (3, 9, "collected on 05 May 2013")
    assert (running.is_running, running.has_failed, running.waiting) == (True, False, 1)


def test_a_study_that_was_not_in_the_last_verification_has_no_figures(study: Study) -> None:
    principal = principal_of(person(Role.AUDITOR, study))
    assert last_verified(principal, study) is not None
    assert last_verified(principal, study).at is None
    now = timezone.now()
    counts = {"broken_count": 2, "subject_count": 9, "signature_count": 9, "trail_count": 9}
    done = Verification.objects.create(started_at=now, finished_at=now, by_study={}, **counts)
    for subject in ("S-1", "S-2", "", "S-4", "S-5", "S-6"):
        BrokenLink.objects.create(
            verification=done, study=study, part=Part.LEDGER.value, words="A row was changed.", subject=subject
        )
    found = last_verified(principal, study)
    assert found is not None
    assert (found.subjects, found.signatures, found.broken, found.listed, found.platform_broken) == (0, 0, 0, 6, 2)
    (fault,) = found.faults
    assert (fault.part, fault.words, fault.subjects, fault.more) == (
        "ledger", "A row was changed.", ("S-1", "S-2", "S-4"), 2,
    )  # fmt: skip


def test_a_reviewer_of_one_site_may_review_somewhere_and_not_everywhere(study: Study) -> None:
    site = SiteFactory(study=study)
    physician = person(Role.SAFETY_PHYSICIAN, study, site=site)
    principal = principal_of(physician)
    assert principal.may_anywhere(Permission.REVIEW_NARRATIVE, study.pk)
    assert not principal.may_anywhere(Permission.IMPORT_DATA, study.pk)
    assert not principal.may_anywhere(Permission.REVIEW_NARRATIVE, StudyFactory().pk)
    mine = in_review(treated_subject(study, site), person(Role.SAFETY_AUTHOR, study))
    in_review(treated_subject(study), person(Role.SAFETY_AUTHOR, study))
    waiting = reviews_for(principal, physician, study)
    assert [(work.subject_id, work.number, work.state) for work in waiting.shown] == [
        (mine.title.rpartition(" ")[2], 1, "in_review")
    ]
    assert (waiting.count, waiting.more) == (1, 0)


def test_what_home_lists_of_narratives_costs_the_same_for_one_and_for_three(
    study: Study, django_assert_max_num_queries: object
) -> None:
    author = person(Role.SAFETY_AUTHOR, study)
    auditor = principal_of(person(Role.AUDITOR, study))
    mine = principal_of(author)

    def queries() -> tuple[int, int]:
        counts = []
        for call in (lambda: drafts_of(mine, author, study), lambda: latest_signatures(auditor, study)):
            with django_assert_max_num_queries(50) as captured:  # type: ignore[operator]
                call()
            counts.append(len(captured))
        return counts[0], counts[1]

    verified(treated_subject(study), author)
    signed_review(treated_subject(study))
    one = queries()
    for _ in range(2):
        verified(treated_subject(study), author)
        signed_review(treated_subject(study))
    assert queries() == one


def test_signed_text_is_counted_as_checking_until_it_was_checked_against_the_data_of_now(study: Study) -> None:
    subject = treated_subject(study)
    signed_review(subject)
    principal = principal_of(person(Role.MEDICAL_MONITOR, study))
    assert (signed_summary(principal, study).signed, signed_summary(principal, study).checking) == (1, 0)
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    assert signed_summary(principal, study).checking == 1
    run_waiting()
    signed = signed_summary(principal, study)
    assert (signed.checking, len(signed.stale)) == (0, 1)
    assert (signed.stale[0].subject_id, signed.stale[0].number) == (subject.subject_id, 1)
    assert signed.turned_since(timezone.now() - timedelta(hours=1)) == 1
    assert signed.turned_since(timezone.now() + timedelta(hours=1)) == 0
