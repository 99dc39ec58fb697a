"""RELREC rows written through the API point at the record that their keys name."""

import pytest
from rest_framework.test import APIClient

from apps.studies.domain.audience import Audience
from apps.studies.models import Record, Subject
from apps.twins.selectors.twins import twin_at
from tests.factories import StudyFactory, client_account, treated_subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject() -> Subject:
    return treated_subject(StudyFactory())


def post(subject: Subject, *records: dict[str, object]) -> object:
    client = APIClient()
    client.force_authenticate(client_account(subject.study))
    body = {
        "reason": "Cause of discontinuation",
        "records": [{"subject_id": subject.subject_id, **record} for record in records],
    }
    return client.post(f"/api/v1/studies/{subject.study.code}/records/", body, format="json").json()


def relation(domain: str, variable: str, value: str) -> dict[str, object]:
    values = {"RDOMAIN": domain, "IDVAR": variable, "IDVARVAL": value, "RELID": "R1"}
    return {"domain": "RELREC", "values": values}


def test_two_relations_join_an_event_and_the_disposition_it_caused(subject: Subject) -> None:
    left = {"DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-08-08"}
    answer = post(
        subject, {"domain": "DS", "values": left}, relation("AE", "AESPID", "E01"), relation("DS", "DSSEQ", "1")
    )
    assert answer["accepted"] == 3  # type: ignore[index]
    subject.refresh_from_db()
    event = Record.objects.get(subject=subject, domain="AE").record_id
    disposition = Record.objects.get(subject=subject, domain="DS").record_id
    assert twin_at(subject, Audience.BLINDED).related(event) == [disposition]


def test_a_relation_to_nothing_is_refused(subject: Subject) -> None:
    answer = post(subject, relation("AE", "AESEQ", "9"))
    assert answer["rejected"][0]["field"] == "IDVARVAL"  # type: ignore[index]
    assert not Record.objects.filter(subject=subject, domain="RELREC").exists()


def relations(subject: Subject) -> list[Record]:
    return list(Record.objects.filter(subject=subject, domain="RELREC", is_withdrawn=False))


def withdrawal(domain: str, **more: object) -> dict[str, object]:
    return {"domain": domain, "operation": "withdraw", "values": {}, **more}


@pytest.mark.parametrize("is_target_gone", [False, True], ids=["of what is there", "of what was withdrawn"])
def test_a_relation_is_withdrawn_by_its_key(subject: Subject, is_target_gone: bool) -> None:
    post(subject, relation("AE", "AESPID", "E01"))
    (made,) = relations(subject)
    if is_target_gone:
        event = Record.objects.get(subject=subject, domain="AE").record_id
        assert post(subject, withdrawal("AE", key=event))["accepted"] == 1  # type: ignore[index]
    answer = post(subject, withdrawal("RELREC", key=made.record_id))
    assert (answer["accepted"], answer["rejected"]) == (1, [])  # type: ignore[index]
    assert relations(subject) == []


def test_a_relation_is_withdrawn_by_what_it_says(subject: Subject) -> None:
    post(subject, relation("AE", "AESPID", "E01"))
    said = relation("AE", "AESPID", "E01")["values"]
    answer = post(subject, {**withdrawal("RELREC"), "values": said})
    assert (answer["accepted"], relations(subject)) == (1, [])  # type: ignore[index]


@pytest.mark.parametrize("change", [{"RELID": "R2"}, {"RELTYPE": "ONE"}, {"RELID": None}], ids=str)
def test_a_relation_is_corrected_by_its_key_without_saying_again_what_it_points_at(
    subject: Subject, change: dict[str, object]
) -> None:
    post(subject, relation("AE", "AESPID", "E01"))
    (made,) = relations(subject)
    answer = post(subject, {"domain": "RELREC", "key": made.record_id, "values": change})
    assert (answer["accepted"], answer["rejected"]) == (1, [])  # type: ignore[index]
    (now,) = relations(subject)
    assert (now.target, now.values.get("RELID")) == (made.target, change.get("RELID", "R1"))


def test_a_relation_that_is_corrected_points_at_what_it_then_names(subject: Subject) -> None:
    left = {"DSDECOD": "ADVERSE EVENT", "DSCAT": "DISPOSITION EVENT", "DSSTDTC": "2013-08-08"}
    post(subject, {"domain": "DS", "values": left}, relation("AE", "AESPID", "E01"))
    (made,) = relations(subject)
    moved = {"RDOMAIN": "DS", "IDVAR": "DSSEQ", "IDVARVAL": "1"}
    post(subject, {"domain": "RELREC", "key": made.record_id, "values": moved})
    (now,) = relations(subject)
    assert now.target == Record.objects.get(subject=subject, domain="DS").record_id
    both = [{"RDOMAIN": "AE", "IDVAR": "AESPID", "IDVARVAL": "E01"}, {"RELID": "R2"}]
    post(subject, *({"domain": "RELREC", "key": made.record_id, "values": values} for values in both))
    assert relations(subject)[0].target == made.target, "the second says nothing of where it points"
    nowhere = post(subject, {"domain": "RELREC", "key": made.record_id, "values": {"IDVARVAL": "9"}})
    assert nowhere["rejected"][0]["field"] == "IDVARVAL"  # type: ignore[index]
