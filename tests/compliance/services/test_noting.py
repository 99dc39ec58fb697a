"""Who came in, who was refused and why is kept in the trail; what was typed is not, nor is a guesser's every try."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import Lockout, User
from apps.accounts.services.applications import make_application
from apps.accounts.services.grants import revoke_role
from apps.compliance.domain.workflow import Meaning
from apps.compliance.models import Review, TrailEntry
from apps.compliance.selectors.trail import trail_breaks
from apps.compliance.services.sealing import seal_trail
from apps.compliance.services.signing import sign_review
from apps.core.domain.errors import PlatformError
from apps.studies.models import Study
from tests.compliance.reviews import in_review, sign
from tests.factories import PASSWORD, SEIZURE, StudyFactory, client_account, person, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("P11-10e")]


@pytest.fixture
def study() -> Study:
    return StudyFactory(code="OWN-1")


@pytest.fixture
def manager(study: Study) -> User:
    return person(Role.DATA_MANAGER, study, username="data.manager")


def sign_in(username: str, password: str, **headers: str) -> Any:
    return Client().post("/sign-in/", {"username": username, "password": password}, **headers)


def acts() -> list[tuple[str, str, str, str]]:
    """Act, reason, name and study of every row that is no change of fields, oldest first."""
    rows = TrailEntry.objects.exclude(additional_data__isnull=True).order_by("pk").select_related("study")
    return [
        (row.additional_data["act"], row.additional_data.get("why", ""), row.object_repr, str(row.study or "platform"))
        for row in rows
    ]


def test_a_sign_in_and_a_sign_out_are_rows_of_the_platform_and_of_the_persons_study(manager: User) -> None:
    client = Client(REMOTE_ADDR="203.0.113.9")
    client.post("/sign-in/", {"username": "data.manager", "password": PASSWORD})
    client.post("/sign-out/")
    name = manager.display_name
    assert acts() == [
        ("sign_in", "", name, "platform"),
        ("sign_in", "", name, "OWN-1"),
        ("sign_out", "", name, "platform"),
        ("sign_out", "", name, "OWN-1"),
    ]
    rows = TrailEntry.objects.exclude(additional_data__isnull=True)
    assert {row.actor_id for row in rows} == {manager.pk}
    assert {row.additional_data["address"] for row in rows} == {"203.0.113.9"}


@pytest.mark.parametrize(
    ("closed", "why"), [(False, "wrong_password"), (True, "closed")], ids=["wrong password", "closed account"]
)
def test_a_refused_sign_in_is_a_row_with_its_reason_and_nobody_as_its_actor(
    manager: User, closed: bool, why: str
) -> None:
    User.objects.filter(pk=manager.pk).update(is_active=not closed)
    sign_in("data.manager", PASSWORD if closed else "wrong", REMOTE_ADDR="203.0.113.9")
    assert acts() == [
        ("sign_in_refused", why, manager.display_name, "platform"),
        ("sign_in_refused", why, manager.display_name, "OWN-1"),
    ]
    rows = TrailEntry.objects.exclude(additional_data__isnull=True)
    assert not rows.exclude(actor=None).exists()
    assert {row.additional_data["address"] for row in rows} == {"203.0.113.9"}


@pytest.mark.requirement("H-a1")
def test_neither_a_password_nor_a_name_that_is_nobodys_is_kept(manager: User) -> None:
    sign_in("my-password-in-the-wrong-field", "x")
    sign_in("data.manager", "a-wrong-password-nobody-may-read")
    told = json.dumps(list(TrailEntry.objects.values()), default=str)
    assert "my-password" not in told
    assert "nobody-may-read" not in told
    assert acts()[0] == ("sign_in_refused", "nobody", "", "platform")


def test_a_lock_out_is_kept_once_and_tries_during_it_are_not(manager: User) -> None:
    for _ in range(9):
        sign_in("data.manager", "wrong")
    of_platform = [act for act, _why, _name, study in acts() if study == "platform"]
    assert of_platform == ["sign_in_refused"] * 5 + ["wait"]
    row = TrailEntry.objects.filter(additional_data__act="wait", study=None).get()
    assert row.additional_data["seconds"] == 30
    Lockout.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    sign_in("data.manager", "wrong")
    assert [act for act, _why, _name, study in acts() if study == "platform"][6:] == ["sign_in_refused", "wait"]


def test_an_address_that_guesses_names_is_locked_out_without_a_name(manager: User) -> None:
    for number in range(32):
        sign_in(f"guess{number}", "x")
    assert [act for act, *_ in acts()] == ["sign_in_refused"] * 30 + ["wait"]
    assert {name for _act, _why, name, _study in acts()} == {""}


def test_a_program_with_a_wrong_secret_is_kept_by_its_account(study: Study) -> None:
    account = client_account(study)
    made = make_application(account=account, name="EDC bridge")
    form = {"grant_type": "client_credentials", "client_id": made.client_id, "client_secret": "wrong"}
    assert Client().post("/o/token/", form).status_code == 401
    assert Client().post("/o/token/", {**form, "client_id": "nobody"}).status_code == 401
    assert acts() == [
        ("token_refused", "wrong_secret", account.display_name, "platform"),
        ("token_refused", "wrong_secret", account.display_name, "OWN-1"),
        ("token_refused", "nobody", "", "platform"),
    ]


def test_a_wrong_old_password_is_no_refused_sign_in(manager: User) -> None:
    client = Client()
    client.force_login(manager)
    form = {"old_password": "wrong", "new_password1": "another long one", "new_password2": "another long one"}
    client.post("/password/", form)
    assert [act for act, *_ in acts()][2:] == ["password_refused", "password_refused"]


def test_a_person_without_a_role_any_more_is_the_platforms_alone(manager: User) -> None:
    revoke_role(user=manager, role=Role.DATA_MANAGER, study_code="OWN-1")
    sign_in("data.manager", "wrong")
    assert [study for *_, study in acts()] == ["platform"]


def refused(review: Review, signer: User, password: str = PASSWORD, seen: str = "") -> PlatformError:
    request = RequestFactory().post("/")
    request.user = signer
    with pytest.raises(PlatformError) as caught:
        sign_review(
            request=request,
            review=review,
            signer=signer,
            password=password,
            meaning=Meaning.APPROVAL,
            seen_sha256=seen or review.content_sha256,
        )
    return caught.value


@pytest.mark.requirement("P11-200a")
def test_every_refused_signing_is_a_row_of_the_study_with_its_reason(study: Study) -> None:
    subject = treated_subject(study)
    author = person(Role.SAFETY_AUTHOR, study)
    physician = person(Role.SAFETY_PHYSICIAN, study)
    unproven = person(Role.SAFETY_PHYSICIAN, study, is_proven=False)
    review = in_review(subject, author)
    refused(review, physician, password="wrong")
    refused(review, unproven)
    refused(review, person(Role.MEDICAL_MONITOR, study))
    refused(review, person(Role.SAFETY_PHYSICIAN, StudyFactory()))
    refused(review, physician, seen="0" * 64)
    sign(review, physician)
    refused(review, physician)
    told = [act for act in acts() if act[0] == "signing_refused"]
    title = f"Safety narrative of {subject.subject_id}, version 1"
    whys = ["wrong_password", "unproven", "no_right", "no_right", "other_text", "decided"]
    assert told == [("signing_refused", why, title, "OWN-1") for why in whys]
    assert TrailEntry.objects.filter(additional_data__act="signing_refused").first().actor == physician


@pytest.mark.requirement("P11-10g")
def test_an_author_who_would_sign_and_a_stale_text_are_refused_by_name(study: Study) -> None:
    subject = treated_subject(study)
    author = person(Role.SAFETY_AUTHOR, study)
    both = person(Role.SAFETY_PHYSICIAN, study)
    review = in_review(subject, author)
    review.authors.add(both)
    refused(review, both)
    write(subject, ("AE", {**SEIZURE, "AESEV": "MILD", "AEOUT": "FATAL"}))
    refused(review, person(Role.SAFETY_PHYSICIAN, study))
    assert [why for act, why, *_ in acts() if act == "signing_refused"] == ["author", "stale"]


def test_a_wrong_password_at_a_signature_is_told_once_and_as_what_it_was(study: Study) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, study)
    review = in_review(treated_subject(study), person(Role.SAFETY_AUTHOR, study))
    for _ in range(6):
        refused(review, physician, password="wrong")
    told = [(act, why) for act, why, _name, study_of in acts() if study_of == "OWN-1"]
    assert told == [("signing_refused", "wrong_password")] * 4 + [
        ("wait", ""),
        ("signing_refused", "wrong_password"),
        ("signing_refused", "waiting"),
    ]


@pytest.mark.requirement("P11-10a")
def test_rows_about_acts_are_sealed_as_all_others_are(manager: User) -> None:
    sign_in("data.manager", "wrong")
    sign_in("nobody", "wrong")
    seal_trail()
    assert list(trail_breaks()) == []
    assert not TrailEntry.objects.filter(leaf=None).exists()
