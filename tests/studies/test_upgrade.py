"""After an upgrade, texts of before are classed by the names of treatments that the upgrade found in the data."""

from importlib import import_module

import pytest
from django.apps import apps
from django.db import connection

from apps.core.models import Job
from apps.core.services.jobs import run_job, waiting_jobs
from apps.studies.domain.audience import Audience
from apps.studies.models import BlindingRule, RuleKind, RuleOrigin, Subject
from apps.twins.selectors.twins import load_twin
from tests.factories import StudyFactory, SubjectFactory, write

upgrade = import_module("apps.studies.migrations.0009_class_by_the_words_found")


def terms(subject: Subject) -> list[object]:
    subject.refresh_from_db()
    twin = load_twin(subject, Audience.BLINDED, subject.version_for(Audience.BLINDED))
    return [row.values.get("AETERM") for row in twin.rows("AE")]


def run_upgrade() -> None:
    with connection.schema_editor() as editor:
        upgrade.queue_classing(apps, editor)


@pytest.mark.requirement("E6-411")
@pytest.mark.django_db(transaction=True)
def test_a_text_that_names_a_treatment_is_withdrawn_from_blinded_readers_after_the_upgrade() -> None:
    subject = SubjectFactory(study=StudyFactory())
    write(subject, ("AE", {"AETERM": "Rash from Marzanol"}), ("AE", {"AETERM": "Headache"}))
    BlindingRule.objects.create(study=subject.study, kind=RuleKind.WORD, name="marzanol", origin=RuleOrigin.DATA)
    assert sorted(map(str, terms(subject))) == ["Headache", "Rash from Marzanol"]
    run_upgrade()
    for job_id in waiting_jobs():
        run_job(job_id)
    assert "Rash from Marzanol" not in terms(subject)
    assert "Headache" in terms(subject)
    assert Job.objects.get(kind="class-records").state == "done"


@pytest.mark.django_db(transaction=True)
def test_a_study_without_a_name_of_a_treatment_has_nothing_to_class() -> None:
    write(SubjectFactory(study=StudyFactory()), ("AE", {"AETERM": "Headache"}))
    run_upgrade()
    assert not Job.objects.filter(kind="class-records").exists()
