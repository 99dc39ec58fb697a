"""A token acts as the service account bound to its application, and has no right of its own."""

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import get_access_token_model, get_application_model

from apps.accounts.models import User
from tests.factories import StudyFactory, UserFactory, client_account

pytestmark = pytest.mark.django_db
SECRET = "a secret of the tests"


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


def test_an_application_without_an_account_has_no_right() -> None:
    answer = token(application_of(None))
    assert studies(answer.json()["access_token"]).status_code == 401


def test_an_account_without_a_grant_sees_nothing() -> None:
    bearer = token(application_of(UserFactory(is_service_account=True))).json()["access_token"]
    assert studies(bearer).json()["count"] == 0


def test_a_token_ends(account: User) -> None:
    bearer = token(application_of(account)).json()["access_token"]
    get_access_token_model().objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert studies(bearer).status_code == 401
    assert studies("made up").status_code == 401
