"""What widens rights takes two administrators: one asks with a reason, another who is not concerned decides.

Two persons for what one could abuse alone (21 CFR 11.10(d), (g); 11.300(b)); whoever runs the machine stands outside.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.utils import timezone

from apps.accounts.domain.roles import Role
from apps.accounts.models import ActKind, ActState, AdministrativeAct, User
from apps.accounts.services.applications import (
    make_application,
    require_service_account,
    revoke_applications,
    rotate_secret,
)
from apps.accounts.services.grants import grant_role
from apps.core.domain.errors import ConflictError, InvalidInputError, NotAllowedError

FOR_SERVICE_ACCOUNTS: Final = frozenset({ActKind.MAKE_APPLICATION, ActKind.ROTATE_SECRET, ActKind.REVOKE_APPLICATION})
# What only takes rights away waits for nobody.
AT_ONCE: Final = frozenset({ActKind.REVOKE_APPLICATION})


@dataclass(frozen=True, slots=True)
class Grant:
    """The role an act grants, on a study or one of its sites (`on`)."""

    role: Role
    study_code: str
    on: models.Model
    site_code: str = ""


def is_administrator(user: object) -> bool:
    """Whether a user administers accounts: an active person who is superuser and staff; it gives no clinical right."""
    return (
        isinstance(user, User)
        and user.is_active
        and user.is_superuser
        and user.is_staff
        and not user.is_service_account
    )


def request_act(
    *, asker: User, kind: ActKind, concerns: User, reason: str, grant: Grant | None = None
) -> AdministrativeAct:
    """Ask for an act; one that only takes rights away is carried out at once.

    Raises NotAllowedError for who is no administrator and for an act its person cannot have, InvalidInputError
    without a reason or, for a role, without what it is granted on.
    """
    _require_administrator(asker)
    if not reason.strip():
        raise InvalidInputError("Say why; the reason is kept in the audit trail.")
    _require_fitting(kind, concerns, grant)
    act = AdministrativeAct(kind=kind, concerns=concerns, reason=reason.strip(), asked_by=asker)
    if grant is not None:
        act.role, act.study_code, act.site_code = grant.role.value, grant.study_code, grant.site_code
        act.on_type, act.on_pk = ContentType.objects.get_for_model(grant.on), grant.on.pk
    with transaction.atomic():
        if kind in AT_ONCE:
            act.state = ActState.DONE
            _carry_out(act)
        act.save()
    return act


def approve_act(*, act: AdministrativeAct, approver: User) -> str:
    """Approve and carry out an act; returns what is shown once: a secret or a first password, or nothing.

    Raises NotAllowedError for who asked for it, is concerned or is no administrator; ConflictError once decided.
    """
    _require_administrator(approver)
    with transaction.atomic():
        locked = _lock_pending(act)
        if approver.pk in {locked.asked_by_id, locked.concerns_id}:
            raise NotAllowedError("Another administrator decides: you asked for this act, or it concerns you.")
        shown = _carry_out(locked)
        _decide(locked, approver, ActState.APPROVED, timezone.now())
    return shown


def refuse_act(*, act: AdministrativeAct, refuser: User) -> None:
    """Refuse an act, or take one's own request back; raises NotAllowedError, ConflictError once decided."""
    _require_administrator(refuser)
    with transaction.atomic():
        _decide(_lock_pending(act), refuser, ActState.REFUSED, timezone.now())


def _require_administrator(user: User) -> None:
    if not is_administrator(user):
        raise NotAllowedError("Only administrators do this.")


def _require_fitting(kind: ActKind, concerns: User, grant: Grant | None) -> None:
    if kind in FOR_SERVICE_ACCOUNTS:
        require_service_account(concerns)
    if kind is ActKind.RESET_PASSWORD and concerns.is_service_account:
        raise NotAllowedError(f"{concerns} is a service account and has no password.")
    if (kind is ActKind.GRANT_ROLE) is not (grant is not None):
        raise InvalidInputError("A role is granted on a study or a site; nothing else takes one.")
    # The role of programs is unblinded and writes: on a person it would be wider than any role of a person.
    if grant is not None and (grant.role is Role.INTEGRATOR) is not concerns.is_service_account:
        raise NotAllowedError("A service account takes the role of one, and no person does.")


def _lock_pending(act: AdministrativeAct) -> AdministrativeAct:
    # Of two decisions at once the second waits here, and finds the act decided.
    locked = AdministrativeAct.objects.select_for_update().get(pk=act.pk)
    if locked.state != ActState.PENDING:
        raise ConflictError("This act was decided already. Open it again to see how.")
    return locked


def _decide(act: AdministrativeAct, decider: User, state: ActState, now: datetime) -> None:
    act.state, act.decided_by, act.decided_at = state, decider, now
    act.save(update_fields=["state", "decided_by", "decided_at"])


def _carry_out(act: AdministrativeAct) -> str:
    """Do what was asked; the right conditions are looked at again, because time has passed."""
    kind, concerns = ActKind(act.kind), act.concerns
    if kind is ActKind.GRANT_ROLE:
        _grant(act)
    elif kind is ActKind.REVOKE_APPLICATION:
        revoke_applications(account=concerns)
    elif kind is ActKind.RESET_PASSWORD:
        return _reset_password(concerns)
    else:
        made = (
            make_application(account=concerns, name=concerns.display_name)
            if kind is ActKind.MAKE_APPLICATION
            else rotate_secret(account=concerns)
        )
        return f"{made.client_id} / {made.client_secret}"
    return ""


def _grant(act: AdministrativeAct) -> None:
    on = act.on_type.get_object_for_this_type(pk=act.on_pk) if act.on_type is not None else None
    if on is None:
        raise ConflictError("What the role was to be granted on is gone. Refuse this act.")
    grant_role(
        user=act.concerns,
        role=Role(act.role),
        study_code=act.study_code,
        on=on,
        site_code=act.site_code or None,
    )


def _reset_password(user: User) -> str:
    """A first password to be handed over; until its owner sets their own, nothing can be signed with it."""
    password = secrets.token_urlsafe(12)
    user.set_password(password)
    user.is_proven = False
    user.save(update_fields=["password", "is_proven"])
    return password
