"""A visit ends when a person stays away; its end is what the next one is compared with."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.services.visits import note_visit
from tests.factories import UserFactory

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def visits_of(user: User) -> tuple[datetime | None, datetime | None]:
    stored = User.objects.get(pk=user.pk)
    return stored.last_seen_at, stored.previous_visit_at


@pytest.mark.django_db
def test_a_first_visit_has_none_before_it():
    user = UserFactory()
    note_visit(user=user, now=NOON)
    assert visits_of(user) == (NOON, None)


@pytest.mark.django_db
def test_reading_on_within_half_an_hour_is_the_same_visit():
    user = UserFactory()
    for minutes in (0, 29, 58):
        note_visit(user=user, now=NOON + timedelta(minutes=minutes))
    assert visits_of(user) == (NOON + timedelta(minutes=58), None)


@pytest.mark.django_db
def test_coming_back_after_half_an_hour_makes_the_last_moment_seen_the_end_of_the_last_visit():
    user = UserFactory()
    note_visit(user=user, now=NOON)
    note_visit(user=user, now=NOON + timedelta(minutes=10))
    note_visit(user=user, now=NOON + timedelta(minutes=40))
    assert visits_of(user) == (NOON + timedelta(minutes=40), NOON + timedelta(minutes=10))
    assert user.previous_visit_at == NOON + timedelta(minutes=10)


@pytest.mark.django_db
def test_pages_read_within_a_minute_are_not_written(django_assert_num_queries):
    user = UserFactory()
    note_visit(user=user, now=NOON)
    with django_assert_num_queries(0):
        note_visit(user=user, now=NOON + timedelta(seconds=59))
