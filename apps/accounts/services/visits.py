"""When a person last looked: the end of a visit is what the next one is compared with."""

from datetime import datetime, timedelta

from apps.accounts.models import User

# Longer away than this and coming back is a new visit; shorter, and the visit goes on.
AWAY = timedelta(minutes=30)
# Within a visit the moment is kept this exactly, so that reading pages is not a write each time.
EXACTNESS = timedelta(minutes=1)


def note_visit(*, user: User, now: datetime) -> None:
    """Note that a person is here; after half an hour away the last moment seen becomes the end of the last visit."""
    last = user.last_seen_at
    if last is not None and now - last < EXACTNESS:
        return
    if last is not None and now - last >= AWAY:
        user.previous_visit_at = last
    user.last_seen_at = now
    User.objects.filter(pk=user.pk).update(last_seen_at=now, previous_visit_at=user.previous_visit_at)
