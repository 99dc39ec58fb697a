"""What a study has received: rows, an empty dataset or a record say so; a refused file and a check alone do not."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from apps.core.domain.errors import NotAllowedError
from apps.studies.domain.audience import Audience
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ReceivedDomain, Study
from apps.studies.selectors.access import principal_of
from apps.studies.selectors.received import received_domains
from apps.studies.services.import_runs import start_upload
from apps.studies.services.receiving import note_domains
from apps.studies.services.writing import write_records
from tests.factories import StudyFactory, client_account, context, person, treated_subject, write
from tests.studies.services.packages import Package, ae, dm, ex, finished, imported

pytestmark = pytest.mark.django_db

DATA: Package = {"DM": [dm(1001)], "AE": [ae(1001, "E1", "SEIZURE")], "EX": [ex(1001, 54)]}


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="S1")
    return found


@pytest.fixture
def manager(study: Study) -> User:
    """Somebody who may bring in what tells treatment too."""
    return client_account(study)


def received(study: Study, audience: Audience = Audience.UNBLINDED) -> set[str]:
    return set(received_domains(study, audience))


def test_an_import_brings_the_domains_of_its_rows(study: Study, manager: User) -> None:
    imported(manager, study, DATA)
    assert received(study) == {"DM", "AE", "EX"}


def test_blinded_readers_do_not_learn_of_domains_that_tell_treatment(study: Study, manager: User) -> None:
    imported(manager, study, DATA)
    assert received(study, Audience.BLINDED) == {"DM", "AE"}


def uploaded(user: User, study: Study, name: str, text: bytes) -> None:
    """One file, imported to its end."""
    upload = SimpleUploadedFile(name, text)
    finished(
        start_upload(principal=principal_of(user), user=user, study=study, uploads=[upload], reason="Transfer of June")
    )


def test_a_dataset_without_any_row_says_that_there_is_none(study: Study, manager: User) -> None:
    uploaded(manager, study, "cm.csv", b"STUDYID,DOMAIN,USUBJID,CMSEQ,CMTRT\r\n")
    assert received(study) == {"CM"}


def test_a_dataset_of_which_every_row_was_refused_says_nothing(study: Study, manager: User) -> None:
    imported(manager, study, DATA)
    uploaded(manager, study, "cm.csv", b"STUDYID,DOMAIN,USUBJID,CMSEQ,CMTRT\r\nS1,CM,,1,ASPIRIN\r\n")
    assert "CM" not in received(study)


def test_what_a_blinded_person_may_not_bring_is_not_received(study: Study) -> None:
    imported(person(Role.DATA_MANAGER, study), study, DATA)
    assert received(study) == {"DM", "AE"}


def test_a_check_alone_brings_nothing(study: Study, manager: User) -> None:
    imported(manager, study, DATA, is_dry_run=True)
    assert received(study) == set()


def test_a_record_written_one_by_one_brings_its_domain(study: Study) -> None:
    treated_subject(study)
    assert received(study) == {"DM", "AE"}


def test_a_record_that_is_refused_brings_none(study: Study) -> None:
    subject = treated_subject(study)
    refused = [Submitted(0, "CM", subject.subject_id, {"CMTRT": "ASPIRIN", "CMSTDTC": "no date"})]
    writer = client_account(study)
    result = write_records(
        principal=principal_of(writer), study=study, records=refused, context=context(writer, "Entered")
    )
    assert result.rejected
    assert received(study) == {"DM", "AE"}


def test_a_domain_is_noted_once_and_never_changed(study: Study) -> None:
    note_domains(study, {("CM", True), ("AE", True)})
    first = ReceivedDomain.objects.get(study=study, domain="CM").received_at
    note_domains(study, {("CM", True), ("MH", True)})
    assert received(study) == {"AE", "CM", "MH"}
    assert ReceivedDomain.objects.get(study=study, domain="CM").received_at == first
    with pytest.raises(NotAllowedError):
        ReceivedDomain.objects.all().delete()


def test_what_was_received_until_a_moment(study: Study) -> None:
    before = timezone.now()
    note_domains(study, {("CM", True)})
    assert received_domains(study, Audience.UNBLINDED, by=before) == frozenset()
    assert received_domains(study, Audience.UNBLINDED, by=timezone.now() + timedelta(seconds=1)) == {"CM"}


def test_another_study_has_received_nothing(study: Study) -> None:
    note_domains(study, {("CM", True)})
    assert received(StudyFactory(code="S2")) == set()


def test_of_a_domain_that_came_hidden_blinded_readers_do_not_know(study: Study) -> None:
    subject = treated_subject(study)
    write(subject, ("CO", {"RDOMAIN": "EX", "COSEQ": 1, "COVAL": "Dose doubled"}))
    assert "CO" in received(study)
    assert "CO" not in received(study, Audience.BLINDED)
    write(subject, ("CO", {"RDOMAIN": "AE", "COSEQ": 2, "COVAL": "Seen by a doctor"}))
    assert "CO" in received(study, Audience.BLINDED)
    assert set(ReceivedDomain.objects.filter(study=study, domain="CO").values_list("is_open", flat=True)) == {
        False,
        True,
    }
