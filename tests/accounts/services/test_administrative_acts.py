"""Acts of administration: asked for by one, decided by another, and never wider than what was asked."""

from typing import Any

import pytest
from django.contrib import admin
from django.db import IntegrityError, transaction
from django.test import Client
from oauth2_provider.models import get_access_token_model, get_application_model

from apps.accounts.domain.roles import Permission, Role
from apps.accounts.models import ActKind, ActState, AdministrativeAct, User
from apps.accounts.services.administrative_acts import Grant, approve_act, is_administrator, refuse_act, request_act
from apps.accounts.services.applications import make_application
from apps.accounts.services.reauthentication import reauthenticate, set_own_password
from apps.compliance.models import TrailEntry
from apps.core.domain.errors import ConflictError, InvalidInputError, NotAllowedError
from apps.studies.selectors.access import principal_of
from tests.factories import PASSWORD, SiteFactory, StudyFactory, UserFactory, client_account, person

pytestmark = pytest.mark.django_db


def administrator(**attributes: Any) -> User:
    user: User = UserFactory(is_superuser=True, is_staff=True, **attributes)
    return user


def signed_in(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.mark.requirement("P11-10g")
def test_a_role_is_granted_once_another_administrator_approves() -> None:
    study, asker, other, user = StudyFactory(), administrator(), administrator(), UserFactory()
    act = request_act(
        asker=asker,
        kind=ActKind.GRANT_ROLE,
        concerns=user,
        reason="Joins the team",
        grant=Grant(Role.SAFETY_PHYSICIAN, study.code, study),
    )
    assert not principal_of(user).may(Permission.SIGN_NARRATIVE, study.pk)
    assert approve_act(act=act, approver=other) == ""
    assert principal_of(user).may(Permission.SIGN_NARRATIVE, study.pk)
    act.refresh_from_db()
    assert (act.state, act.decided_by) == (ActState.APPROVED, other)
    assert TrailEntry.objects.get_for_object(act).count() == 2


def test_a_role_on_a_site_is_for_that_site() -> None:
    site, user = SiteFactory(code="701"), UserFactory()
    grant = Grant(Role.CRA, site.study.code, site, "701")
    act = request_act(asker=administrator(), kind=ActKind.GRANT_ROLE, concerns=user, reason="Monitors", grant=grant)
    approve_act(act=act, approver=administrator())
    assert principal_of(user).site_ids == {site.pk}


def test_monitors_of_two_sites_of_one_study_see_their_own_site_each() -> None:
    study = StudyFactory()
    sites = [SiteFactory(study=study, code=code) for code in ("701", "702")]
    monitors = [UserFactory(), UserFactory()]
    for site, user in zip(sites, monitors, strict=True):
        grant = Grant(Role.CRA, study.code, site, site.code)
        act = request_act(asker=administrator(), kind=ActKind.GRANT_ROLE, concerns=user, reason="Monitors", grant=grant)
        approve_act(act=act, approver=administrator())
    assert [principal_of(user).site_ids for user in monitors] == [{site.pk} for site in sites]


def test_a_role_on_what_is_gone_is_not_granted_and_says_what_to_do() -> None:
    site, user = SiteFactory(code="701"), UserFactory()
    grant = Grant(Role.CRA, site.study.code, site, "701")
    act = request_act(asker=administrator(), kind=ActKind.GRANT_ROLE, concerns=user, reason="Monitors", grant=grant)
    AdministrativeAct.objects.filter(pk=act.pk).update(on_type=None)
    with pytest.raises(ConflictError, match=r"is gone\. Refuse this act"):
        approve_act(act=act, approver=administrator())
    assert not principal_of(user).site_ids


@pytest.mark.requirement("P11-10g")
def test_nobody_approves_what_they_asked_for_or_what_concerns_them() -> None:
    study, asker, concerned = StudyFactory(), administrator(), administrator()
    grant = Grant(Role.UNBLINDED_MONITOR, study.code, study)
    own = request_act(asker=asker, kind=ActKind.GRANT_ROLE, concerns=asker, reason="Curious", grant=grant)
    act = request_act(asker=asker, kind=ActKind.GRANT_ROLE, concerns=concerned, reason="Curious", grant=grant)
    for pending, approver in (
        (own, asker),
        (act, asker),
        (act, concerned),
        (act, UserFactory()),
        (act, person(Role.AUDITOR, study)),
    ):
        with pytest.raises(NotAllowedError):
            approve_act(act=pending, approver=approver)
    assert not principal_of(asker).study_ids
    assert not principal_of(concerned).study_ids


def test_the_database_refuses_an_approval_by_who_asked() -> None:
    act = request_act(asker=administrator(), kind=ActKind.RESET_PASSWORD, concerns=UserFactory(), reason="Forgotten")
    for wrong in (
        {"state": "approved", "decided_by": act.asked_by},
        {"state": "approved", "decided_by": act.concerns},
        {"state": "approved", "decided_by": None},
        {"state": "pending", "decided_by": administrator()},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            AdministrativeAct.objects.filter(pk=act.pk).update(**wrong)


def test_only_administrators_ask_and_refuse_and_a_decided_act_stays_so() -> None:
    act = request_act(asker=administrator(), kind=ActKind.RESET_PASSWORD, concerns=UserFactory(), reason="Forgotten")
    with pytest.raises(NotAllowedError):
        refuse_act(act=act, refuser=UserFactory(is_staff=True))
    refuse_act(act=act, refuser=act.asked_by)
    for decide in (
        lambda: approve_act(act=act, approver=administrator()),
        lambda: refuse_act(act=act, refuser=administrator()),
    ):
        with pytest.raises(ConflictError):
            decide()
    with pytest.raises(NotAllowedError):
        request_act(asker=UserFactory(is_staff=True), kind=ActKind.RESET_PASSWORD, concerns=UserFactory(), reason="x")
    with pytest.raises(InvalidInputError, match="Say why"):
        request_act(asker=administrator(), kind=ActKind.RESET_PASSWORD, concerns=UserFactory(), reason="  ")


@pytest.mark.parametrize(
    "changed", [{"is_active": False}, {"is_staff": False}, {"is_superuser": False}, {"is_service_account": True}]
)
def test_an_administrator_is_an_active_person(changed: dict[str, bool]) -> None:
    assert is_administrator(administrator())
    assert not is_administrator(UserFactory(**{"is_superuser": True, "is_staff": True, **changed}))
    assert not is_administrator(None)


@pytest.mark.requirement("H-a1")
@pytest.mark.parametrize("kind", [ActKind.MAKE_APPLICATION, ActKind.ROTATE_SECRET, ActKind.REVOKE_APPLICATION])
def test_no_application_is_asked_for_a_person(kind: ActKind) -> None:
    monitor = person(Role.UNBLINDED_MONITOR, StudyFactory())
    with pytest.raises(NotAllowedError, match="only for a service account"):
        request_act(asker=administrator(), kind=kind, concerns=monitor, reason="Integration")
    with pytest.raises(NotAllowedError, match="only for a service account"):
        make_application(account=monitor, name="x")
    assert not get_application_model().objects.exists()


def test_a_role_and_an_account_fit_each_other() -> None:
    study, asker = StudyFactory(), administrator()
    account = UserFactory(is_service_account=True)
    for concerns, role in ((account, Role.SAFETY_PHYSICIAN), (UserFactory(), Role.INTEGRATOR)):
        with pytest.raises(NotAllowedError):
            request_act(
                asker=asker, kind=ActKind.GRANT_ROLE, concerns=concerns, reason="x", grant=Grant(role, "S", study)
            )
    with pytest.raises(NotAllowedError, match="has no password"):
        request_act(asker=asker, kind=ActKind.RESET_PASSWORD, concerns=account, reason="x")
    with pytest.raises(InvalidInputError):
        request_act(asker=asker, kind=ActKind.GRANT_ROLE, concerns=UserFactory(), reason="x")
    grant = Grant(Role.CRA, study.code, study)
    with pytest.raises(InvalidInputError):
        request_act(asker=asker, kind=ActKind.RESET_PASSWORD, concerns=UserFactory(), reason="x", grant=grant)


def test_an_application_gets_a_token_once_approved_and_none_once_revoked() -> None:
    account, asker, other = client_account(StudyFactory(code="TRIAL")), administrator(), administrator()

    def carried_out(kind: ActKind) -> str:
        act = request_act(asker=asker, kind=kind, concerns=account, reason="Integration")
        return approve_act(act=act, approver=other) if act.state == ActState.PENDING else ""

    def status(shown: str) -> int:
        client_id, _, secret = shown.partition(" / ")
        fields = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": secret}
        return Client().post("/o/token/", fields).status_code

    request_act(asker=asker, kind=ActKind.MAKE_APPLICATION, concerns=account, reason="Integration")
    assert not get_application_model().objects.exists()
    first = carried_out(ActKind.MAKE_APPLICATION)
    assert status(first) == 200
    second = carried_out(ActKind.ROTATE_SECRET)
    assert not get_access_token_model().objects.exists()
    assert (status(first), status(second)) == (401, 200)
    with pytest.raises(ConflictError, match="already"):
        carried_out(ActKind.MAKE_APPLICATION)
    carried_out(ActKind.REVOKE_APPLICATION)
    assert not get_access_token_model().objects.exists()
    assert status(second) == 401
    assert AdministrativeAct.objects.filter(state=ActState.DONE, decided_by=None).count() == 1
    with pytest.raises(ConflictError, match="no application"):
        carried_out(ActKind.ROTATE_SECRET)


@pytest.mark.requirement("P11-200a")
def test_a_password_that_others_set_signs_nothing_until_its_owner_sets_one(rf: Any) -> None:
    physician = person(Role.SAFETY_PHYSICIAN, StudyFactory())
    act = request_act(asker=administrator(), kind=ActKind.RESET_PASSWORD, concerns=physician, reason="Forgotten")
    client = signed_in(physician)
    given = approve_act(act=act, approver=administrator())
    physician.refresh_from_db()
    assert not physician.is_proven
    assert client.get("/").status_code == 302
    with pytest.raises(NotAllowedError, match="set by somebody else"):
        reauthenticate(request=rf.post("/"), user=physician, password=given)
    assert client.login(request=rf.post("/"), username=physician.username, password=given)
    assert "Somebody else set your password" in client.get("/password/").content.decode()
    fields = {"old_password": given, "new_password1": PASSWORD, "new_password2": PASSWORD}
    assert client.post("/password/", fields).status_code == 302
    physician.refresh_from_db()
    reauthenticate(request=rf.post("/"), user=physician, password=PASSWORD)


def test_a_wrong_old_password_changes_nothing_and_is_counted() -> None:
    user = UserFactory()
    client = signed_in(user)
    fields = {"old_password": "wrong", "new_password1": "another good one", "new_password2": "another good one"}
    answers = [client.post("/password/", fields) for _ in range(8)]
    assert {answer.status_code for answer in answers} <= {200, 429}
    assert "The password is not right" in answers[0].content.decode()
    assert "signed" not in " ".join(answers[0].context["form"].errors["old_password"]), "nothing was to be signed here"
    assert "Too many wrong tries" in answers[-1].content.decode()
    user.refresh_from_db()
    assert user.check_password(PASSWORD)


def test_setting_ones_own_password_proves_one() -> None:
    user = UserFactory(is_proven=False)
    set_own_password(user=user, password="a new one of mine")
    user.refresh_from_db()
    assert user.is_proven
    assert user.check_password("a new one of mine")


def test_the_admin_holds_nothing_that_one_administrator_could_widen_rights_with() -> None:
    assert {model._meta.label for model in admin.site._registry} == {
        "accounts.AdministrativeAct",
        "compliance.Review",
        "compliance.TrailEntry",
        "core.Job",
    }


ACTS = "/admin/accounts/administrativeact/"


def test_the_pages_ask_show_once_and_decide() -> None:
    study, asker, other = StudyFactory(code="TRIAL"), administrator(), administrator()
    user = UserFactory()
    fields = {"kind": "grant_role", "concerns": user.pk, "role": "cra", "study": study.pk, "reason": "Monitors"}
    asked = signed_in(asker).post(f"{ACTS}ask/", fields)
    act = AdministrativeAct.objects.get()
    assert asked["Location"] == f"{ACTS}{act.pk}/decide/"
    assert "Another administrator approves this" in signed_in(asker).get(asked["Location"]).content.decode()
    assert signed_in(asker).post(asked["Location"], {"decision": "approve"}).status_code == 403
    assert signed_in(other).post(asked["Location"], {"decision": "approve"}).status_code == 200
    assert principal_of(user).study_ids == {study.pk}
    assert "grant a role" in signed_in(other).get(ACTS).content.decode()
    reset = {"kind": "reset_password", "concerns": user.pk, "reason": "Forgotten"}
    place = signed_in(asker).post(f"{ACTS}ask/", reset)["Location"]
    shown = signed_in(other).post(place, {"decision": "approve"}).content.decode()
    assert "Shown once" in shown
    assert "Shown once" not in signed_in(other).get(place).content.decode()
    place = signed_in(asker).post(f"{ACTS}ask/", reset)["Location"]
    assert "refused" in signed_in(other).post(place, {"decision": "refuse"}).content.decode()


@pytest.mark.parametrize(
    "changed",
    [{"role": "cra"}, {"kind": "grant_role"}, {"reason": ""}, {"concerns": "0"}, {"kind": "make_application"}],
)
def test_a_request_that_does_not_fit_says_why(changed: dict[str, str]) -> None:
    fields = {"kind": "reset_password", "concerns": UserFactory().pk, "reason": "Forgotten", **changed}
    answer = signed_in(administrator()).post(f"{ACTS}ask/", fields)
    assert answer.status_code == 200
    assert "to put right" in answer.content.decode()
    assert not AdministrativeAct.objects.exists()


def test_a_site_of_another_study_is_refused() -> None:
    fields = {"kind": "grant_role", "concerns": UserFactory().pk, "role": "cra", "reason": "x"}
    places = {"study": StudyFactory().pk, "site": SiteFactory().pk}
    assert "another study" in signed_in(administrator()).post(f"{ACTS}ask/", {**fields, **places}).content.decode()


def test_a_decision_says_when_and_by_whom_and_a_refusal_grants_nothing() -> None:
    study, user, other = StudyFactory(), UserFactory(), administrator()
    grant = Grant(Role.CRA, study.code, study)
    act = request_act(asker=administrator(), kind=ActKind.GRANT_ROLE, concerns=user, reason=" Joins ", grant=grant)
    assert (act.reason, act.decided_at, act.state) == ("Joins", None, ActState.PENDING)
    refuse_act(act=act, refuser=other)
    act.refresh_from_db()
    assert (act.state, act.decided_by) == (ActState.REFUSED, other)
    assert act.decided_at is not None
    assert principal_of(user).study_ids == set()


def test_a_first_password_is_long_and_another_one_each_time() -> None:
    made = set()
    for _ in range(3):
        user = UserFactory()
        act = request_act(asker=administrator(), kind=ActKind.RESET_PASSWORD, concerns=user, reason="Forgot it")
        password = approve_act(act=act, approver=administrator())
        user.refresh_from_db()
        assert user.check_password(password)
        assert not user.is_proven
        made.add(password)
    assert {len(password) for password in made} == {16}
    assert len(made) == 3


def test_an_application_bears_the_name_of_its_account() -> None:
    account = client_account(StudyFactory())
    made = make_application(account=account, name="EDC export", client_id="edc", client_secret="s3cret")
    application = get_application_model().objects.get(user=account)
    assert (application.name, application.client_id, made.client_secret) == ("EDC export", "edc", "s3cret")
    assert application.authorization_grant_type == get_application_model().GRANT_CLIENT_CREDENTIALS


def test_refusals_are_sentences() -> None:
    user = UserFactory()
    with pytest.raises(NotAllowedError, match=r"^Only administrators do this\.$"):
        request_act(asker=user, kind=ActKind.RESET_PASSWORD, concerns=user, reason="x")
    with pytest.raises(InvalidInputError, match=r"^A role is granted on a study or a site; nothing else takes one\."):
        request_act(asker=administrator(), kind=ActKind.GRANT_ROLE, concerns=user, reason="x")
