"""Records of a request: whole subjects or nothing, and only where the writer may write."""

import pytest

from apps.accounts.domain.roles import Role
from apps.core.domain.errors import NotAllowedError, PreconditionFailedError
from apps.studies.domain.upserts import Submitted
from apps.studies.models import ChangeSet, Record, Subject
from apps.studies.selectors.access import principal_of
from apps.studies.services.writing import write_records
from tests.factories import (
    DEMOGRAPHICS,
    SiteFactory,
    StudyFactory,
    client_account,
    context,
    person,
    treated_subject,
    write,
)

pytestmark = pytest.mark.django_db


def test_a_refused_record_takes_the_enrolment_of_its_subject_back() -> None:
    study = StudyFactory()
    client = client_account(study)
    records = [
        Submitted(0, "DM", "01-709-1", {**DEMOGRAPHICS, "SITEID": "709"}),
        Submitted(1, "AE", "01-709-1", {"AETERM": "RASH", "AESTDTC": "2013-02-30"}),
    ]
    result = write_records(principal=principal_of(client), study=study, records=records, context=context(client))
    assert [(refusal.index, refusal.field) for refusal in result.rejected] == [(0, ""), (1, "AESTDTC")]
    assert (result.accepted, result.versions) == (0, {})
    assert not Subject.objects.filter(study=study).exists()
    assert not Record.objects.filter(study=study).exists()


def test_a_refused_subject_leaves_the_others_of_its_request_alone() -> None:
    study = StudyFactory()
    one, other = treated_subject(study), treated_subject(study)
    client = client_account(study)
    records = [
        Submitted(0, "AE", one.subject_id, {"AESPID": "E01", "AEREL": "POSSIBLE"}),
        Submitted(1, "AE", other.subject_id, {"AESPID": "E01", "AEREL": "POSSIBLE"}),
        Submitted(2, "AE", other.subject_id, {"AESPID": "E01", "AESTDTC": "2013-02-30"}),
    ]
    result = write_records(principal=principal_of(client), study=study, records=records, context=context(client))
    assert (result.accepted, set(result.versions)) == (1, {one.subject_id})
    assert sorted(refusal.index for refusal in result.rejected) == [1, 2]
    assert ChangeSet.objects.filter(subject=other).count() == 1


@pytest.mark.parametrize(
    ("variable", "value"),
    [("SITEID", "7" * 61), ("SITEID", ["701"]), ("SITEID", "7\x0001"), ("COUNTRY", {"is": "USA"})],
)
def test_a_place_that_is_none_is_refused_with_its_subject_and_the_others_are_written(
    variable: str, value: object
) -> None:
    study = StudyFactory()
    known, client = treated_subject(study, subject_id="01-701-1"), client_account(study)
    records = [
        Submitted(0, "AE", known.subject_id, {"AESPID": "E01", "AEREL": "POSSIBLE"}),
        Submitted(1, "AE", "01-709-1", {"AETERM": "RASH"}),
        Submitted(2, "DM", "01-709-1", {**DEMOGRAPHICS, "SITEID": "709", "COUNTRY": "USA", variable: value}),
        Submitted(3, "DM", "01-709-2", {**DEMOGRAPHICS, "SITEID": "709"}),
    ]
    result = write_records(principal=principal_of(client), study=study, records=records, context=context(client))
    assert (result.accepted, set(result.versions)) == (2, {known.subject_id, "01-709-2"})
    assert [(refusal.index, refusal.field) for refusal in result.rejected] == [(1, ""), (2, variable)]
    assert not Subject.objects.filter(subject_id="01-709-1").exists()


@pytest.mark.requirement("P11-10d")
@pytest.mark.parametrize("values", [{"AEREL": "POSSIBLE"}, None], ids=["of a subject", "to enrol one"])
def test_a_request_that_is_not_allowed_for_one_subject_writes_none(values: dict[str, str] | None) -> None:
    """The answer says nothing of other subjects, so nothing of them may have changed."""
    study = StudyFactory()
    own, elsewhere = treated_subject(study, subject_id="01-701-1"), SiteFactory(study=study)
    other = treated_subject(study, elsewhere, subject_id="01-702-1")
    writer = person(Role.INTEGRATOR, study, site=own.site)
    writer.groups.add(*person(Role.CRA, study, site=elsewhere).groups.all())
    refused = Submitted(1, "AE", other.subject_id, {"AESPID": "E01", **values}) if values else None
    enrolled = Submitted(1, "DM", "01-709-1", {**DEMOGRAPHICS, "SITEID": "709"})
    records = [Submitted(0, "AE", own.subject_id, {"AESPID": "E01", "AEREL": "NONE RELATED"}), refused or enrolled]
    with pytest.raises(NotAllowedError):
        write_records(principal=principal_of(writer), study=study, records=records, context=context(writer))
    assert set(Subject.objects.filter(study=study).values_list("subject_id", "version")) == {
        (own.subject_id, 1),
        (other.subject_id, 1),
    }


@pytest.mark.requirement("P11-10d")
def test_who_sees_a_site_but_writes_at_another_changes_nothing_there() -> None:
    study = StudyFactory()
    subject, elsewhere = treated_subject(study), SiteFactory(study=study)
    reader = person(Role.CRA, study, site=subject.site)
    reader.groups.add(*person(Role.INTEGRATOR, study, site=elsewhere).groups.all())
    assert principal_of(reader).site_ids == {subject.site_id, elsewhere.pk}
    with pytest.raises(NotAllowedError, match="write records"):
        write(subject, ("AE", {"AESPID": "E01", "AEREL": "POSSIBLE"}), user=reader)
    assert ChangeSet.objects.filter(subject=subject).count() == 1


@pytest.mark.parametrize("expected", [0, 2, 3])
def test_another_version_than_the_one_that_was_read_is_refused(expected: int) -> None:
    subject = treated_subject()
    client = client_account(subject.study)
    record = [Submitted(0, "AE", subject.subject_id, {"AESPID": "E01", "AEREL": "POSSIBLE"})]
    with pytest.raises(PreconditionFailedError, match="at version 1"):
        write_records(
            principal=principal_of(client),
            study=subject.study,
            records=record,
            context=context(client),
            expected_version=expected,
        )
