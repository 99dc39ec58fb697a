"""A token acts as the service account bound to its application, and has no right of its own."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from apps.accounts.domain.roles import Role
from apps.accounts.models import User
from tests.factories import StudyFactory, UserFactory, client_account, person

pytestmark = pytest.mark.django_db
SECRET = "a secret of the tests"
HOUR = timedelta(hours=1)


@pytest.fixture
def account() -> User:
    return client_account(StudyFactory(code="TRIAL"))


def application_of(account: User | None) -> Any:
    model = get_application_model()
    return model.objects.create(
        name="Integrator",
        user=account,
        client_type=model.CLIENT_CONFIDENTIAL,
        authorization_grant_type=model.GRANT_CLIENT_CREDENTIALS,
        client_secret=SECRET,
    )


def token(application: Any, secret: str = SECRET) -> Any:
    basic = b64encode(f"{application.client_id}:{secret}".encode()).decode()
    return Client().post("/o/token/", {"grant_type": "client_credentials"}, headers={"Authorization": f"Basic {basic}"})


def studies(bearer: str) -> Any:
    return Client().get("/api/v1/studies/", headers={"Authorization": f"Bearer {bearer}"})


def test_client_credentials_act_as_the_account_of_the_application(account: User) -> None:
    answer = token(application_of(account))
    assert answer.json()["token_type"] == "Bearer"
    assert [study["code"] for study in studies(answer.json()["access_token"]).json()["results"]] == ["TRIAL"]


def test_a_wrong_secret_gives_no_token(account: User) -> None:
    assert token(application_of(account), "wrong").status_code == 401


def test_an_account_that_was_switched_off_is_out_at_once(account: User) -> None:
    bearer = token(application_of(account)).json()["access_token"]
    User.objects.filter(pk=account.pk).update(is_active=False)
    assert studies(bearer).status_code == 401


def test_an_application_without_an_account_gets_no_token() -> None:
    assert token(application_of(None)).status_code == 401


@pytest.mark.requirement("H-a1")
def test_an_application_of_a_person_gets_no_token() -> None:
    assert token(application_of(person(Role.UNBLINDED_MONITOR, StudyFactory()))).status_code == 401


@pytest.mark.requirement("H-a1")
def test_a_token_made_for_a_person_is_nobody_whatever_its_row_says(account: User) -> None:
    """Rows like these were made in the admin by a superuser without any grant."""
    monitor = person(Role.UNBLINDED_MONITOR, StudyFactory())
    for user, application in ((monitor, application_of(monitor)), (monitor, application_of(account))):
        made = get_access_token_model().objects.create(
            user=user,
            application=application,
            token=f"made-{application.pk}",
            expires=timezone.now() + HOUR,
            scope="portal",
        )
        assert studies(made.token).status_code == 401


def test_a_public_client_and_another_grant_get_no_token(account: User) -> None:
    model = get_application_model()
    application = application_of(account)
    model.objects.update(client_type=model.CLIENT_PUBLIC)
    public = Client().post("/o/token/", {"grant_type": "client_credentials", "client_id": application.client_id})
    assert public.status_code == 401
    model.objects.update(authorization_grant_type="password", client_type=model.CLIENT_CONFIDENTIAL)
    fields = {"grant_type": "password", "username": account.username, "password": "x"}
    answer = Client().post("/o/token/", {**fields, "client_id": application.client_id, "client_secret": SECRET})
    assert answer.status_code in {400, 401}


def test_an_account_without_a_grant_sees_nothing() -> None:
    bearer = token(application_of(UserFactory(is_service_account=True))).json()["access_token"]
    assert studies(bearer).json()["count"] == 0


def test_a_token_ends(account: User) -> None:
    bearer = token(application_of(account)).json()["access_token"]
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert studies(bearer).status_code == 401
    assert studies("made up").status_code == 401


@pytest.mark.parametrize("path", ["/o/token/", "/o/revoke/"])
def test_a_program_needs_no_token_of_a_form(account: User, path: str) -> None:
    application = application_of(account)
    basic = b64encode(f"{application.client_id}:{SECRET}".encode()).decode()
    fields = {"grant_type": "client_credentials", "token": "x"}
    answer = Client(enforce_csrf_checks=True).post(path, fields, headers={"Authorization": f"Basic {basic}"})
    assert answer.status_code == 200
