"""Grant and revoke roles; a grant is held by a group, so one row serves all who hold it."""

from django.contrib.auth.models import Group
from django.db import models, transaction
from guardian.shortcuts import assign_perm

from apps.accounts.domain.roles import ADMIN_ROLES, ROLE_PERMISSIONS, Role, group_name
from apps.accounts.models import User
from apps.core.domain.events import Event

access_changed: Event[int] = Event("access_changed")


def grant_role(*, user: User, role: Role, study_code: str, on: models.Model, site_code: str | None = None) -> Group:
    """Give a user a role on a study or a site (`on`); open sockets of the user are checked again."""
    with transaction.atomic():
        group, _ = Group.objects.get_or_create(name=group_name(study_code, role, site_code))
        for permission in sorted(ROLE_PERMISSIONS[role]):
            codename = f"{permission.value}_{on._meta.model_name}"
            assign_perm(f"{on._meta.app_label}.{codename}", group, on)
        user.groups.add(group)
        # Staff opens the door of the administration and shows nothing behind it: rights are asked of the principal.
        if role in ADMIN_ROLES and not user.is_staff:
            user.is_staff = True
            user.save(update_fields=["is_staff"])
    # After the commit: a socket that proves itself any earlier would still find the old grant.
    transaction.on_commit(lambda: access_changed.publish(user.pk))
    return group


def revoke_role(*, user: User, role: Role, study_code: str, site_code: str | None = None) -> None:
    """Take a role away; takes effect at the next request and on every open socket."""
    with transaction.atomic():
        for group in Group.objects.filter(name=group_name(study_code, role, site_code)):
            user.groups.remove(group)
    transaction.on_commit(lambda: access_changed.publish(user.pk))
