"""The decision page: a second person reads, proves who they are, and signs what they saw; nobody else can."""

import re

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.models import Review, Signature, TrailEntry
from apps.narratives.models import Narrative
from apps.studies.models import Subject
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import decision, in_review
from tests.factories import SEIZURE, SiteFactory, StudyFactory, UserFactory, person, treated_subject, write

pytestmark = pytest.mark.django_db
LIST = "/admin/compliance/review/"


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


@pytest.fixture
def physician(subject: Subject) -> User:
    return person(Role.SAFETY_PHYSICIAN, subject.study, printed_name="Amara Okafor, MD")


@pytest.fixture
def review(subject: Subject, author: User) -> Review:
    return in_review(subject, author)


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def page(review: Review) -> str:
    return f"{LIST}{review.pk}/decide/"


def state(review: Review) -> str:
    return Review.objects.get(pk=review.pk).state


@pytest.mark.requirement("P11-50")
def test_a_signature_shows_name_time_and_meaning_and_binds_what_was_shown(review: Review, physician: User) -> None:
    client = browser(physician)
    shown = client.get(page(review)).content.decode()
    assert review.content_sha256 in shown
    answer = client.post(page(review), decision(review, meaning="medical review"))
    assert answer.status_code == 302
    signature = Signature.objects.get()
    assert (signature.signer, signature.meaning) == (physician, "medical review")
    assert signature.content_sha256 == review.content_sha256
    signed = client.get(page(review)).content.decode()
    assert "Amara Okafor, MD" in signed
    assert "medical review" in signed
    assert f"{signature.signed_at:%d %b %Y}" in signed


@pytest.mark.requirement("P11-10g")
def test_the_author_sees_why_they_cannot_decide(review: Review, author: User, subject: Subject) -> None:
    both = person(Role.SAFETY_PHYSICIAN, subject.study)
    review.authors.add(both)
    client = browser(both)
    assert "You wrote this version; another person must decide on it." in client.get(page(review)).content.decode()
    answer = client.post(page(review), decision(review))
    assert answer.status_code == 403
    assert "another person must decide" in answer.content.decode()
    assert state(review) == "in_review"
    assert not Signature.objects.exists()


@pytest.mark.requirement("P11-200a")
def test_a_wrong_password_signs_nothing_and_says_so(review: Review, physician: User) -> None:
    answer = browser(physician).post(page(review), decision(review, password="not mine"))
    assert answer.status_code == 403
    assert "The password is not right; nothing was signed." in answer.content.decode()
    assert not Signature.objects.exists()


def test_signing_asks_for_the_password(review: Review, physician: User) -> None:
    answer = browser(physician).post(page(review), decision(review, password=""))
    assert "Enter your password to sign." in answer.content.decode()
    assert not Signature.objects.exists()


def test_what_is_not_what_was_shown_is_not_signed(review: Review, physician: User) -> None:
    answer = browser(physician).post(page(review), decision(review, seen_sha256="0" * 64))
    assert answer.status_code == 412
    assert not Signature.objects.exists()


def test_text_that_went_stale_while_it_was_read_is_not_signed(
    review: Review, physician: User, subject: Subject
) -> None:
    client = browser(physician)
    client.get(page(review))
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    answer = client.post(page(review), decision(review))
    assert answer.status_code == 409
    assert "nothing was signed" in answer.content.decode()
    assert state(review) == "in_review"


@pytest.mark.parametrize(("choice", "after"), [("request_changes", "changes_requested"), ("reject", "withdrawn")])
def test_asking_for_changes_and_rejecting_need_a_reason(
    review: Review, physician: User, choice: str, after: str
) -> None:
    client = browser(physician)
    answer = client.post(page(review), decision(review, decision=choice))
    assert "Say why you ask for changes or reject." in answer.content.decode()
    assert state(review) == "in_review"
    client.post(page(review), decision(review, decision=choice, reason="The onset is missing", anchor="2"))
    assert state(review) == after
    assert "The onset is missing" in client.get(page(review)).content.decode()


