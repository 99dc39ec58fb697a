"""Writing records: matched, merged, checked; all or nothing per subject; conditional and repeatable."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.studies.models import ChangeSet, Record, Study, StudyState, Subject
from tests.factories import DEMOGRAPHICS, SEIZURE, SiteFactory, StudyFactory, client_account, person, treated_subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


@pytest.fixture
def client(subject: Subject) -> APIClient:
    return signed_in_client(subject.study)


def signed_in_client(study: Study) -> APIClient:
    client = APIClient()
    client.force_authenticate(client_account(study))
    return client


def post(client: APIClient, subject: Subject, *records: dict[str, Any], **headers: str) -> Any:
    body = {"reason": "Site corrected", "records": [{"subject_id": subject.subject_id, **record} for record in records]}
    return client.post(f"/api/v1/studies/{subject.study.code}/records/", body, format="json", headers=headers)


def event(**values: Any) -> dict[str, Any]:
    return {"domain": "AE", "values": {"AESPID": "E01", **values}}


def test_an_absent_variable_stays_and_null_clears(client: APIClient, subject: Subject) -> None:
    answer = post(client, subject, event(AEREL="POSSIBLE", AEHLT=None, AEENDTC=None))
    assert answer.json() == {"accepted": 1, "unchanged": 0, "rejected": [], "versions": {subject.subject_id: 2}}
    values = Record.objects.get(subject=subject, domain="AE").values
    assert (values["AEREL"], values["AEDECOD"]) == ("POSSIBLE", "SEIZURE")
    assert "AEENDTC" not in values


def test_the_server_fills_identity_and_sequence(client: APIClient, subject: Subject) -> None:
    post(
        client,
        subject,
        {"domain": "AE", "values": {**SEIZURE, "AESPID": "E02", "AEDECOD": "SYNCOPE", "AETERM": "SYNCOPE"}},
    )
    values = Record.objects.get(subject=subject, values__AESPID="E02").values
    assert values["AESEQ"] == 2
    assert values["STUDYID"] == subject.study.protocol_id
    assert (values["DOMAIN"], values["USUBJID"]) == ("AE", subject.subject_id)


@pytest.mark.parametrize(("sent", "stored"), [({}, None), ({"STUDYID": "MARZ-1"}, "MARZ-1"), ({"STUDYID": ""}, None)])
def test_a_study_without_a_studyid_keeps_the_one_that_is_sent_and_stores_no_empty_one(
    sent: dict[str, str], stored: str | None
) -> None:
    study = StudyFactory(protocol_id="")
    subject = treated_subject(study)
    answer = post(signed_in_client(study), subject, event(AEREL="POSSIBLE", **sent))
    assert (answer.status_code, answer.json()["rejected"]) == (200, [])
    assert Record.objects.get(subject=subject, domain="AE").values.get("STUDYID") == stored


@pytest.mark.parametrize(
    ("record", "field"),
    [
        ({"domain": "AE", "values": {"AESPID": "E01", "USUBJID": "other"}}, "USUBJID"),
        ({"domain": "AE", "values": {"AESPID": "E01", "AESTDTC": "2013-02-30"}}, "AESTDTC"),
        ({"domain": "AE", "values": {"AESPID": "E01", "AESEQ": 7}}, "AESEQ"),
        ({"domain": "AE", "values": {"AESPID": "E01", "AESTDCT": "2013-02-03"}}, "AESTDCT"),
        ({"domain": "QQ", "values": {}}, "domain"),
        ({"domain": "TS", "values": {}}, "domain"),
        ({"domain": "LB", "values": {"LBTESTCD": "ALT", "LBSTRESN": "high"}}, "LBSTRESN"),
        ({"domain": "AE", "values": {"AETERM": "x" * 10_000_000}}, "AETERM"),
        ({"domain": "AE", "values": {}, "key": "AE/nope"}, "key"),
        ({"domain": "MH", "values": {"MHTERM": "GOUT"}, "operation": "withdraw"}, "key"),
    ],
)
def test_what_cannot_be_accepted_is_named_and_nothing_is_written(
    client: APIClient, subject: Subject, record: dict[str, Any], field: str
) -> None:
    answer = post(client, subject, record, event(AEREL="POSSIBLE"))
    assert answer.status_code == 422
    assert answer["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["rejected"][0]["field"] == field
    assert body["rejected"][0]["message"]
    assert body["rejected"][1]["index"] == 1
    assert (body["accepted"], body["unchanged"], body["versions"]) == (0, 0, {})
    subject.refresh_from_db()
    assert subject.version == 1


def test_one_subject_is_written_although_another_is_not(client: APIClient, subject: Subject) -> None:
    other = treated_subject(subject.study)
    body = {
        "reason": "Corrected",
        "records": [
            {"domain": "AE", "subject_id": subject.subject_id, "values": {"AESPID": "E01", "AEREL": "POSSIBLE"}},
            {"domain": "AE", "subject_id": other.subject_id, "values": {"AESPID": "E01", "AESTDTC": "yesterday"}},
        ],
    }
    answer = client.post(f"/api/v1/studies/{subject.study.code}/records/", body, format="json")
    assert answer.status_code == 200
    assert answer.json()["versions"] == {subject.subject_id: 2}
    assert answer.json()["rejected"][0]["index"] == 1


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"domain": "AE", "opertion": "withdraw"}, "opertion"),
        ({"domain": 7}, "domain"),
        ({"domain": "AE", "values": {"AETERM": True}}, "AETERM"),
        ({"domain": "AE", "values": {"AETERM": ["SEIZURE"]}}, "AETERM"),
    ],
)
def test_a_field_that_is_misspelled_or_of_another_type_is_named_and_nothing_is_written(
    client: APIClient, subject: Subject, record: dict[str, Any], name: str
) -> None:
    answer = post(client, subject, event(AEREL="POSSIBLE"), record)
    assert answer.status_code == 400
    assert name in str(answer.json()["errors"])
    subject.refresh_from_db()
    assert subject.version == 1


def test_the_same_values_again_are_unchanged(client: APIClient, subject: Subject) -> None:
    answer = post(client, subject, {"domain": "AE", "values": SEIZURE})
    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["unchanged"]) == (0, 1)
    assert ChangeSet.objects.filter(subject=subject).count() == 1


def test_withdrawn_records_leave_the_twin_and_stay_in_the_ledger(client: APIClient, subject: Subject) -> None:
    key = Record.objects.get(subject=subject, domain="AE").record_id
    answer = post(client, subject, {"domain": "AE", "values": {}, "operation": "withdraw", "key": key})
    assert answer.json()["accepted"] == 1
    assert Record.objects.get(record_id=key).is_withdrawn
    assert post(client, subject, {"domain": "AE", "values": {}, "key": key}).status_code == 422


def test_if_match_refuses_when_the_twin_moved(client: APIClient, subject: Subject) -> None:
    assert post(client, subject, event(AEREL="POSSIBLE"), **{"If-Match": '"7"'}).status_code == 412
    assert post(client, subject, event(AEREL="POSSIBLE"), **{"If-Match": '"1"'}).status_code == 200
    assert post(client, subject, event(AEREL="NONE"), **{"If-Match": '"1"'}).status_code == 412
    assert post(client, subject, event(AEREL="NONE"), **{"If-Match": "seven"}).status_code == 400
    several = {**event(AEREL="NONE"), "subject_id": "other"}
    assert post(client, subject, event(AEREL="NONE"), several, **{"If-Match": '"2"'}).status_code == 422


def test_a_repeated_request_answers_the_same_and_changes_nothing(client: APIClient, subject: Subject) -> None:
    first = post(client, subject, event(AEREL="POSSIBLE"), **{"Idempotency-Key": "k1"})
    again = post(client, subject, event(AEREL="POSSIBLE"), **{"Idempotency-Key": "k1"})
    assert first.json() == again.json()
    assert again.json()["accepted"] == 1
    other = post(client, subject, event(AEREL="NONE"), **{"Idempotency-Key": "k1"})
    assert other.status_code == 422
    subject.refresh_from_db()
    assert subject.version == 2


def test_a_repetition_may_be_spelled_in_another_order(client: APIClient, subject: Subject) -> None:
    url = f"/api/v1/studies/{subject.study.code}/records/"
    record = f'"domain": "AE", "subject_id": "{subject.subject_id}", "values": {{"AESPID": "E01", "AEREL": "POSSIBLE"}}'
    bodies = [f'{{"reason": "r", "records": [{{{record}}}]}}', f'{{"records": [{{{record}}}], "reason": "r"}}']
    kept = {"content_type": "application/json", "headers": {"Idempotency-Key": "k1"}}
    first, again = (client.post(url, body, **kept) for body in bodies)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()


def test_a_keyed_request_undoes_only_the_subject_that_was_refused(client: APIClient, subject: Subject) -> None:
    other = treated_subject(subject.study)
    body = {
        "reason": "Corrected",
        "records": [
            {"domain": "AE", "subject_id": subject.subject_id, "values": {"AESPID": "E01", "AENONSENSE": 1}},
            {"domain": "AE", "subject_id": other.subject_id, "values": {"AESPID": "E01", "AEREL": "POSSIBLE"}},
        ],
    }
    url = f"/api/v1/studies/{subject.study.code}/records/"
    first, again = (client.post(url, body, format="json", headers={"Idempotency-Key": "k1"}) for _ in range(2))
    assert first.json() == again.json()
    assert (first.json()["accepted"], [refusal["index"] for refusal in first.json()["rejected"]]) == (1, [0])
    assert first.json()["versions"] == {other.subject_id: 2}
    subject.refresh_from_db()
    assert subject.version == 1


def test_demographics_with_a_site_enrol_a_subject(client: APIClient, subject: Subject) -> None:
    body = {
        "reason": "Enrolled",
        "records": [{"domain": "DM", "subject_id": "01-709-2000", "values": {**DEMOGRAPHICS, "SITEID": "709"}}],
    }
    answer = client.post(f"/api/v1/studies/{subject.study.code}/records/", body, format="json")
    assert answer.json()["versions"] == {"01-709-2000": 1}
    assert Subject.objects.get(subject_id="01-709-2000").site.code == "709"


def test_a_locked_study_refuses_changes(client: APIClient, subject: Subject) -> None:
    Study.objects.filter(pk=subject.study_id).update(state=StudyState.LOCKED)
    answer = post(client, subject, event(AEREL="POSSIBLE"))
    assert answer.status_code == 403
    assert "locked" in answer.json()["detail"]


@pytest.mark.requirement("P11-10d")
def test_readers_may_not_write_and_strangers_see_nothing(subject: Subject) -> None:
    reader, stranger = APIClient(), APIClient()
    reader.force_authenticate(person(Role.MEDICAL_MONITOR, subject.study))
    stranger.force_authenticate(person(Role.CRA, subject.study, site=SiteFactory(study=StudyFactory())))
    assert post(reader, subject, event(AEREL="POSSIBLE")).status_code == 403
    assert post(APIClient(), subject, event(AEREL="POSSIBLE")).status_code == 401


def test_a_blinded_writer_cannot_write_treatment(subject: Subject) -> None:
    client = APIClient()
    client.force_authenticate(person(Role.DATA_MANAGER, subject.study))
    answer = post(client, subject, {"domain": "EX", "values": {"EXDOSE": 54}})
    assert answer.json()["rejected"][0]["field"] == "domain"
    answer = post(client, subject, {"domain": "DM", "values": {"ARM": "A"}})
    assert answer.json()["rejected"][0]["field"] == "ARM"


def test_a_reason_is_mandatory(client: APIClient, subject: Subject) -> None:
    body = {"reason": " ", "records": [{"domain": "AE", "subject_id": subject.subject_id, "values": {"AEREL": "NONE"}}]}
    answer = client.post(f"/api/v1/studies/{subject.study.code}/records/", body, format="json")
    assert answer.status_code == 400
    assert "reason" in answer.json()["errors"]
