"""The verification names every broken link, ends with 1, and keeps what it found for auditors (requirement P11-10a)."""

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import call_command
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.compliance.models import (
    BrokenLink,
    Review,
    ReviewTransition,
    Signature,
    TrailEntry,
    TrailLeaf,
    TrailSeal,
    Verification,
)
from apps.compliance.services.sealing import seal_trail
from apps.core.models import Job
from apps.core.services.watch import sweep
from apps.narratives.models import NarrativeVersion
from apps.operations.services.schedule import last_night, queue_due_work
from apps.operations.services.verifying import verify
from apps.studies.models import ChangeSet, Record, RecordRevision, Study, Subject
from apps.twins.models import TwinSnapshot, TwinSummary
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, sign
from tests.factories import StudyFactory, person, treated_subject, write
from tests.history import plain, rewritable

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10a")]
EXPOSURE = {"EXTRT": "MARKER-DRUG", "EXDOSE": 5454.75, "EXSTDTC": "2013-04-26"}


@pytest.fixture
def study() -> Study:
    return StudyFactory(code="TRIAL-1")


@pytest.fixture
def subject(study: Study) -> Subject:
    """A subject with a hidden change, a snapshot of both audiences and a signed narrative; the trail is sealed."""
    subject = treated_subject(study, subject_id="01-701-1015")
    write(subject, ("EX", EXPOSURE))
    for number in range(26):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": ("POSSIBLE", "NONE")[number % 2]}))
    assert TwinSnapshot.objects.filter(subject=subject).count() == 2
    physician = person(Role.SAFETY_PHYSICIAN, study, printed_name="Amara Okafor, MD")
    sign(in_review(subject, person(Role.SAFETY_AUTHOR, study)), physician)
    treated_subject(study, subject_id="01-701-1023")
    seal_trail()
    return subject


def verified(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[str]]:
    """Exit status of the command, and what it printed."""
    capsys.readouterr()
    status = 0
    try:
        call_command("verify")
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, capsys.readouterr().out.splitlines()


def forge(model: type[models.Model], where: dict[str, object], **columns: object) -> None:
    with rewritable(model._meta.db_table):
        assert plain(model).filter(**where).update(**columns)


def remove(model: type[models.Model], **where: object) -> None:
    with rewritable(model._meta.db_table):
        assert plain(model).filter(**where)._raw_delete("default")


def flip(model: type[models.Model], where: dict[str, object], column: str, was: str, now: str) -> None:
    """One word inside a stored document becomes another."""
    row = plain(model).filter(**where).values("pk", column)[0]
    assert was in str(row[column])
    changed = eval(repr(row[column]).replace(was, now))  # noqa: S307
    forge(model, {"pk": row["pk"]}, **{column: changed})


def reverse_snapshot() -> None:
    row = TwinSnapshot.objects.filter(audience="blinded").get()
    other = TwinSnapshot.objects.filter(audience="unblinded").get()
    TwinSnapshot.objects.filter(pk=row.pk).update(payload=other.payload)