def test_the_list_holds_only_reviews_that_the_reader_may_see(review: Review, subject: Subject) -> None:
    readers = {
        person(Role.MEDICAL_MONITOR, subject.study): True,
        person(Role.MEDICAL_MONITOR, subject.study, site=subject.site): True,
        person(Role.MEDICAL_MONITOR, subject.study, site=SiteFactory(study=subject.study)): False,
        person(Role.MEDICAL_MONITOR, StudyFactory()): False,
    }
    for user, sees in readers.items():
        assert (subject.subject_id in browser(user).get(LIST).content.decode()) is sees
        assert browser(user).get(page(review)).status_code == (200 if sees else 404)


def test_a_superuser_without_a_grant_sees_no_review(review: Review) -> None:
    superuser = browser(UserFactory(is_superuser=True, is_staff=True))
    assert superuser.get(LIST).status_code == 403
    assert superuser.get(page(review)).status_code == 404
    assert superuser.post(page(review), decision(review)).status_code == 404


def test_nothing_is_added_or_deleted_here(review: Review, physician: User) -> None:
    client = browser(physician)
    assert client.get(f"{LIST}add/").status_code == 403
    assert client.post(f"{LIST}{review.pk}/delete/", {"post": "yes"}).status_code == 403
    assert "delete_selected" not in client.get(LIST).content.decode()
    assert client.get(f"{LIST}{review.pk}/change/").headers["Location"] == page(review)


@pytest.mark.requirement("P11-10e")
def test_who_set_a_job_off_is_in_the_trail_of_what_the_job_did(review: Review, author: User) -> None:
    run_waiting()
    made = TrailEntry.objects.get_for_object(review).filter(action=TrailEntry.Action.CREATE).get()
    assert made.actor == author
    assert Narrative.objects.get().created_by == author


def test_no_clinical_text_is_in_the_trail(review: Review, physician: User) -> None:
    browser(physician).post(page(review), decision(review))
    told = str(list(TrailEntry.objects.values_list("changes", "object_repr", "additional_data")))
    assert "SEIZURE" not in told.upper()
    assert Signature.objects.get().manifest_sha256 in told


def test_nothing_is_chosen_before_the_person_chooses(review: Review, physician: User) -> None:
    shown = browser(physician).get(page(review)).content.decode()
    assert not [field for field in re.findall(r"<input[^>]*>", shown) if "checked" in field]
    for act in ("Approve and sign version 1", "Request changes", "Reject"):
        assert re.search(rf"<button[^>]*>{act}</button>", shown), act
    answer = browser(physician).post(page(review), decision(review, meaning=""))
    assert "Choose what your signature means." in answer.content.decode()
    assert not Signature.objects.exists()


def test_the_sentence_that_is_signed_fits_its_meaning_and_names_both_versions(review: Review, physician: User) -> None:
    shown = browser(physician).get(page(review)).content.decode()
    for meaning, words in (
        ("approval", "Approval: I approve version 1 as accurate against twin version 1."),
        ("medical review", "Medical review: I reviewed version 1 medically, against twin version 1."),
        ("responsibility", "Responsibility: I take responsibility for version 1, written from twin version 1."),
    ):
        assert re.search(rf'value="{meaning}"> {words}', shown), meaning


def test_the_role_is_shown_before_and_after_signing_and_the_manifest_tells_local_time_and_hash(
    review: Review, physician: User
) -> None:
    client = browser(physician)
    assert "<dt>Role</dt><dd>safety physician</dd>" in client.get(page(review)).content.decode()
    client.post(page(review), decision(review))
    signed = client.get(page(review)).content.decode()
    signature = Signature.objects.get()
    assert signature.manifest["role"] == "safety physician"
    assert signature.content_sha256 in signed
    assert re.search(r"UTC, local \d\d:\d\d:\d\d \(UTC[+-]\d\d:\d\d\)", signed)


