"""Before an import is written, it says which signed narratives it would make stale."""

import pytest
from django.test import RequestFactory

from apps.accounts.domain.roles import Role
from apps.compliance.domain.workflow import Meaning
from apps.compliance.services.signing import sign_review
from apps.core.services.jobs import run_job, waiting_jobs
from apps.narratives.models import CurrencyChange
from apps.narratives.services.checking import consequence
from apps.narratives.services.drafting import start_narrative, submit_narrative
from apps.studies.domain.changes import Operation, RecordChange
from apps.studies.models import Record, Subject
from apps.studies.selectors.access import principal_of
from tests.factories import PASSWORD, StudyFactory, person, treated_subject

pytestmark = pytest.mark.django_db


@pytest.fixture
def signed() -> Subject:
    """A subject whose narrative is signed."""
    subject = treated_subject(StudyFactory())
    author, physician = person(Role.SAFETY_AUTHOR, subject.study), person(Role.SAFETY_PHYSICIAN, subject.study)
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    for job_id in waiting_jobs():
        run_job(job_id)
    version = submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    sign_review(
        request=RequestFactory().post("/"),
        review=version.review,
        signer=physician,
        password=PASSWORD,
        meaning=Meaning.APPROVAL,
        seen_sha256=version.content_sha256,
    )
    return subject


def planned(subject: Subject, **values: str) -> list[RecordChange]:
    record = Record.objects.get(subject=subject, domain="AE")
    after = {**record.values, **values}
    return [RecordChange(Operation.UPDATE, record.record_id, "AE", after, record.values)]


def test_a_planned_change_of_a_cited_value_is_named_and_nothing_is_written(signed: Subject) -> None:
    changes = planned(signed, AEOUT="FATAL")
    (told,) = consequence(signed, changes)
    assert "Signed narrative version 1 goes stale" in told.text
    assert f"{changes[0].record_id}.AEOUT" in told.sources
    assert f"{changes[0].record_id}.AEHLT" not in told.sources
    assert not CurrencyChange.objects.exists()


def test_a_planned_change_of_something_else_has_no_consequence(signed: Subject) -> None:
    assert consequence(signed, planned(signed, AEHLT="HLT_0001")) == []
    dose = RecordChange(Operation.INSERT, "EX/1", "EX", {"EXDOSE": 54, "EXSTDTC": "2013-04-26"})
    assert consequence(signed, [dose]) == []
