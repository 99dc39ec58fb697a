"""Which roles a user holds, for words on a page; rights are asked of the principal, never of a role."""

from apps.accounts.domain.roles import ROLE_LABELS, Role, role_of_group, study_of_group
from apps.accounts.models import User
from apps.core.domain.errors import NotAllowedError


def signed_in(user: object) -> User:
    """The user behind a request that authentication let through; raises NotAllowedError for anyone else."""
    if not isinstance(user, User):
        raise NotAllowedError("Sign in first.")
    return user


def roles_in(user: User, study_code: str) -> list[Role]:
    """Roles that a user's groups grant in a study."""
    names = user.groups.order_by("name").values_list("name", flat=True)
    # Compared whole and here: SQLite takes the beginning of a name in any case for the same.
    found = (role_of_group(name) for name in names if study_of_group(name) == study_code)
    return sorted({role for role in found if role is not None})


def role_label(user: User, study_code: str) -> str:
    """Role of a user in words, as shown beside the name."""
    return ", ".join(ROLE_LABELS[role] for role in roles_in(user, study_code))