SIGNER = "Amara Okafor, MD, approval"
S, V = "01-701-1015", "ledger: TRIAL-1, 01-701-1015"
FORGERIES: dict[str, tuple[Callable[[], object], str]] = {
    "a value": (lambda: flip(RecordRevision, {"domain": "EX"}, "values", "5454.75", "8181.25"), f"{V}, version 2"),
    "a reason": (lambda: forge(ChangeSet, {"number": 2}, reason="Another"), f"{V}, version 2"),
    "a moment": (lambda: forge(ChangeSet, {"number": 3}, known_at=timezone.now()), f"{V}, version 3"),
    "an actor": (lambda: forge(ChangeSet, {"number": 2}, actor_name="Another"), f"{V}, version 2"),
    "what readers may know": (lambda: forge(ChangeSet, {"number": 2}, is_open=True), f"{V}, version 2"),
    "a revision": (lambda: remove(RecordRevision, domain="EX"), f"{V}, version 2"),
    "the last change set": (
        lambda: (remove(RecordRevision, change_set__number=28), remove(ChangeSet, number=28)),
        f"{V}, version 28",
    ),
    "where it stands": (lambda: Subject.objects.filter(subject_id=S).update(version=27), f"{V}, version 27"),
    "a record": (lambda: flip(Record, {"domain": "EX"}, "values", "5454.75", "8181.25"), f"records: TRIAL-1, {S}, EX/"),
    "a hidden record": (
        lambda: Record.objects.filter(domain="EX").update(is_withdrawn=True),
        f"records: TRIAL-1, {S}, EX/",
    ),
    "an operation that is none": (
        lambda: forge(RecordRevision, {"domain": "EX"}, operation="forge"),
        f"{V}: It cannot",
    ),
    "values that are none": (lambda: forge(RecordRevision, {"domain": "EX"}, values=[1]), f"{V}: It cannot"),
    "a snapshot that is none": (lambda: TwinSnapshot.objects.update(payload=b"-"), f"{V}: It cannot"),
    "a manifest that is none": (lambda: forge(Signature, {}, manifest=[1]), "The manifest is not the one"),
    "a line in lists": (
        lambda: TwinSummary.objects.filter(subject__subject_id=S).update(is_dead=True),
        f"twin: TRIAL-1, {S}: Its line in lists is not what",
    ),
    "no line in lists": (
        lambda: TwinSummary.objects.filter(subject__subject_id=S).delete(),
        f"twin: TRIAL-1, {S}: Its line in lists is missing",
    ),
    "a snapshot": (reverse_snapshot, f"twin: TRIAL-1, {S}, version"),
    "a text": (
        lambda: flip(NarrativeVersion, {}, "sentences", "woman", "woMan"),
        f"review and signature: TRIAL-1, Safety narrative of {S}, version 1: Changed since it was signed: the text.",
    ),
    "a signer": (lambda: forge(Signature, {}, printed_name="Another"), "printed name is not what its manifest says"),
    "a signature": (lambda: remove(Signature), "Its steps and its signatures do not agree"),
    "a signature with all that led to it": (
        lambda: (remove(Signature), remove(ReviewTransition, step="sign"), forge(Review, {}, state="in_review")),
        f"trail: TRIAL-1, {SIGNER}",
    ),
    "a step": (lambda: remove(ReviewTransition, step="sign"), "its steps lead to in review"),
    "a state": (lambda: forge(Review, {}, state="in_review"), "It is in review, but its steps lead to signed"),
    "a row of the trail": (
        lambda: forge(TrailEntry, {"content_type__model": "signature"}, object_repr="Another"),
        "trail: TRIAL-1, row",
    ),
    "the study of a row": (
        lambda: forge(TrailEntry, {"content_type__model": "signature"}, study=None),
        "A row of the trail was changed",
    ),
    "a number in a text beyond all": (
        lambda: forge(NarrativeVersion, {}, facts={"format": 2**70}),
        "Changed since it was signed: the facts.",
    ),
    "a number in a manifest beyond all": (
        lambda: forge(Signature, {}, manifest={"data_version": 2**70}),
        "The manifest is not the one",
    ),
    "a number in a row of the trail beyond all": (
        lambda: forge(TrailEntry, {"content_type__model": "signature"}, changes={"meaning": [2**70, 1]}),
        "A row of the trail was changed",
    ),
    "a seal": (lambda: forge(TrailSeal, {}, sha256="0" * 64), "A seal does not close over the rows"),
    "a sealed row": (
        lambda: remove(TrailLeaf, entry__content_type__model="signature"),
        "A seal does not close over the rows",
    ),
}


