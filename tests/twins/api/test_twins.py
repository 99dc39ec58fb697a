"""The twin through the API: now, at a version, at an instant; what changed; each in the reader's own sequence."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.studies.models import ChangeSet, Record, Study, Subject
from apps.studies.services.receiving import note_domains
from apps.twins.domain.facts import DEFINITION_VERSION
from apps.twins.domain.fold import FOLD_VERSION
from tests.factories import SiteFactory, StudyFactory, client_account, person, treated_subject, write
from tests.history import plain, rewritable

pytestmark = pytest.mark.django_db

EXPOSURE = {"EXTRT": "MARKER-DRUG", "EXDOSE": 54, "EXSTDTC": "2013-04-26"}


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def told(subject: Subject) -> Subject:
    """Three versions for unblinded readers, of which blinded ones know two."""
    write(subject, ("EX", EXPOSURE), reason="Dose of MARKER-DRUG entered")
    manager = person(Role.DATA_MANAGER, subject.study)
    write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}), user=manager, reason="Site corrected")
    return subject


def reader(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def blinded(subject: Subject) -> APIClient:
    return reader(person(Role.MEDICAL_MONITOR, subject.study))


def unblinded(subject: Subject) -> APIClient:
    return reader(client_account(subject.study))


def address(subject: Subject, rest: str = "") -> str:
    subject_id = quote(subject.subject_id, safe="")
    return f"/api/v1/studies/{subject.study.code}/subjects/{subject_id}/twin/{rest}"


def kinds(body: dict[str, Any]) -> set[str]:
    return {node["kind"] for node in body["nodes"]}


def test_the_twin_has_records_groups_edges_and_derived_facts(told: Subject) -> None:
    body = unblinded(told).get(address(told)).json()
    event = Record.objects.get(subject=told, domain="AE")
    node = next(node for node in body["nodes"] if node["id"] == event.record_id)
    assert (node["kind"], node["values"]) == ("adverse_event", event.values)
    assert kinds(body) == {"subject", "adverse_event", "event", "exposure"}
    assert {edge["kind"] for edge in body["edges"]} == {"PART_OF", "DURING"}
    facts = {fact["name"]: fact for fact in body["facts"]}
    assert (facts["onset_day"]["value"], facts["onset_day"]["unit"]) == (38, "day")
    assert f"{event.record_id}.AESTDTC" in facts["onset_day"]["derived_from"]
    assert facts["dose_at_onset"]["value"] == 54


def test_a_blinded_reader_is_served_a_twin_in_which_treatment_was_never_recorded(told: Subject) -> None:
    answer = blinded(told).get(address(told))
    assert kinds(answer.json()) == {"subject", "adverse_event", "event"}
    assert "MARK" not in answer.content.decode()
    assert "dose_at_onset" not in answer.content.decode()


def etag(version: int, domains: int = 2) -> str:
    """Of a subject whose study has received DM and AE, as far as a blinded reader knows."""
    return f'"{version}-{FOLD_VERSION}.{DEFINITION_VERSION}-{domains}"'


def test_version_hash_and_etag_are_of_the_readers_own_sequence(told: Subject) -> None:
    last = ChangeSet.objects.filter(subject=told).order_by("-number")[0]
    seen = {}
    for name, client in (("blinded", blinded(told)), ("unblinded", unblinded(told))):
        answer = client.get(address(told))
        seen[name] = (answer.json()["version"], answer.json()["sha256"], answer["ETag"])
    assert seen["blinded"] == (2, last.blinded_sha256, etag(2))
    assert seen["unblinded"] == (3, last.sha256, etag(3, domains=3))


def test_a_reader_who_has_the_latest_version_is_told_so_without_a_body(told: Subject) -> None:
    client = blinded(told)
    same = client.get(address(told), headers={"If-None-Match": etag(2)})
    assert (same.status_code, same.content, same["ETag"]) == (304, b"", etag(2))
    assert client.get(address(told), headers={"If-None-Match": etag(1)}).status_code == 200
    write(told, ("AE", {"AESPID": "E01", "AEREL": "NONE"}))
    assert client.get(address(told), headers={"If-None-Match": etag(2)}).status_code == 200


@pytest.mark.parametrize("name", ["DEFINITION_VERSION", "FOLD_VERSION"])
def test_a_reader_of_the_same_version_gets_the_facts_of_a_new_definition(
    told: Subject, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    client = blinded(told)
    kept = client.get(address(told))["ETag"]
    monkeypatch.setattr(f"apps.twins.api.twins.{name}", 99)
    assert client.get(address(told), headers={"If-None-Match": kept}).status_code == 200


@pytest.mark.parametrize("version", [3, 99999, -1])
def test_a_version_that_does_not_exist_is_not_found_whatever_the_reader_has(told: Subject, version: int) -> None:
    """3 is one of the unblinded sequence alone."""
    for held in (etag(version), f'"{version}"'):
        answer = blinded(told).get(address(told), {"version": version}, headers={"If-None-Match": held})
        assert answer.status_code in {400, 404}


def test_a_past_version_is_read_as_it_was(told: Subject) -> None:
    client = blinded(told)
    relations = [
        next(
            node["values"]["AEREL"]
            for node in client.get(address(told, f"?version={version}")).json()["nodes"]
            if node["kind"] == "adverse_event"
        )
        for version in (1, 2)
    ]
    assert relations == ["NONE", "POSSIBLE"]
    assert client.get(address(told, "?version=0")).json()["nodes"] == []


def test_an_instant_gives_the_version_known_then(told: Subject) -> None:
    with rewritable("studies_changeset"):
        for number in (1, 2, 3):
            moment = timezone.now() - timedelta(days=4 - number)
            plain(ChangeSet).filter(subject=told, number=number).update(known_at=moment)
    between = timezone.now() - timedelta(days=1, hours=12)
    wanted = quote(between.isoformat())
    assert unblinded(told).get(address(told, f"?at={wanted}")).json()["version"] == 2
    assert blinded(told).get(address(told, f"?at={wanted}")).json()["version"] == 1
    assert blinded(told).get(address(told, "?at=1999-01-01T00:00:00Z")).json()["version"] == 0


@pytest.mark.parametrize(
    ("rest", "status"),
    [
        ("?version=99", 404),
        ("?version=-1", 400),
        ("?version=two", 400),
        ("?at=yesterday", 400),
        ("?at=2013-08-09", 400),
        ("?at=2013-08-09T08:40:00", 400),
        ("?at=2013-13-45T00:00:00Z", 400),
        ("diff/", 400),
        ("diff/?from=2&to=1", 404),
        ("diff/?from=0&to=99", 404),
        ("changes/?since=99", 404),
        ("changes/?since=%C2%B2", 400),
    ],
)
def test_what_is_not_a_version_is_a_problem_with_advice(told: Subject, rest: str, status: int) -> None:
    answer = blinded(told).get(address(told, rest))
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    assert "xpected" in answer.json()["detail"] or "latest" in answer.json()["detail"]


def test_versions_name_moment_actor_reason_and_size(told: Subject) -> None:
    versions = unblinded(told).get(address(told, "versions/")).json()
    assert [version["version"] for version in versions] == [1, 2, 3]
    assert [version["changes"] for version in versions] == [2, 1, 1]
    assert versions[1]["reason"] == "Dose of MARKER-DRUG entered"
    assert versions[2].keys() == {"version", "known_at", "actor", "reason", "source", "changes"}


def test_a_blinded_reader_of_versions_does_not_see_that_treatment_was_written(told: Subject) -> None:
    versions = blinded(told).get(address(told, "versions/")).json()
    assert [(version["version"], version["reason"]) for version in versions] == [(1, None), (2, "Site corrected")]


def test_changes_since_a_version_are_in_order_and_per_variable(told: Subject) -> None:
    write(told, ("AE", {"AESPID": "E01", "AEREL": "NONE"}), ("DM", {"AGE": 70, "ARM": "MARKER-OTHER"}))
    changes = blinded(told).get(address(told, "changes/?since=1")).json()["changes"]
    assert [(c["variable"], c["old"], c["new"], c["version"]) for c in changes] == [
        ("AEREL", "NONE", "POSSIBLE", 2),
        ("AEREL", "POSSIBLE", "NONE", 3),
        ("AGE", 69, 70, 3),
    ]
    assert {c["operation"] for c in changes} == {"update"}


def test_a_difference_of_two_versions_is_net(told: Subject) -> None:
    write(told, ("AE", {"AESPID": "E01", "AEREL": "NONE", "AEACN": "DRUG WITHDRAWN"}))
    changes = blinded(told).get(address(told, "diff/?from=1&to=3")).json()["changes"]
    assert [(c["variable"], c["old"], c["new"]) for c in changes] == [("AEACN", None, "DRUG WITHDRAWN")]


def test_a_withdrawn_record_leaves_with_all_its_values(told: Subject) -> None:
    key = Record.objects.get(subject=told, domain="AE").record_id
    body = {
        "reason": "Entered for another subject",
        "records": [{"domain": "AE", "subject_id": told.subject_id, "operation": "withdraw", "key": key}],
    }
    unblinded(told).post(f"/api/v1/studies/{told.study.code}/records/", body, format="json")
    changes = blinded(told).get(address(told, "changes/?since=2")).json()["changes"]
    assert {(c["record"], c["operation"], c["new"]) for c in changes} == {(key, "withdraw", None)}
    assert "adverse_event" not in kinds(blinded(told).get(address(told)).json())


@pytest.mark.parametrize("subject_id", ["01/701/1001", "01-701-1001 A", "01-701-1001?x=1", "ÄÖ-1", "twin/versions"])
def test_a_subject_id_is_percent_encoded_and_may_hold_anything(subject_id: str) -> None:
    subject = treated_subject(StudyFactory(), subject_id=subject_id)
    client = unblinded(subject)
    assert client.get(address(subject)).json()["version"] == 1
    assert len(client.get(address(subject, "versions/")).json()) == 1


@pytest.mark.requirement("H-a1")
def test_strangers_and_other_sites_get_404_and_no_hint(told: Subject) -> None:
    strangers = [
        person(Role.MEDICAL_MONITOR, StudyFactory()),
        person(Role.CRA, told.study, site=SiteFactory(study=told.study)),
    ]
    for user in strangers:
        for rest in ("", "versions/", "diff/?from=0", "changes/"):
            answer = reader(user).get(address(told, rest))
            assert answer.status_code == 404
            assert answer.json()["detail"].startswith("No s")
    assert APIClient().get(address(told)).status_code == 401


def test_the_list_of_subjects_finds_by_part_of_the_id_and_by_site() -> None:
    study: Study = StudyFactory()
    for subject_id in ("01-701-1001", "01-701-1002", "01-702-9001"):
        treated_subject(study, subject_id=subject_id)
    client = reader(client_account(study))
    url = f"/api/v1/studies/{study.code}/subjects/"
    body = client.get(url).json()
    assert body["count"] == 3
    assert body.keys() == {"count", "next", "previous", "results"}
    assert body["results"][0].keys() == {"subject_id", "site", "status", "version"}
    assert [line["subject_id"] for line in client.get(f"{url}?search=701-100").json()["results"]] == [
        "01-701-1001",
        "01-701-1002",
    ]
    site = Subject.objects.get(subject_id="01-702-9001").site.code
    assert client.get(f"{url}?site={site}").json()["count"] == 1
    second = client.get(f"{url}?page=2&page_size=2").json()
    assert [line["subject_id"] for line in second["results"]] == ["01-702-9001"]


def test_the_version_in_the_list_is_of_the_readers_own_sequence(told: Subject) -> None:
    url = f"/api/v1/studies/{told.study.code}/subjects/"
    assert blinded(told).get(url).json()["results"][0]["version"] == 2
    assert unblinded(told).get(url).json()["results"][0]["version"] == 3


def test_the_list_of_subjects_takes_as_many_queries_for_fifty_as_for_one() -> None:
    study: Study = StudyFactory()
    client = reader(client_account(study))
    url = f"/api/v1/studies/{study.code}/subjects/?page_size=50"
    counted = []
    for wanted in (1, 10, 50):
        while Subject.objects.filter(study=study).count() < wanted:
            treated_subject(study)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert client.get(url).json()["count"] == wanted
        counted.append(len(queries))
    assert counted[0] == counted[1] == counted[2] <= 8


def test_the_twin_takes_as_many_queries_for_many_records_as_for_few(subject: Subject) -> None:
    client = unblinded(subject)
    counted = []
    for wanted in (1, 30):
        samples = [("LB", {"LBTESTCD": "ALT", "LBSTRESN": n, "LBDTC": f"2013-05-{n:02}"}) for n in range(1, wanted + 1)]
        write(subject, *samples)
        with CaptureQueriesContext(connection) as queries:
            client.get(address(subject))
        counted.append(len(queries))
    assert counted[0] == counted[1]


def domains(client: APIClient, subject: Subject, query: str = "") -> dict[str, tuple[bool, int]]:
    found = client.get(f"{address(subject)}{query}").json()["domains"]
    return {one["domain"]: (one["known"], one["records"]) for one in found}


def test_the_twin_says_of_which_domains_anything_is_known(subject: Subject) -> None:
    note_domains(subject.study, {("CM", True)})
    told = domains(blinded(subject), subject)
    assert told["AE"] == (True, 1)
    assert told["CM"] == (True, 0)
    assert told["MH"] == (False, 0)
    assert told["LB"] == (False, 0)


def test_what_is_known_is_told_to_each_in_their_projection_and_at_their_version(told: Subject) -> None:
    assert domains(unblinded(told), told)["EX"] == (True, 1)
    assert "EX" not in domains(blinded(told), told)
    write(told, ("CM", {"CMTRT": "ASPIRIN", "CMSTDTC": "2013-05-01"}))
    assert domains(blinded(told), told)["CM"] == (True, 1)
    assert domains(blinded(told), told, "?version=1")["CM"] == (False, 0)
    assert domains(blinded(told), told, "?version=0")["AE"] == (False, 0)


def test_a_twin_is_sent_again_when_the_study_receives_another_domain(subject: Subject) -> None:
    client = blinded(subject)
    etag = client.get(address(subject)).headers["ETag"]
    assert client.get(address(subject), headers={"If-None-Match": etag}).status_code == 304
    note_domains(subject.study, {("CM", True)})
    assert client.get(address(subject), headers={"If-None-Match": etag}).status_code == 200
