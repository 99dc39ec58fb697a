"""A repeated request gets the first answer; another body, or one still in flight, is told so."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from apps.accounts.models import User
from apps.core.domain.errors import ConflictError, InvalidInputError
from apps.core.models import IdempotencyKey
from apps.core.services.idempotency import KEPT_FOR, Answer, answer_once, digest_of, forget_old_answers
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


def test_the_answer_is_kept_in_the_transaction_of_what_it_answers_for(user: User) -> None:
    """A process that is killed before its commit leaves no key behind that bars the repetition for a day."""
    with transaction.atomic():
        ask(user, Work())
        transaction.set_rollback(True)
    assert not IdempotencyKey.objects.exists()
    seen: list[bool] = []

    def look() -> Answer:
        seen.append(transaction.get_connection().in_atomic_block)
        assert IdempotencyKey.objects.get().answer is None
        return 200, {}

    answer_once(principal_id=user.pk, key="k", body_sha256="b", act=look)
    assert seen == [True]
    assert IdempotencyKey.objects.get().answer == {}


@pytest.mark.django_db(transaction=True)
def test_no_key_without_its_answer_can_be_seen_by_anyone_else(user: User) -> None:
    seen: list[int] = []

    def look() -> Answer:
        with ThreadPoolExecutor(1) as pool:
            seen.append(pool.submit(_count_keys).result(timeout=30))
        return 200, {}

    answer_once(principal_id=user.pk, key="k", body_sha256="b", act=look)
    assert seen == [0]
    assert _count_keys() == 1


def _count_keys() -> int:
    try:
        return IdempotencyKey.objects.count()
    finally:
        connection.close()


@pytest.mark.parametrize("other", [{"b": 1.0, "a": [1, "x"]}, {"a": [1, "x"], "b": 1.0}])
def test_bodies_that_say_the_same_have_the_same_digest(other: dict[str, object]) -> None:
    assert digest_of({"a": [1, "x"], "b": 1.0}) == digest_of(other)
    assert digest_of({"a": "1"}) != digest_of({"a": 1})


@pytest.mark.parametrize("unkept", [10**60, "\ud800", float])
def test_what_cannot_be_kept_is_refused_in_words(unkept: object) -> None:
    with pytest.raises(InvalidInputError, match="cannot keep"):
        digest_of({"values": unkept})


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


def test_old_answers_are_cleared_away(user: User) -> None:
    ask(user, Work())
    ask(user, Work(), key="old")
    IdempotencyKey.objects.filter(key="old").update(created_at=timezone.now() - KEPT_FOR - timedelta(seconds=1))
    forget_old_answers()
    assert list(IdempotencyKey.objects.values_list("key", flat=True)) == ["k"]