def test_what_nobody_touched_is_whole(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    status, lines = verified(capsys)
    assert status == 0
    assert len(lines) == 1
    assert lines[0].startswith("2 subjects, 1 signatures and ")
    assert TrailSeal.objects.get().sha256 in lines[0]
    last = Verification.objects.get()
    assert (last.broken_count, last.by_study["TRIAL-1"]) == (0, {"subjects": 2, "signatures": 1, "broken": 0})


@pytest.mark.parametrize("name", FORGERIES)
def test_every_broken_link_is_named_and_the_status_is_1(
    subject: Subject, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    forgery, told = FORGERIES[name]
    forgery()
    status, lines = verified(capsys)
    assert status == 1
    assert any(told in line for line in lines), lines
    assert "01-701-1023" not in "".join(lines), "only what is broken is named"
    assert Verification.objects.get().broken_count == len(lines) - 1
    for value in ("MARKER", "SEIZURE", "POSSIBLE", "5454.75", "8181.25"):
        assert value not in "".join(lines[:-1]).upper()


def test_a_row_removed_from_the_trail_is_missed(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    """Even with the checks of foreign keys off, as who has the file can."""
    row = TrailEntry.objects.filter(content_type__model="signature").get()
    with rewritable("compliance_trailleaf"):
        leaf = TrailLeaf.objects.get(entry=row)
        other = TrailEntry.objects.create(content_type=row.content_type, object_pk="0", action=0, object_repr="-")
        plain(TrailLeaf).filter(pk=leaf.pk).update(entry=other)
    remove(TrailEntry, pk=row.pk)
    status, lines = verified(capsys)
    assert status == 1
    assert any("A seal does not close over" in line for line in lines)
    assert any("A signature was made and is not there" in line for line in lines)


def test_a_refusal_that_was_taken_away_is_named(subject: Subject, capsys: pytest.CaptureFixture[str]) -> None:
    table = "compliance_signature"
    with rewritable(table):
        status, lines = verified(capsys)
    assert status == 1
    assert lines[0].startswith(f"database: The database no longer refuses changes of {table}")


def test_rows_of_the_trail_are_sealed_once_and_later_ones_go_on_from_there(subject: Subject) -> None:
    assert seal_trail() == 0
    person(Role.CRA, subject.study)
    assert seal_trail() > 0
    first, second = TrailSeal.objects.order_by("number")
    assert second.previous_sha256 == first.sha256
    assert TrailLeaf.objects.count() == TrailEntry.objects.count()


def test_a_row_that_commits_late_is_sealed_later_and_breaks_nothing(subject: Subject) -> None:
    """Keys are given out in one order and commit in another; a seal names its rows and does not count on the order."""
    row = TrailEntry.objects.order_by("pk").last()
    assert row is not None
    columns = {"content_type": row.content_type, "object_pk": "0", "action": 1, "object_repr": "-", "changes": {}}
    TrailEntry.objects.create(pk=row.pk + 10, **columns)
    assert seal_trail() == 1
    TrailEntry.objects.create(pk=row.pk + 5, **columns)
    assert seal_trail() == 1
    assert verify(tell=pytest.fail, progress=lambda *_: None).broken_count == 0


def test_many_rows_are_sealed_in_several_seals(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("apps.compliance.services.sealing.MOST_ROWS", 2)
    for _ in range(2):
        person(Role.CRA, subject.study)
    sealed = seal_trail()
    assert TrailSeal.objects.count() == 1 + (sealed + 1) // 2
    assert verify(tell=pytest.fail, progress=lambda *_: None).broken_count == 0


def home(user: object) -> str:
    client = Client()
    client.force_login(user)  # type: ignore[arg-type]
    return " ".join(client.get("/").content.decode().split())


def test_home_says_when_everything_was_last_verified(subject: Subject, study: Study) -> None:
    auditor = person(Role.AUDITOR, study)
    assert "Never verified." in home(auditor)
    verify(tell=pytest.fail, progress=lambda *_: None)
    shown = home(auditor)
    assert f"{Verification.objects.get().finished_at:%d %b %Y, %H:%M} UTC" in shown
    assert "intact</span>" in shown
    assert "2 subjects, 1 signature checked" in shown
    flip(NarrativeVersion, {}, "sentences", "woman", "woMan")
    verify(tell=lambda found: None, progress=lambda *_: None)
    assert "broken links</strong>" in home(auditor)
    assert f"Safety narrative of {subject.subject_id}" in home(auditor)


def test_signed_text_that_was_found_altered_is_not_called_current_on_any_home(subject: Subject, study: Study) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, study)
    assert "signed narrative checked, current" in home(physician)
    flip(NarrativeVersion, {}, "sentences", "woman", "woMan")
    verify(tell=lambda found: None, progress=lambda *_: None)
    assert "signed narrative checked, current" not in home(physician)
    assert "faults in reviews or signed text" in home(physician)


def test_home_of_others_says_nothing_of_it(subject: Subject, study: Study) -> None:
    for role in (Role.SAFETY_AUTHOR, Role.DATA_MANAGER, Role.CRA):
        assert 'id="verified"' not in home(person(role, study))


def test_an_auditor_sees_broken_links_of_the_own_study_only(subject: Subject) -> None:
    other = StudyFactory(code="OTHER")
    forge(ChangeSet, {"number": 2}, reason="Another")
    verify(tell=lambda found: None, progress=lambda *_: None)
    shown = home(person(Role.AUDITOR, other))
    assert "intact</span>" in shown
    assert subject.subject_id not in shown
    assert "concern" not in shown


@pytest.mark.requirement("E6-411")
def test_a_blinded_auditor_learns_no_number_of_the_hidden_sequence(subject: Subject, study: Study) -> None:
    forge(ChangeSet, {"number": 28}, reason="Another")
    verify(tell=lambda found: None, progress=lambda *_: None)
    kept = BrokenLink.objects.get()
    assert (kept.subject, kept.part) == (subject.subject_id, "ledger")
    assert "28" not in kept.words
    assert "version 28" not in home(person(Role.AUDITOR, study))


NIGHT = datetime(2026, 3, 4, 2, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "due"),
    [
        (NIGHT, NIGHT),
        (NIGHT - timedelta(seconds=1), NIGHT - timedelta(days=1)),
        (NIGHT + timedelta(hours=21, minutes=59), NIGHT),
    ],
)
def test_a_night_begins_at_two(now: datetime, due: datetime) -> None:
    assert last_night(now) == due


def test_the_verification_of_a_night_is_queued_once_and_done(subject: Subject, study: Study) -> None:
    Study.objects.filter(pk=study.pk).update(created_at=NIGHT - timedelta(days=3))
    for minutes in (1, 2, 600):
        queue_due_work(NIGHT + timedelta(minutes=minutes))
        run_waiting()
    assert Job.objects.filter(kind="verify").count() == 1
    assert Verification.objects.get().subject_count == 2
    queue_due_work(NIGHT + timedelta(days=1))
    run_waiting()
    assert Verification.objects.count() == 2


def test_a_study_of_today_waits_for_its_first_night(study: Study) -> None:
    queue_due_work(timezone.now())
    assert not Job.objects.filter(kind="verify", key=last_night(study.created_at).isoformat()).exists()


def test_new_rows_of_the_trail_are_sealed_within_minutes(study: Study) -> None:
    now = timezone.now()
    queue_due_work(now)
    queue_due_work(now)
    run_waiting()
    assert Job.objects.filter(kind="seal-trail").count() == 1
    assert TrailLeaf.objects.count() == TrailEntry.objects.count()


def test_the_watch_of_every_worker_keeps_the_schedule(study: Study) -> None:
    sweep()
    assert Job.objects.filter(kind="seal-trail").exists()


def test_memory_and_queries_stay_flat_per_subject(subject: Subject, study: Study) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            verify(tell=pytest.fail, progress=lambda *_: None)
        return len(captured)

    counts = [queries()]
    for number in range(2):
        treated_subject(study, subject_id=f"01-701-20{number}")
        counts.append(queries())
    assert counts[2] - counts[1] == counts[1] - counts[0]


@pytest.mark.django_db(transaction=True)
def test_writers_and_the_verification_do_not_shut_each_other_out(subject: Subject, study: Study) -> None:
    """Each subject is read under its own lock and nothing is held between two of them, however many there are."""
    written: list[int] = []

    def another_writes(*_: object) -> None:
        def write_elsewhere() -> None:
            Study.objects.filter(pk=study.pk).update(variable_labels={"AE": {"X": str(len(written))}})
            connection.close()

        writer = threading.Thread(target=write_elsewhere)
        writer.start()
        writer.join(timeout=30)
        written.append(1)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("apps.operations.services.verifying.TELL_EVERY", 1)
        assert verify(tell=pytest.fail, progress=another_writes).broken_count == 0
    assert len(written) >= 2
