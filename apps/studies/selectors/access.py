"""The principal of a user, and the scoped way to the study or subject that a request names."""

from collections import defaultdict

from django.contrib.contenttypes.models import ContentType
from guardian.models import GroupObjectPermission

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.core.domain.errors import NotAllowedError, NotVisibleError
from apps.studies.domain.audience import Audience
from apps.studies.domain.principal import Principal
from apps.studies.models import Site, Study, StudyState, Subject

NOBODY = Principal(user_id=None, name="nobody")


def principal_of(user: object) -> Principal:
    """What a user was granted through their groups, read afresh; nothing for a stranger or an inactive user."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY
    types = ContentType.objects.get_for_models(Study, Site)
    held: dict[int, dict[int, set[Permission]]] = {kind.pk: defaultdict(set) for kind in types.values()}
    # The rows, and not guardian's own answers: these hold everything to be granted to a superuser.
    rows = GroupObjectPermission.objects.filter(group__user=user, content_type__in=types.values())
    for kind, pk, codename in rows.values_list("content_type_id", "object_pk", "permission__codename"):
        held[kind][int(pk)].add(Permission(codename.rpartition("_")[0]))
    on_sites = {pk: frozenset(found) for pk, found in held[types[Site].pk].items()}
    return Principal(
        user_id=user.pk,
        name=user.display_name,
        on_studies={pk: frozenset(found) for pk, found in held[types[Study].pk].items()},
        on_sites=on_sites,
        study_of_site=dict(Site.objects.filter(pk__in=on_sites).values_list("pk", "study_id")) if on_sites else {},
    )


def visible_study(principal: Principal, code: str) -> Study:
    """The study of this code; raises NotVisibleError for a stranger."""
    study = Study.objects.visible_to(principal).filter(code=code).first()
    if study is None:
        # The same words whether there is one or not: a 403 would confirm the code.
        raise NotVisibleError("No study that you may see has this code.")
    return study


def visible_subject(principal: Principal, study: Study, subject_id: str) -> Subject:
    """The subject of this USUBJID; raises NotVisibleError for a stranger."""
    subjects = Subject.objects.visible_to(principal).filter(study=study, subject_id=subject_id)
    subject = subjects.select_related("study", "site").first()
    if subject is None:
        raise NotVisibleError("No subject that you may see has this identifier.")
    return subject


def audience_of(principal: Principal, study: Study) -> Audience:
    """The projection of the study that this reader is served."""
    return principal.audience(study.pk, is_blinded=study.is_blinded)


def require(principal: Principal, permission: Permission, study: Study, site_id: int | None = None) -> None:
    """Raise NotAllowedError, naming what is missing, unless the permission was granted."""
    if not principal.may(permission, study.pk, site_id):
        raise NotAllowedError(f"Your role in study {study.code} does not include: {permission.replace('_', ' ')}.")


def require_active(study: Study) -> None:
    """Raise NotAllowedError unless the study takes changes."""
    if study.state != StudyState.ACTIVE:
        raise NotAllowedError(f"Study {study.code} is {study.get_state_display()} and takes no changes.")
