"""The trail of configuration, workflow and access, for those who were granted to read it."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.admin.read_only import ReadOnlyAdmin
from apps.compliance.models import TrailEntry


class TrailAdmin(ReadOnlyAdmin):
    """Who changed which setting, step or right, when; clinical values are in the ledger, never here."""

    list_display = [
        "timestamp",
        "of_study",
        "actor",
        "action",
        "content_type",
        "object_repr",
        "changed_fields",
    ]
    list_filter = ["action", "content_type"]
    list_select_related = ["actor", "content_type", "study"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrailEntry]:
        """Latest first; rows of the studies whose trail was granted, and the platform's for who administers it."""
        visible: QuerySet[TrailEntry] = TrailEntry.objects.visible_to(
            self.principal(request), reads_platform=reads_platform(request.user)
        )
        return visible.order_by("-timestamp", "-pk")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the grant to read the trail of a whole study, or to read the platform's."""
        granted = self.principal(request).on_studies.values()
        return reads_platform(request.user) or any(Permission.VIEW_AUDIT in held for held in granted)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one row."""
        return self.has_view_permission(request)

    @admin.display(description=_("study"), ordering="study")
    def of_study(self, entry: TrailEntry) -> str:
        """Study of the row, or that it is the platform's."""
        return entry.study.code if entry.study else gettext("platform")

    @admin.display(description=_("changed"))
    def changed_fields(self, entry: TrailEntry) -> str:
        """Names of the fields that changed."""
        return ", ".join(sorted(entry.changes_dict))


def reads_platform(user: object) -> bool:
    """Whether a person reads the rows that belong to no study (people, applications): superusers, platform auditors.

    A platform auditor is whom the model permission was given; it opens no row of any study.
    """
    return isinstance(user, User) and user.has_perm("compliance.view_trailentry")
