"""What ends the right to a socket, wherever it is changed: sessions, tokens, users and their groups."""

from django.contrib.sessions.models import Session
from django.db import models, transaction
from django.db.models.signals import m2m_changed, post_delete, post_save
from oauth2_provider.models import get_access_token_model

from apps.accounts.models import User
from apps.twins.services.announcing import announce_access, announce_logout, announce_token

# Written at every sign-in and visit; they take nobody's right away.
HARMLESS = {"last_login", "last_seen_at", "previous_visit_at"}


def connect_handlers() -> None:
    """Called once from `AppConfig.ready`."""
    post_delete.connect(_session_ended, sender=Session, dispatch_uid="twins.session_ended")
    post_delete.connect(_token_ended, sender=get_access_token_model(), dispatch_uid="twins.token_ended")
    post_save.connect(_user_changed, sender=User, dispatch_uid="twins.user_changed")
    m2m_changed.connect(_groups_changed, sender=User.groups.through, dispatch_uid="twins.groups_changed")


def _session_ended(instance: Session, **kwargs: object) -> None:
    transaction.on_commit(lambda: announce_logout(instance.session_key))


def _token_ended(instance: models.Model, **kwargs: object) -> None:
    checksum = str(getattr(instance, "token_checksum", ""))
    transaction.on_commit(lambda: announce_token(checksum))


def _user_changed(instance: User, *, created: bool, update_fields: frozenset[str] | None, **kwargs: object) -> None:
    if not created and not (update_fields and update_fields <= HARMLESS):
        transaction.on_commit(lambda: announce_access(instance.pk))


def _groups_changed(instance: models.Model, action: str, **kwargs: object) -> None:
    # A group that is added takes nothing away, and the grant tells of itself.
    if isinstance(instance, User) and action in {"post_remove", "post_clear"}:
        transaction.on_commit(lambda: announce_access(instance.pk))
