"""When a person was last here: home tells what changed since then. A *visit* is one of a subject to a site."""

from datetime import datetime, timedelta

from apps.accounts.models import User

# Longer away than this and a person has left; shorter, and they are still at work.
AWAY = timedelta(minutes=30)
# While somebody is here the moment is kept this exactly, so that reading pages is not a write each time.
EXACTNESS = timedelta(minutes=1)


def note_presence(*, user: User, now: datetime) -> None:
    """Note that a person is here; after half an hour away the last moment seen becomes what home compares with."""
    last = user.last_seen_at
    if last is not None and now - last < EXACTNESS:
        return
    if last is not None and now - last >= AWAY:
        user.previous_visit_at = last
    user.last_seen_at = now
    User.objects.filter(pk=user.pk).update(last_seen_at=now, previous_visit_at=user.previous_visit_at)
