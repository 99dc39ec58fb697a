"""Roles and what each may do; a grant is a role on one study or one site, held by a group."""

from collections.abc import Mapping
from enum import StrEnum


class Permission(StrEnum):
    """What may be granted on a study or a site; nothing is granted globally."""

    VIEW = "view"
    VIEW_UNBLINDED = "view_unblinded"
    WRITE_RECORDS = "write_records"
    IMPORT_DATA = "import_data"
    DRAFT_NARRATIVE = "draft_narrative"
    REVIEW_NARRATIVE = "review_narrative"
    SIGN_NARRATIVE = "sign_narrative"
    VIEW_AUDIT = "view_audit"
    SET_BLINDING = "set_blinding"


class Role(StrEnum):
    """Roles of the access matrix (docs/design/access.md)."""

    SAFETY_AUTHOR = "safety_author"
    SAFETY_PHYSICIAN = "safety_physician"
    MEDICAL_MONITOR = "medical_monitor"
    UNBLINDED_MONITOR = "unblinded_monitor"
    DATA_MANAGER = "data_manager"
    CRA = "cra"
    AUDITOR = "auditor"
    INTEGRATOR = "integrator"


ROLE_LABELS: Mapping[Role, str] = {
    Role.SAFETY_AUTHOR: "safety author",
    Role.SAFETY_PHYSICIAN: "safety physician",
    Role.MEDICAL_MONITOR: "medical monitor",
    Role.UNBLINDED_MONITOR: "unblinded monitor",
    Role.DATA_MANAGER: "data manager",
    Role.CRA: "CRA",
    Role.AUDITOR: "auditor",
    Role.INTEGRATOR: "service account",
}

# No role both drafts and signs: an author never approves (21 CFR 11.10(g)).
ROLE_PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.SAFETY_AUTHOR: frozenset({Permission.VIEW, Permission.DRAFT_NARRATIVE}),
    Role.SAFETY_PHYSICIAN: frozenset({Permission.VIEW, Permission.REVIEW_NARRATIVE, Permission.SIGN_NARRATIVE}),
    Role.MEDICAL_MONITOR: frozenset({Permission.VIEW, Permission.REVIEW_NARRATIVE}),
    Role.UNBLINDED_MONITOR: frozenset({Permission.VIEW, Permission.VIEW_UNBLINDED, Permission.SET_BLINDING}),
    Role.DATA_MANAGER: frozenset({Permission.VIEW, Permission.IMPORT_DATA, Permission.WRITE_RECORDS}),
    Role.CRA: frozenset({Permission.VIEW}),
    Role.AUDITOR: frozenset({Permission.VIEW, Permission.VIEW_AUDIT}),
    # Never review or sign: an electronic signature is one individual's (21 CFR 11.100(a)).
    Role.INTEGRATOR: frozenset(
        {
            Permission.VIEW,
            Permission.VIEW_UNBLINDED,
            Permission.WRITE_RECORDS,
            Permission.IMPORT_DATA,
            Permission.DRAFT_NARRATIVE,
        }
    ),
}

# Roles that bring their holder into the admin, where reviews are decided and the trail is read.
ADMIN_ROLES = frozenset({Role.SAFETY_PHYSICIAN, Role.MEDICAL_MONITOR, Role.SAFETY_AUTHOR, Role.AUDITOR})


def group_name(study_code: str, role: Role, site_code: str | None = None) -> str:
    """Name of the group that holds a grant: `study:role[:site]`.

    Codes of studies hold no colon; those of sites come from the data and may, so that they stand last.
    """
    return ":".join(part for part in (study_code, role.value, site_code) if part)


def role_of_group(name: str) -> Role | None:
    """The role in a group's name, or None for a group that is not a grant."""
    role = name.partition(":")[2].partition(":")[0]
    return Role(role) if role in set(Role) else None


def site_of_group(name: str) -> str:
    """Code of the site that a group grants its role at, empty for one on the whole study; it may hold colons itself."""
    return name.partition(":")[2].partition(":")[2] if role_of_group(name) is not None else ""


def study_of_group(name: str) -> str | None:
    """Code of the study that a group grants a role in, or None for a group that is not a grant."""
    return name.partition(":")[0] if role_of_group(name) is not None else None
