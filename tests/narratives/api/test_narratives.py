"""Narratives through the API: drafted once, readable at once, moved on by those who may, blinded for everyone."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import Study, StudyState, Subject
from tests.architecture.portal import run_waiting
from tests.factories import (
    DEMOGRAPHICS,
    SiteFactory,
    StudyFactory,
    SubjectFactory,
    client_account,
    person,
    treated_subject,
    write,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def client(subject: Subject) -> APIClient:
    return reader(client_account(subject.study))


def reader(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def list_of(subject: Subject) -> str:
    return f"/api/v1/studies/{subject.study.code}/narratives/"


def drafted(client: APIClient, subject: Subject) -> str:
    answer = client.post(list_of(subject), {"subject_id": subject.subject_id}, format="json")
    assert answer.status_code == 202, answer.content
    return f"/api/v1/narratives/{answer.json()['id']}/"


def read(client: APIClient, url: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get(url).json()
    return found


def test_a_narrative_is_readable_before_it_is_written(client: APIClient, subject: Subject) -> None:
    body = read(client, drafted(client, subject))
    assert (body["state"], body["currency"], body["version"], body["sentences"]) == ("draft", "current", 0, [])


def test_a_second_request_returns_the_same_id(client: APIClient, subject: Subject) -> None:
    first = drafted(client, subject)
    run_waiting()
    assert drafted(client, subject) == first
    assert read(client, first)["version"] == 1


def test_without_a_rule_that_asks_for_it_a_narrative_needs_a_reason(subject: Subject, client: APIClient) -> None:
    quiet = SubjectFactory(site=subject.site, subject_id="S-quiet")
    write(quiet, ("DM", {**DEMOGRAPHICS, "SITEID": quiet.site.code}))
    refused = client.post(list_of(subject), {"subject_id": "S-quiet"}, format="json")
    assert refused.status_code == 422
    assert "No rule asks for a narrative of S-quiet" in refused.json()["detail"]
    begun = client.post(list_of(subject), {"subject_id": "S-quiet", "reason": "Asked for"}, format="json")
    assert begun.status_code == 202


def test_every_sentence_names_facts_that_are_there(client: APIClient, subject: Subject) -> None:
    url = drafted(client, subject)
    run_waiting()
    body = read(client, url)
    assert (body["state"], body["subject_id"]) == ("verified", subject.subject_id)
    assert {fact for sentence in body["sentences"] for fact in sentence["facts"]} <= body["facts"].keys()
    names = ("supported", "contradicted", "unsupported", "omitted")
    assert [body["verification"][name] for name in names] == [len(body["sentences"]), 0, 0, 0]


def test_an_unblinded_client_is_given_the_blinded_text(client: APIClient, subject: Subject) -> None:
    write(subject, ("EX", {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}))
    url = drafted(client, subject)
    run_waiting()
    assert "MARK" not in client.get(url).content.decode()


def test_a_changed_fact_is_told_with_old_and_new_value_and_its_source(client: APIClient, subject: Subject) -> None:
    url = drafted(client, subject)
    run_waiting()
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    run_waiting()
    body = read(client, url)
    assert body["currency"] == "stale_cited"
    reason = next(item for item in body["staleness"] if item["name"].endswith("causality"))
    assert (reason["old"], reason["new"]) == ("NONE", "POSSIBLE")
    assert reason["source"]["record"].startswith("AE/")


def test_submitting_moves_it_to_review_and_only_when_it_is_current(client: APIClient, subject: Subject) -> None:
    url = drafted(client, subject)
    assert client.post(f"{url}submit/").status_code == 409
    run_waiting()
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}))
    assert client.post(f"{url}submit/").status_code == 409
    assert client.post(f"{url}refresh/").status_code == 202
    assert client.post(f"{url}refresh/").status_code == 409
    run_waiting()
    assert client.post(f"{url}submit/").json()["state"] == "in_review"
    assert client.post(f"{url}submit/").status_code == 409


def test_the_list_is_paged_and_scoped(client: APIClient, subject: Subject) -> None:
    other = treated_subject(subject.study)
    drafted(client, subject)
    drafted(client, other)
    body = client.get(f"{list_of(subject)}?page_size=1").json()
    assert (body["count"], len(body["results"])) == (2, 1)
    line = {"id", "subject_id", "state", "currency", "is_intact", "why_not_intact", "version"}
    assert body["results"][0].keys() == line
    cra = reader(person(Role.CRA, subject.study, site=subject.site))
    assert [line["subject_id"] for line in cra.get(list_of(subject)).json()["results"]] == [subject.subject_id]


def test_who_may_not_draft_is_told_so_and_strangers_find_nothing(client: APIClient, subject: Subject) -> None:
    url = drafted(client, subject)
    body = {"subject_id": subject.subject_id}
    monitor = reader(person(Role.MEDICAL_MONITOR, subject.study))
    for path, sent in ((list_of(subject), body), (f"{url}refresh/", {}), (f"{url}submit/", {})):
        assert monitor.post(path, sent, format="json").status_code == 403
    elsewhere = reader(person(Role.CRA, subject.study, site=SiteFactory(study=subject.study)))
    assert elsewhere.get(url).status_code == 404
    assert elsewhere.post(list_of(subject), body, format="json").status_code == 404
    assert client.post(list_of(subject), {"subject_id": "nobody"}, format="json").status_code == 404
    assert client.post(list_of(subject), {}, format="json").status_code == 400


def test_a_locked_study_takes_no_draft(client: APIClient, subject: Subject) -> None:
    Study.objects.filter(pk=subject.study_id).update(state=StudyState.LOCKED)
    answer = client.post(list_of(subject), {"subject_id": subject.subject_id}, format="json")
    assert answer.status_code == 403
    assert "locked" in answer.json()["detail"]