def test_each_sentence_has_its_facts_beside_it_then_and_now(review: Review, physician: User, subject: Subject) -> None:
    client = browser(physician)
    shown = client.get(page(review)).content.decode()
    assert shown.count('<li id="sentence-') == shown.count("<details>") > 5
    assert "sentence--stale" not in shown
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}), reason="Letter")
    run_waiting()
    moved = client.get(page(review)).content.decode()
    assert re.search(r"<del>not related</del>.*?<strong>probable</strong>", moved, re.S)
    assert moved.count("sentence--stale") == 1
    told = re.search(r"<li>Seizure: investigator&#x27;s opinion on causality:.*?</li>", moved, re.S)
    assert told is not None
    assert "not related" in told.group()
    rows = dict(re.findall(r"<th scope=\"row\">(\w[\w ]*)</th><td>(\d+)</td><td>\d+</td>", moved))
    now = dict(re.findall(r"<th scope=\"row\">(\w[\w ]*)</th><td>\d+</td><td>(\d+)</td>", moved))
    assert int(now["Supported"]) == int(rows["Supported"]) - 1
    assert (rows["Contradicted"], now["Contradicted"]) == ("0", "1")


def test_what_was_not_done_is_said_in_the_title_and_takes_the_focus(review: Review, physician: User) -> None:
    answer = browser(physician).post(page(review), decision(review, decision="reject", anchor="0"))
    text = answer.content.decode()
    assert "<title>Error: " in text
    assert re.search(r'id="not-done" role="alert" tabindex="-1" autofocus', text)
    assert '<a href="#id_reason">Say why you ask for changes or reject.</a>' in text
    assert '<a href="#id_anchor">' in text
    assert "<title>Error: " not in browser(physician).get(page(review)).content.decode()


def test_the_author_sees_which_sentence_a_comment_is_about(
    review: Review, physician: User, author: User, subject: Subject
) -> None:
    browser(physician).post(page(review), decision(review, decision="request_changes", reason="Say when", anchor="3"))
    narrative = browser(author).get(f"/studies/{subject.study.code}/narratives/{Narrative.objects.get().pk}/")
    asked = re.search(r"asked for changes.*?Say when", narrative.content.decode(), re.S)
    assert asked is not None
    assert "sentence=3" in asked.group()
    assert 'href="#sentence-3"' in browser(physician).get(page(review)).content.decode()


def test_a_physician_is_one_step_from_the_decision_wherever_they_are(
    review: Review, physician: User, author: User, subject: Subject
) -> None:
    code, narrative = subject.study.code, Narrative.objects.get()
    client = browser(physician)
    assert f'href="{page(review)}">Decide on version 1</a>' in client.get("/").content.decode()
    own = client.get(f"/studies/{code}/narratives/{narrative.pk}/").content.decode()
    assert re.search(rf'<a class="button[^"]*" href="{page(review)}">Approve and sign version 1</a>', own)
    assert 'href="/admin/">Administration</a>' in own
    theirs = browser(author).get(f"/studies/{code}/narratives/{narrative.pk}/").content.decode()
    assert "You wrote this version; another person must decide on it." in theirs
    assert page(review) not in theirs


def test_who_may_review_and_not_sign_is_led_to_the_review(review: Review, subject: Subject) -> None:
    monitor = browser(person(Role.MEDICAL_MONITOR, subject.study))
    shown = monitor.get(f"/studies/{subject.study.code}/narratives/{Narrative.objects.get().pk}/").content.decode()
    assert f'href="{page(review)}">Review version 1</a>' in shown
    decided = monitor.get(page(review)).content.decode()
    assert "Approve and sign version 1" not in decided
    assert "Signing: Your role does not include: sign narrative." in " ".join(decided.split())


def test_who_has_nothing_in_the_administration_gets_words_and_no_form(subject: Subject) -> None:
    cra = browser(person(Role.CRA, subject.study))
    answer = cra.get("/admin/", follow=True)
    assert answer.status_code == 403
    text = answer.content.decode()
    assert "Your role has nothing to do in the administration" in text
    assert 'name="password"' not in text
    assert "Administration</a>" not in cra.get("/").content.decode()
    assert 'name="password"' in Client().get("/admin/", follow=True).content.decode()
