"""The name of a grant is read back as what it was made of, whatever the code of a site holds."""

import pytest

from apps.accounts.domain.roles import Role, group_name, role_of_group, site_of_group, study_of_group
from apps.accounts.selectors.roles import roles_in
from apps.compliance.admin.trail_names import grant_words
from apps.studies.selectors.access import principal_of
from tests.factories import SiteFactory, StudyFactory, person

SITES = ["701", "7:01", "701:auditor", ":", "US / 701", "Genève 1", "auditor", "7,01;#%"]


@pytest.mark.parametrize("site", SITES)
@pytest.mark.parametrize("role", Role)
def test_a_name_is_read_back(role: Role, site: str) -> None:
    name = group_name("TRIAL-1", role, site)
    assert (study_of_group(name), role_of_group(name), site_of_group(name)) == ("TRIAL-1", role, site)
    whole = group_name("TRIAL-1", role)
    assert (study_of_group(whole), role_of_group(whole), site_of_group(whole)) == ("TRIAL-1", role, "")


@pytest.mark.parametrize("name", ["", "editors", "TRIAL:editor", "TRIAL:editor:cra", ":", "cra"])
def test_a_group_that_is_no_grant_is_none(name: str) -> None:
    assert (study_of_group(name), role_of_group(name), site_of_group(name)) == (None, None, "")


@pytest.mark.django_db
@pytest.mark.parametrize("site", SITES)
def test_a_role_at_a_site_of_any_code_is_told_and_opens_that_site_alone(site: str) -> None:
    study = StudyFactory(code="TRIAL-1")
    place = SiteFactory(study=study, code=site)
    SiteFactory(study=study, code="other")
    user = person(Role.CRA, study, site=place)
    assert roles_in(user, "TRIAL-1") == [Role.CRA]
    assert principal_of(user).site_ids == frozenset({place.pk})
    assert grant_words(group_name("TRIAL-1", Role.CRA, site)) == f"CRA at site {site} of study TRIAL-1"


@pytest.mark.django_db
def test_a_study_whose_code_differs_in_case_is_another() -> None:
    user = person(Role.CRA, StudyFactory(code="TRIAL"))
    assert roles_in(user, "trial") == []
