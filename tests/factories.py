"""People, studies and subjects of the tests; clinical records come in through the real services."""

from collections.abc import Mapping, Sequence
from typing import Any

import factory
from django.test import TestCase
from factory.django import DjangoModelFactory
from factory.random import reseed_random

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.accounts.services.grants import grant_role
from apps.core.domain.context import WriteContext
from apps.studies.domain.upserts import Submitted
from apps.studies.models import Site, Study, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.records import record_reader
from apps.studies.services.writing import WriteResult, write_records

PASSWORD = "correct horse battery"


class UserFactory(DjangoModelFactory[User]):
    """A person who may sign in and holds no role yet."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    username = factory.Sequence(lambda n: f"person{n}")
    printed_name = factory.Faker("name")
    password = factory.django.Password(PASSWORD)


class StudyFactory(DjangoModelFactory[Study]):
    """A blinded, active study."""

    class Meta:
        model = Study

    code = factory.Sequence(lambda n: f"TRIAL{n}")
    protocol_id = factory.SelfAttribute("code")


class SiteFactory(DjangoModelFactory[Site]):
    """A site."""

    class Meta:
        model = Site

    study = factory.SubFactory(StudyFactory)
    code = factory.Sequence(lambda n: f"{701 + n}")
    country = "USA"


class SubjectFactory(DjangoModelFactory[Subject]):
    """A subject without any record."""

    class Meta:
        model = Subject

    site = factory.SubFactory(SiteFactory)
    study = factory.SelfAttribute("site.study")
    subject_id = factory.Sequence(lambda n: f"01-701-{1001 + n}")


def same_names_again() -> None:
    """Begin every factory anew: names give ids and ids give orders, whatever was made before."""
    reseed_random("approved")
    for made in (UserFactory, StudyFactory, SiteFactory, SubjectFactory):
        made.reset_sequence(0, force=True)


def person(role: Role, study: Study, *, site: Site | None = None, **attributes: Any) -> User:
    """A person who holds a role on a study, or on one of its sites."""
    user: User = UserFactory(**attributes)
    grant_role(user=user, role=role, study_code=study.code, on=site or study, site_code=site.code if site else None)
    return user


def client_account(study: Study) -> User:
    """The service account of an integrator: unblinded, writes records, drafts, never signs."""
    return person(Role.INTEGRATOR, study, is_service_account=True)


def context(
    user: User | None = None, reason: str = "Entered at the site", *, is_reason_open: bool = False
) -> WriteContext:
    """Who writes and why, at this moment; the reason is not for blinded readers unless it is said to be."""
    return WriteContext(
        actor_id=user.pk if user else None,
        actor=user.display_name if user else "operator",
        reason=reason,
        source="test",
        is_reason_open=is_reason_open,
    )


def write(
    subject: Subject, *records: tuple[str, Mapping[str, Any]], user: User | None = None, reason: str = "Entered"
) -> WriteResult:
    """Write records of a subject through the service, as an unblinded integrator unless a user is given."""
    writer = user or client_account(subject.study)
    principal = principal_of(writer)
    is_blinded = record_reader(principal, subject.study).is_blinded
    submitted: Sequence[Submitted] = [
        Submitted(index, domain, subject.subject_id, values) for index, (domain, values) in enumerate(records)
    ]
    # What waits for the commit happens, although the transaction of a test never commits.
    with TestCase.captureOnCommitCallbacks(execute=True):
        result = write_records(
            principal=principal,
            study=subject.study,
            records=submitted,
            context=context(writer, reason, is_reason_open=is_blinded),
        )
    subject.refresh_from_db(fields=["version", "blinded_version", "data_cut", "changed_at"])
    return result


DEMOGRAPHICS: Mapping[str, Any] = {
    "SUBJID": "1001",
    "SITEID": "701",
    "AGE": 69,
    "AGEU": "YEARS",
    "SEX": "F",
    "RACE": "WHITE",
    "RFSTDTC": "2013-04-26",
    "RFXSTDTC": "2013-04-26",
    "RFXENDTC": "2013-08-01",
    "DMDTC": "2013-04-11",
    "ARM": "MARKER-ARM High Dose",
    "ARMCD": "MARKARM",
}
SEIZURE: Mapping[str, Any] = {
    "AESPID": "E01",
    "AETERM": "SEIZURE",
    "AEDECOD": "SEIZURE",
    "AESEV": "SEVERE",
    "AESER": "Y",
    "AESHOSP": "Y",
    "AEREL": "NONE",
    "AEOUT": "RECOVERED/RESOLVED",
    "AEDTC": "2013-06-05",
    "AESTDTC": "2013-06-02",
    "AEENDTC": "2013-06-05",
}


def treated_subject(study: Study | None = None, site: Site | None = None, **attributes: Any) -> Subject:
    """A subject with demographics and one serious event."""
    site = site or (SiteFactory(study=study) if study else SiteFactory())
    subject: Subject = SubjectFactory(site=site, **attributes)
    write(subject, ("DM", {**DEMOGRAPHICS, "SITEID": site.code}), ("AE", SEIZURE))
    return subject
