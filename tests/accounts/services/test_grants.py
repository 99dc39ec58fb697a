"""Grants: what a group was granted on a study or a site, read afresh; nothing comes from being superuser."""

import pytest
from django.contrib.auth.models import Permission as ModelPermission

from apps.accounts.domain.roles import ADMIN_ROLES, ROLE_PERMISSIONS, Permission, Role, group_name, role_of_group
from apps.accounts.selectors.roles import role_label, roles_in, signed_in
from apps.accounts.services.grants import access_changed, grant_role, revoke_role
from apps.core.domain.errors import NotAllowedError
from apps.studies.domain.audience import Audience
from apps.studies.models import Site, Study, Subject
from apps.studies.selectors.access import NOBODY, audience_of, principal_of
from tests.factories import SiteFactory, StudyFactory, SubjectFactory, UserFactory, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def study() -> Study:
    found: Study = StudyFactory(code="TRIAL")
    SubjectFactory(site=SiteFactory(study=found, code="701"))
    SubjectFactory(site=SiteFactory(study=found, code="702"))
    return found


@pytest.mark.requirement("P11-10d")
def test_a_superuser_with_every_model_permission_sees_nothing(study: Study) -> None:
    user = UserFactory(is_superuser=True, is_staff=True)
    user.user_permissions.set(ModelPermission.objects.all())
    principal = principal_of(user)
    assert not Study.objects.visible_to(principal).exists()
    assert not Site.objects.visible_to(principal).exists()
    assert not Subject.objects.visible_to(principal).exists()
    assert not any(principal.may(permission, study.pk) for permission in Permission)


@pytest.mark.parametrize("role", Role)
def test_a_role_brings_exactly_its_permissions(study: Study, role: Role) -> None:
    user = person(role, study)
    principal = principal_of(user)
    assert {permission for permission in Permission if principal.may(permission, study.pk)} == ROLE_PERMISSIONS[role]
    assert user.is_staff is (role in ADMIN_ROLES)
    assert Subject.objects.visible_to(principal).count() == 2
    expected = Audience.UNBLINDED if Permission.VIEW_UNBLINDED in ROLE_PERMISSIONS[role] else Audience.BLINDED
    assert audience_of(principal, study) is expected


def test_a_role_on_a_site_is_for_that_site_only(study: Study) -> None:
    site = Site.objects.get(code="701")
    principal = principal_of(person(Role.CRA, study, site=site))
    assert list(Subject.objects.visible_to(principal).values_list("site__code", flat=True)) == ["701"]
    assert list(Site.objects.visible_to(principal)) == [site]
    assert list(Study.objects.visible_to(principal)) == [study]
    assert principal.may(Permission.VIEW, study.pk, site.pk)
    assert not principal.may(Permission.VIEW, study.pk)
    assert principal.study_ids == {study.pk}
    assert not principal.whole_study_ids


def test_unblinding_is_not_granted_by_a_site(study: Study) -> None:
    site = Site.objects.get(code="701")
    principal = principal_of(person(Role.UNBLINDED_MONITOR, study, site=site))
    assert audience_of(principal, study) is Audience.BLINDED


def test_an_open_study_has_one_audience() -> None:
    study = StudyFactory(is_blinded=False)
    assert audience_of(principal_of(person(Role.CRA, study)), study) is Audience.UNBLINDED


def test_a_revoked_role_is_gone_at_the_next_question(study: Study, django_capture_on_commit_callbacks: object) -> None:
    user = person(Role.CRA, study)
    told: list[int] = []
    access_changed.subscribe(told.append)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture that is a context
        revoke_role(user=user, role=Role.CRA, study_code=study.code)
    access_changed._handlers.remove(told.append)
    assert not Study.objects.visible_to(principal_of(user)).exists()
    assert told == [user.pk]


def test_an_inactive_person_and_a_stranger_are_nobody(study: Study) -> None:
    user = person(Role.CRA, study)
    user.is_active = False
    assert principal_of(user) is NOBODY
    assert principal_of(None) is NOBODY
    with pytest.raises(NotAllowedError, match="Sign in first"):
        signed_in(None)
    assert signed_in(user) is user


def test_a_role_is_shown_in_words(study: Study) -> None:
    user = person(Role.SAFETY_PHYSICIAN, study)
    grant_role(user=user, role=Role.AUDITOR, study_code=study.code, on=study)
    assert roles_in(user, study.code) == [Role.AUDITOR, Role.SAFETY_PHYSICIAN]
    assert role_label(user, study.code) == "auditor, safety physician"
    assert roles_in(user, "OTHER") == []


@pytest.mark.parametrize(
    ("name", "role"),
    [("TRIAL:cra:701", Role.CRA), ("TRIAL:auditor", Role.AUDITOR), ("editors", None), ("TRIAL:king", None)],
)
def test_a_group_is_named_after_study_role_and_site(name: str, role: Role | None) -> None:
    assert role_of_group(name) is role
    assert group_name("TRIAL", Role.CRA, "701") == "TRIAL:cra:701"
    assert group_name("TRIAL", Role.AUDITOR) == "TRIAL:auditor"


def test_a_grant_is_held_by_a_group_of_its_study_role_and_site_and_open_sockets_are_told(
    study: Study, django_capture_on_commit_callbacks: object
) -> None:
    user, told = UserFactory(), []
    access_changed.subscribe(told.append)
    site = Site.objects.get(code="701")
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]  # a fixture that is a context
        group = grant_role(user=user, role=Role.CRA, study_code=study.code, on=site, site_code="701")
        assert told == []
    access_changed._handlers.remove(told.append)
    assert (group.name, told) == ("TRIAL:cra:701", [user.pk])
    assert list(user.groups.values_list("name", flat=True)) == ["TRIAL:cra:701"]
    other = person(Role.CRA, study, site=Site.objects.get(code="702"))
    assert not principal_of(other).may(Permission.VIEW, study.pk, site.pk)
