"""Who stays away has left; the moment they left is what home compares with."""

from datetime import UTC, datetime, timedelta

import pytest

from apps.accounts.models import User
from apps.accounts.services.presence import note_presence
from tests.factories import UserFactory

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def presence_of(user: User) -> tuple[datetime | None, datetime | None]:
    stored = User.objects.get(pk=user.pk)
    return stored.last_seen_at, stored.previous_visit_at


@pytest.mark.django_db
def test_who_comes_for_the_first_time_was_not_here_before():
    user = UserFactory()
    note_presence(user=user, now=NOON)
    assert presence_of(user) == (NOON, None)


@pytest.mark.django_db
def test_reading_on_within_half_an_hour_is_not_coming_back():
    user = UserFactory()
    for minutes in (0, 29, 58):
        note_presence(user=user, now=NOON + timedelta(minutes=minutes))
    assert presence_of(user) == (NOON + timedelta(minutes=58), None)


@pytest.mark.django_db
def test_coming_back_after_half_an_hour_keeps_the_moment_of_leaving():
    user = UserFactory()
    note_presence(user=user, now=NOON)
    note_presence(user=user, now=NOON + timedelta(minutes=10))
    note_presence(user=user, now=NOON + timedelta(minutes=40))
    assert presence_of(user) == (NOON + timedelta(minutes=40), NOON + timedelta(minutes=10))
    assert user.previous_visit_at == NOON + timedelta(minutes=10)


@pytest.mark.django_db
def test_pages_read_within_a_minute_are_not_written(django_assert_num_queries):
    user = UserFactory()
    note_presence(user=user, now=NOON)
    with django_assert_num_queries(0):
        note_presence(user=user, now=NOON + timedelta(seconds=59))
