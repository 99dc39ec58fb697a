"""Access follows the data: a subject whose demographics name another site is there from that change on."""

import pytest

from apps.accounts.domain.roles import Role
from apps.core.domain.errors import NotAllowedError
from apps.studies.models import Site, SiteTransfer, Subject
from apps.studies.selectors.access import principal_of
from tests.factories import SiteFactory, StudyFactory, client_account, person, treated_subject, write
from tests.studies.services.packages import dm, imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def subject(db: None) -> Subject:
    """A subject at site 701."""
    study = StudyFactory(protocol_id="S1")
    return treated_subject(study, site=SiteFactory(study=study, code="701"))


def seen_by(role_site: Site) -> set[str]:
    reader = principal_of(person(Role.CRA, role_site.study, site=role_site))
    return set(Subject.objects.visible_to(reader).values_list("subject_id", flat=True))


@pytest.mark.requirement("H-a1")
def test_a_subject_that_moved_is_seen_at_its_new_site_and_no_longer_at_the_old(subject: Subject) -> None:
    old, new = subject.site, SiteFactory(study=subject.study, code="703")
    assert (seen_by(old), seen_by(new)) == ({subject.subject_id}, set())
    write(subject, ("DM", {"SITEID": "703"}))
    assert (seen_by(old), seen_by(new)) == (set(), {subject.subject_id})


def test_each_move_is_kept_with_the_change_that_made_it(subject: Subject) -> None:
    write(subject, ("DM", {"SITEID": "703", "COUNTRY": "CAN"}), reason="Moved house")
    move = SiteTransfer.objects.get(subject=subject)
    assert (move.from_site.code, move.to_site.code, move.change_set.reason) == ("701", "703", "Moved house")
    assert move.to_site.country == "CAN"


def test_another_value_moves_nobody(subject: Subject) -> None:
    write(subject, ("DM", {"AGE": 70}))
    write(subject, ("DM", {"SITEID": "701"}))
    assert not SiteTransfer.objects.exists()


def test_a_refused_request_moves_nobody(subject: Subject) -> None:
    write(subject, ("DM", {"SITEID": "703"}), ("AE", {"AESTDTC": "2013-02-30"}))
    assert Subject.objects.get(pk=subject.pk).site.code == "701"


def test_an_import_moves_a_subject_too(subject: Subject) -> None:
    number = int(subject.subject_id.rpartition("-")[2])
    imported(client_account(subject.study), subject.study, {"DM": [dm(number, SITEID="704")]})
    assert Subject.objects.get(pk=subject.pk).site.code == "704"


def test_who_writes_at_one_site_moves_nobody_to_another(subject: Subject) -> None:
    writer = person(Role.INTEGRATOR, subject.study, site=subject.site)
    SiteFactory(study=subject.study, code="703")
    for code in ("703", "999"):
        with pytest.raises(NotAllowedError, match="write records"):
            write(subject, ("DM", {"SITEID": code}), user=writer)
    assert write(subject, ("DM", {"AGE": 70}), user=writer).accepted == 1
