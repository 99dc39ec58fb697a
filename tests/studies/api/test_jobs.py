"""Background work through the API: shown to who sees the whole study, retried by who may do such work."""

from typing import Any

import pytest
from rest_framework.test import APIClient

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.models import Job, JobState
from apps.studies.models import Study
from tests.factories import SiteFactory, StudyFactory, person

pytestmark = pytest.mark.django_db

REFUSAL = "MARKER dose 54 in row 3"


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    return found


def job(study: Study, **values: Any) -> Job:
    given = {"kind": "import", "scope": study.code, "state": JobState.FAILED, "is_dead_letter": True, "attempts": 5}
    return Job.objects.create(**{**given, "error": "Unexpected ValueError. Tried 5 times.", **values})


def as_user(user: User) -> APIClient:
    client = APIClient()
    client.force_authenticate(user)
    return client


def listed(user: User) -> list[dict[str, Any]]:
    answer = as_user(user).get("/api/v1/studies/TRIAL/jobs/")
    assert answer.status_code == 200
    found: list[dict[str, Any]] = answer.json()["results"]
    return found


def test_a_dead_letter_is_shown_with_its_error_and_who_may_retry_it(study: Study) -> None:
    job(study)
    job(StudyFactory())
    (shown,) = listed(person(Role.DATA_MANAGER, study))
    assert (shown["kind"], shown["state"], shown["attempts"], shown["can_retry"]) == ("import", "failed", 5, True)
    assert shown["error"] == "Unexpected ValueError. Tried 5 times."
    assert [shown["can_retry"] for shown in listed(person(Role.MEDICAL_MONITOR, study))] == [False]


@pytest.mark.requirement("E6-411")
def test_the_words_of_a_refusal_are_for_unblinded_readers(study: Study) -> None:
    job(study, is_dead_letter=False, error=REFUSAL)
    assert listed(person(Role.UNBLINDED_MONITOR, study))[0]["error"] == REFUSAL
    assert "MARKER" not in listed(person(Role.DATA_MANAGER, study))[0]["error"]


def test_a_retry_queues_the_job_again_and_only_once(study: Study) -> None:
    client, dead = as_user(person(Role.DATA_MANAGER, study)), job(study)
    url = f"/api/v1/studies/TRIAL/jobs/{dead.pk}/retry/"
    answer = client.post(url)
    assert (answer.status_code, answer.json()["state"], answer.json()["can_retry"]) == (202, "queued", False)
    assert client.post(url).status_code == 409
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.error) == (JobState.QUEUED, 0, "")


@pytest.mark.requirement("P11-10d")
def test_who_may_not_do_the_work_may_not_retry_it(study: Study) -> None:
    dead, elsewhere = job(study), job(StudyFactory())
    url = f"/api/v1/studies/TRIAL/jobs/{dead.pk}/retry/"
    assert as_user(person(Role.MEDICAL_MONITOR, study)).post(url).status_code == 403
    cra = as_user(person(Role.CRA, study, site=SiteFactory(study=study)))
    assert (cra.get("/api/v1/studies/TRIAL/jobs/").status_code, cra.post(url).status_code) == (403, 403)
    manager = as_user(person(Role.DATA_MANAGER, study))
    assert manager.post(f"/api/v1/studies/TRIAL/jobs/{elsewhere.pk}/retry/").status_code == 404
    dead.refresh_from_db()
    assert dead.state == JobState.FAILED
