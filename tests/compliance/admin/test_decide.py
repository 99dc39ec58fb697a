"""The decision page: a second person reads, proves who they are, and signs what they saw; nobody else can."""

import pytest
from django.test import Client

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.models import Review, Signature, TrailEntry
from apps.narratives.models import Narrative
from apps.studies.models import Subject
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import decision, in_review
from tests.factories import SiteFactory, StudyFactory, UserFactory, person, treated_subject, write

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
    assert "password is not right" in answer.content.decode()
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
