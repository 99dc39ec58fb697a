"""An admin that only shows; acts have pages of their own."""

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.http import HttpRequest

from apps.studies.domain.principal import Principal
from apps.studies.selectors.access import principal_of

if TYPE_CHECKING:
    _ModelAdmin = admin.ModelAdmin[Any]
else:
    _ModelAdmin = admin.ModelAdmin


class ReadOnlyAdmin(_ModelAdmin):
    """No add, change, delete or bulk action, whoever asks; rows are scoped by the subclass."""

    # Neither bulk deletion nor Django's own link to a form: where a row leads is said by the subclass.
    actions: Any = None
    list_display_links: Any = None

    def principal(self, request: HttpRequest) -> Principal:
        """What the signed-in person was granted; being superuser adds nothing."""
        return principal_of(request.user)

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        """Never."""
        return False
