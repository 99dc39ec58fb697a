"""Which tables the trail covers: configuration, workflow and access; clinical text and values are left out."""

from auditlog.registry import auditlog
from django.contrib.auth.models import Group
from guardian.models import GroupObjectPermission
from oauth2_provider.models import get_application_model

from apps.accounts.models import AdministrativeAct, User
from apps.compliance.models import Review, Signature
from apps.studies.models import BlindingRule, Site, Study


def register_trail() -> None:
    """Register the tables once, at start-up (21 CFR 11.10(e); ICH E6(R3) 4.2.2)."""
    # A visit changes no account, and even the hash of a password has no place among rows that are never deleted.
    auditlog.register(
        User, exclude_fields=["password", "last_login", "last_seen_at", "previous_visit_at"], m2m_fields={"groups"}
    )
    auditlog.register(AdministrativeAct)
    auditlog.register(Group, m2m_fields={"permissions"})
    auditlog.register(GroupObjectPermission)
    # Labels name hidden variables, and rules of blinding name treatments; blinded auditors read the trail.
    auditlog.register(Study, exclude_fields=["version", "head_sha256", "variable_labels"])
    auditlog.register(BlindingRule, exclude_fields=["name", "reason"])
    auditlog.register(Site)
    auditlog.register(Review, m2m_fields={"authors"})
    auditlog.register(Signature, exclude_fields=["manifest"])
    # A row of the trail is never deleted, so that no form of a secret may get into one.
    auditlog.register(get_application_model(), exclude_fields=["client_secret"])
