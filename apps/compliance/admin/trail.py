"""The trail of configuration, workflow and access, for those who were granted to read it."""

from typing import Any

from auditlog.models import LogEntry
from django.db.models import QuerySet
from django.http import HttpRequest

from apps.accounts.domain.roles import Permission
from apps.compliance.admin.read_only import ReadOnlyAdmin


class TrailAdmin(ReadOnlyAdmin):
    """Who changed which setting, step or right, when; clinical values are in the ledger, never here."""

    list_display = ["timestamp", "actor", "action", "content_type", "object_repr", "changed_fields"]
    list_filter = ["action", "content_type"]
    list_select_related = ["actor", "content_type"]
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[LogEntry]:
        """Latest first."""
        queryset: QuerySet[LogEntry] = super().get_queryset(request).order_by("-timestamp")
        return queryset

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Only with the grant to read the trail of a whole study."""
        granted = self.principal(request).on_studies.values()
        return any(Permission.VIEW_AUDIT in held for held in granted)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one row."""
        return self.has_view_permission(request)

    def changed_fields(self, entry: LogEntry) -> str:
        """Names of the fields that changed."""
        return ", ".join(sorted(entry.changes_dict))
