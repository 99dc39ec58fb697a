"""A repeated request gets the first answer; another body, or one still in flight, is told so."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, InvalidInputError
from apps.core.models import IdempotencyKey
from apps.core.services.idempotency import KEPT_FOR, Answer, answer_once
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


class Work:
    """Counts how often it was done."""

    def __init__(self) -> None:
        self.done = 0

    def __call__(self) -> Answer:
        self.done += 1
        return 200, {"done": self.done}


@pytest.fixture
def user() -> User:
    found: User = UserFactory()
    return found


def ask(user: User, work: Work, *, key: str = "k", body: str = "b") -> Answer:
    return answer_once(principal_id=user.pk, key=key, body_sha256=body, act=work)


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(user: User) -> None:
    work = Work()
    assert ask(user, work) == ask(user, work) == (200, {"done": 1})
    assert work.done == 1


def test_keys_belong_to_their_principal(user: User) -> None:
    work = Work()
    ask(user, work)
    assert ask(UserFactory(), work) == (200, {"done": 2})
    assert ask(user, work, key="other") == (200, {"done": 3})


def test_another_body_under_the_same_key_is_refused(user: User) -> None:
    ask(user, Work())
    with pytest.raises(InvalidInputError, match="another body"):
        ask(user, Work(), body="c")


def test_a_request_in_flight_is_a_conflict(user: User) -> None:
    IdempotencyKey.objects.create(principal=user, key="k", body_sha256="b")
    with pytest.raises(ConflictError, match="still being carried out"):
        ask(user, Work())


def test_a_request_that_failed_may_be_repeated(user: User) -> None:
    def fail() -> Answer:
        raise ConflictError("Not now.")

    with pytest.raises(ConflictError, match="Not now"):
        answer_once(principal_id=user.pk, key="k", body_sha256="b", act=fail)
    assert ask(user, Work()) == (200, {"done": 1})


def test_answers_are_kept_for_a_day(user: User) -> None:
    work = Work()
    ask(user, work)
    IdempotencyKey.objects.update(created_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    assert ask(user, work) == (200, {"done": 2})
