"""The review of a narrative goes to the site of its subject, in whatever state it is."""

import pytest

from apps.accounts.domain.roles import Role
from apps.compliance.models import Review
from apps.studies.selectors.access import principal_of
from tests.compliance.reviews import in_review
from tests.factories import SiteFactory, StudyFactory, person, treated_subject, write

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("H-a1")]


def test_a_review_is_seen_at_the_new_site_and_no_longer_at_the_old() -> None:
    study = StudyFactory()
    subject = treated_subject(study, site=SiteFactory(study=study, code="701"))
    old = principal_of(person(Role.CRA, study, site=subject.site))
    review = in_review(subject, person(Role.SAFETY_AUTHOR, study))
    new = principal_of(person(Role.CRA, study, site=SiteFactory(study=study, code="703")))
    assert list(Review.objects.visible_to(old)) == [review]
    write(subject, ("DM", {"SITEID": "703"}))
    assert not Review.objects.visible_to(old).exists()
    assert list(Review.objects.visible_to(new)) == [review]
