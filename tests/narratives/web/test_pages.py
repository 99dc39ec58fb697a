"""The page of a narrative: what is read is what is submitted, the text comes when it is written."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.compliance.domain.workflow import Step
from apps.compliance.services.reviewing import move_review
from apps.narratives.domain.sentences import Sentence
from apps.narratives.models import Narrative
from apps.narratives.services.drafting import refresh_narrative, start_narrative
from apps.narratives.web.presenter import text_differences
from apps.studies.models import Subject
from apps.studies.selectors.access import principal_of
from tests.approved import assert_approved
from tests.architecture.portal import run_waiting
from tests.compliance.reviews import in_review, review_of, sign, verified
from tests.factories import SEIZURE, StudyFactory, person, treated_subject, write

pytestmark = pytest.mark.django_db

APPROVED = Path(__file__).parent / "approved"
_UNSTABLE = re.compile(r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b[A-Z]{2,5}/[0-9a-z]{8,}|\b[0-9a-f]{4,64}…[0-9a-f]{4}\b")


@pytest.fixture
def _now() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 3, 2, 9, 0, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def subject(_now: None) -> Subject:
    return treated_subject(StudyFactory(code="TRIAL"))


@pytest.fixture
def author(subject: Subject) -> User:
    return person(Role.SAFETY_AUTHOR, subject.study)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def address(narrative: Narrative, part: str = "narrative", *more: object) -> str:
    return reverse(part, args=[narrative.study.code, narrative.pk, *more])


def words(answer: HttpResponse) -> str:
    text = re.sub(r"<template.*?</template>|<head>.*?</head>|<[^>]+>", " ", answer.content.decode(), flags=re.S)
    return " ".join(text.split())


def test_a_text_written_behind_the_readers_back_is_not_submitted(subject: Subject, author: User) -> None:
    narrative, client = verified(subject, author), signed_in(author)
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    run_waiting()
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    for read in ("1", "", "two"):
        answer = client.post(address(narrative, "narrative-submit"), {"version": read}, follow=True)
        assert "The latest version is 2, not" in words(answer)
        assert review_of(narrative).state == "verified"
    answer = client.post(address(narrative, "narrative-submit"), {"version": "2"}, follow=True)
    assert "Version 2 is in review." in words(answer)
    assert review_of(narrative).state == "in_review"


def test_only_the_text_that_is_on_the_page_can_be_submitted_from_it(subject: Subject, author: User) -> None:
    narrative, client = verified(subject, author), signed_in(author)
    page = client.get(address(narrative))
    assert b'<input type="hidden" name="version" value="1">' in page.content
    assert b'name="read" value="1"' in page.content
    document = address(narrative, "narrative-document")
    for read in ("", "?read=7"):
        shown = words(client.get(document + read))
        assert "Version 1 is not on this page: show it and read it first." in shown
    assert "not on this page" not in words(client.get(f"{document}?read=1"))


def test_a_version_is_printed_with_the_facts_of_every_sentence_as_notes(subject: Subject, author: User) -> None:
    narrative, client = verified(subject, author), signed_in(author)
    version = narrative.versions.get()
    answer = client.get(address(narrative, "narrative-notes"))
    found = re.findall(r'<li id="note-(\d+)" value="\1">(.*?)</li>', answer.content.decode(), flags=re.S)
    assert [int(number) for number, _facts in found] == list(range(1, len(version.sentences) + 1))
    assert [facts.count("notes__fact") for _n, facts in found] == [len(item["fact_ids"]) for item in version.sentences]
    assert re.search(r"[Oo]nset: 02 Jun 2013 \(AESTDTC\)", words(answer))
    write(subject, ("AE", {**SEIZURE, "AESTDTC": "2013-06-03"}))
    run_waiting()
    told = words(client.get(address(narrative, "narrative-notes") + "?version=1"))
    assert re.search(r"[Oo]nset: 02 Jun 2013 now 03 Jun 2013", told)
    assert "stale" in told
    assert client.get(address(narrative, "narrative-notes") + "?version=2").status_code == 404


def test_there_is_nothing_to_print_before_anything_is_written(subject: Subject, author: User) -> None:
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    answer = signed_in(author).get(address(narrative, "narrative-notes"))
    assert answer.status_code == 404
    assert "No version of this narrative was written yet." in words(answer)


def test_a_draft_that_is_there_is_told_to_the_page_that_waits_for_it(subject: Subject, author: User) -> None:
    client = signed_in(author)
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    page = client.get(address(narrative)).content.decode()
    assert "The draft is being written" in page
    assert re.search(r'id="reading"[^>]*hx-trigger="refresh, drafted from:body"', page)
    waiting = client.get(address(narrative, "narrative-document") + "?drafting=1")
    assert "HX-Trigger-After-Swap" not in waiting.headers
    run_waiting()
    assert client.get(address(narrative, "narrative-document") + "?drafting=1").headers["HX-Trigger-After-Swap"] == (
        "drafted"
    )
    assert "HX-Trigger-After-Swap" not in client.get(address(narrative, "narrative-document")).headers


def test_the_state_of_an_earlier_version_stays_that_of_the_version_shown(subject: Subject, author: User) -> None:
    narrative, client = Narrative.objects.get(pk=verified(subject, author).pk), signed_in(author)
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    run_waiting()
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    earlier = words(client.get(address(narrative, "narrative-document") + "?version=1&read=1"))
    assert "You are looking at version 1" in earlier
    assert "Stale: the data moved after this version was written" in earlier
    assert "Version 2 agrees with the data; there is nothing to refresh." in earlier
    assert "Version 2 is not on this page: show it and read it first." in earlier
    assert (
        f"{address(narrative, 'narrative-document')}?version=1"
        in client.get(address(narrative) + "?version=1").content.decode()
    )
    assert client.get(address(narrative, "narrative-document") + "?version=9").status_code == 404


def test_versions_of_the_twin_are_counted_as_the_reader_counts_them(subject: Subject, author: User) -> None:
    write(subject, ("EX", {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    write(subject, ("AE", {**SEIZURE, "AEREL": "POSSIBLE"}))
    subject.refresh_from_db()
    review = in_review(subject, author)
    sign(review, person(Role.SAFETY_PHYSICIAN, subject.study))
    narrative = Narrative.objects.get()
    for role, version in ((Role.CRA, 2), (Role.UNBLINDED_MONITOR, 3)):
        client = signed_in(person(role, subject.study))
        page = client.get(address(narrative) + "?sentence=2")
        assert f"from twin version {version} as known on" in words(page)
        assert f"signed against twin version {version}." in words(page)
        assert f"Written, twin version {version} " in words(page)
        assert f"/subjects/{subject.subject_id}/?version={version}" in page.content.decode()
        evidence = client.get(address(narrative, "narrative-evidence", 1, 2))
        assert f"Written, twin version {version} " in words(evidence)


def test_the_slider_marks_what_was_signed_in_the_readers_own_sequence(subject: Subject, author: User) -> None:
    write(subject, ("EX", {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    write(subject, ("AE", {**SEIZURE, "AEREL": "POSSIBLE"}))
    subject.refresh_from_db()
    twin = reverse("subject", args=["TRIAL", subject.subject_id])
    cra, monitor = (signed_in(person(role, subject.study)) for role in (Role.CRA, Role.UNBLINDED_MONITOR))
    review = in_review(subject, author)
    assert "was signed against version" not in words(cra.get(twin))
    sign(review, person(Role.SAFETY_PHYSICIAN, subject.study))
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE"}))
    for client, version in ((cra, 2), (monitor, 3)):
        page = client.get(twin)
        assert f'<option value="{version}">' in page.content.decode()
        assert f"A narrative was signed against version {version} ." in words(page)
        assert f'<a href="?version={version}">{version}</a>' in page.content.decode()


def told(*texts: str) -> list[Sentence]:
    return [Sentence(text, ()) for text in texts]


def test_a_comparison_begins_with_what_changed_and_counts_by_the_later_version() -> None:
    found = text_differences(told("A", "B", "C", "gone"), told("new", "A", "b", "C"))
    assert [(one.kind, one.old, one.new, one.number) for one in found] == [
        ("changed", "", "new", 1),
        ("changed", "B", "b", 3),
        ("changed", "gone", "", None),
        ("unchanged", "A", "A", 2),
        ("unchanged", "C", "C", 4),
    ]


def test_a_printed_page_says_whose_it_is(subject: Subject, author: User) -> None:
    page = words(signed_in(author).get(reverse("narratives", args=["TRIAL"])))
    assert f"TRIAL · Blinded view · read by {author.display_name}, 02 Mar 2026, 09:00 UTC" in page


def test_what_the_pages_tell_of_a_narrative_is_what_was_approved(subject: Subject, author: User) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, subject.study)
    told: list[str] = []

    def tell(title: str, user: User, path: str) -> None:
        told.append(f"## {title}\n" + _UNSTABLE.sub("<id>", words(signed_in(user).get(path))).replace(". ", ".\n"))

    tell("none", author, reverse("narratives", args=["TRIAL"]))
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    tell("drafting", author, address(narrative))
    run_waiting()
    tell("drafted", author, address(narrative))
    tell("drafted, as the physician", physician, address(narrative))
    signed_in(author).post(address(narrative, "narrative-submit"), {"version": "1"})
    move_review(review=review_of(narrative), step=Step.REQUEST_CHANGES, actor=physician, reason="Say more")
    tell("changes requested", author, address(narrative))
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE", "AEOUT": "FATAL"}), reason="Letter of the hospital")
    tell("checking", author, address(narrative))
    run_waiting()
    tell("stale", author, address(narrative) + "?sentence=5")
    refresh_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run_waiting()
    signed_in(author).post(address(narrative, "narrative-submit"), {"version": "2"})
    sign(review_of(narrative), physician)
    write(subject, ("AE", {**SEIZURE, "AEREL": "PROBABLE", "AEOUT": "FATAL", "AEENDTC": "2013-06-07"}))
    run_waiting()
    tell("signed, then stale", author, address(narrative))
    tell("comparison", author, address(narrative, "narrative-compare"))
    for sentence in (1, 5):
        tell(f"evidence {sentence}", author, address(narrative, "narrative-evidence", 2, sentence))
    tell("list", author, reverse("narratives", args=["TRIAL"]))
    assert_approved("\n\n".join([*told, ""]), APPROVED / "narrative.txt")
