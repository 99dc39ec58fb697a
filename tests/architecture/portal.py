"""A small portal with one of everything, and a person for every way to be let in or kept out."""

from dataclasses import dataclass

from apps.accounts.domain.roles import Role
from apps.accounts.models import ActKind, AdministrativeAct, User
from apps.accounts.services.administrative_acts import request_act
from apps.compliance.models import TrailEntry
from apps.core.services.jobs import run_job, waiting_jobs
from apps.narratives.models import Narrative
from apps.narratives.selectors.content import latest_version
from apps.narratives.services.drafting import start_narrative, submit_narrative
from apps.studies.models import ImportRun, Record, Study, Subject
from apps.studies.selectors.access import principal_of
from tests.factories import SiteFactory, StudyFactory, UserFactory, client_account, person, treated_subject
from tests.studies.services.packages import dm, imported

People = dict[str, User]


@dataclass(frozen=True, slots=True)
class Portal:
    """One study with a subject, a narrative in review and an import that waits to be confirmed."""

    study: Study
    subject: Subject
    people: People
    narrative: Narrative
    run: ImportRun
    act: AdministrativeAct

    def fill(self, path: str) -> str:
        """A path with its placeholders filled."""
        version = latest_version(self.narrative)
        assert version is not None
        record = Record.objects.get(subject=self.subject, domain="AE")
        return path.format(
            code=self.study.code,
            subject=self.subject.subject_id,
            narrative=self.narrative.pk,
            review=version.review.pk,
            run=self.run.pk,
            job=self.run.job_id,
            number=self.run.number,
            record=record.record_id,
            act=self.act.pk,
            entry=TrailEntry.objects.filter(study=self.study).order_by("pk")[0].pk,
        )


def people_of(study: Study, subject: Subject) -> People:
    """A person for every row of the matrix, anonymous readers apart."""
    return {
        "stranger": person(Role.DATA_MANAGER, StudyFactory()),
        "superuser": UserFactory(is_superuser=True, is_staff=True),
        "elsewhere": person(Role.CRA, study, site=SiteFactory(study=study)),
        "cra": person(Role.CRA, study, site=subject.site),
        "monitor": person(Role.MEDICAL_MONITOR, study),
        "unblinded": person(Role.UNBLINDED_MONITOR, study),
        "author": person(Role.SAFETY_AUTHOR, study),
        "physician": person(Role.SAFETY_PHYSICIAN, study),
        "manager": person(Role.DATA_MANAGER, study),
        "auditor": person(Role.AUDITOR, study),
        "client": client_account(study),
    }


def small_portal() -> Portal:
    """Everything made through the services, so that it is what a real portal holds."""
    study: Study = StudyFactory(code="TRIAL", protocol_id="S1")
    subject = treated_subject(study)
    people = people_of(study, subject)
    author = people["author"]
    narrative = start_narrative(principal=principal_of(author), user=author, subject=subject)
    run_waiting()
    submit_narrative(principal=principal_of(author), user=author, narrative=narrative)
    run = imported(people["manager"], study, {"DM": [dm(1)]}, check_only=True)
    act = request_act(
        asker=people["superuser"], kind=ActKind.RESET_PASSWORD, concerns=people["physician"], reason="Forgotten"
    )
    return Portal(study, subject, people, narrative, run, act)


def run_waiting() -> None:
    """Do what waits, as the worker does."""
    while waiting := waiting_jobs():
        for job_id in waiting:
            run_job(job_id)
