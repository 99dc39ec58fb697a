"""A past version of a subject shows its narrative as it stood then, and not as it stands now."""

import re

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.narratives.models import CurrencyChange, Narrative
from apps.narratives.selectors.content import latest_version
from apps.narratives.services.drafting import submit_narrative
from apps.studies.domain.audience import Audience
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from apps.twins.selectors.history import in_sequence_of, known_until
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, review_of, sign, verified
from tests.factories import SEIZURE, StudyFactory, person, treated_subject, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory(code="TRIAL"))


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


def panel(user: User, subject: Subject, version: int | None = None) -> HttpResponse:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("narrative-of-subject", args=[subject.study.code, subject.subject_id])
    return client.get(address, {"version": version} if version is not None else {})


def words(answer: HttpResponse) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_each_version_shows_the_state_and_currency_of_its_own_time(subject: Subject, author: User) -> None:
    """A past version said "signed, now stale" of a text that was a draft, or was not there, when it was the latest."""
    write(subject, ("AE", {**SEIZURE, "AEREL": "POSSIBLE"}))
    narrative = verified(subject, author)
    write(subject, ("VS", {"VSTESTCD": "PULSE", "VSTEST": "Pulse", "VSORRES": "70"}))
    run_waiting()
    submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    sign(review_of(narrative), person(Role.SAFETY_PHYSICIAN, subject.study))
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    run_waiting()
    subject.refresh_from_db()
    assert latest_version(Narrative.objects.get()).currency_now == "stale_cited"
    assert CurrencyChange.objects.exists()
    assert "No narrative had been drafted for this subject." in words(panel(author, subject, 1))
    drafted = words(panel(author, subject, 2))
    assert "as it stood then" in drafted
    assert "checked against the data ✓ current" in drafted
    signed = words(panel(author, subject, 3))
    assert "signed" in signed
    assert "stale" not in signed
    assert "Version 1 was signed, against twin version 2." in signed
    now = words(panel(author, subject))
    assert "stale" in now
    assert words(panel(author, subject, 4)) == now


def test_a_version_that_does_not_exist_is_not_found(subject: Subject, author: User) -> None:
    for version in (0, 99):
        assert panel(author, subject, version).status_code == 404
    with_words = Client(raise_request_exception=False)
    with_words.force_login(author, backend="django.contrib.auth.backends.ModelBackend")
    address = reverse("narrative-of-subject", args=[subject.study.code, subject.subject_id])
    assert with_words.get(address, {"version": "two"}).status_code == 404


def test_what_a_signer_saw_is_addressed_in_the_readers_own_sequence(subject: Subject, author: User) -> None:
    write(subject, ("EX", {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    write(subject, ("AE", {**SEIZURE, "AEREL": "POSSIBLE"}))
    subject.refresh_from_db()
    assert (subject.version, subject.blinded_version) == (3, 2)
    assert in_sequence_of(subject, Audience.UNBLINDED, 2) == 3
    assert in_sequence_of(subject, Audience.BLINDED, 2) == 2
    review = in_review(subject, author)
    sign(review, person(Role.SAFETY_PHYSICIAN, subject.study))
    monitor = person(Role.UNBLINDED_MONITOR, subject.study)
    assert "?version=3" in panel(monitor, subject).content.decode()
    assert "?version=2" in panel(author, subject).content.decode()
    assert known_until(subject, Audience.UNBLINDED, 3) is None
    assert known_until(subject, Audience.UNBLINDED, 2) is not None
