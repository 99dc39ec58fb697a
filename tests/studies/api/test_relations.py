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
