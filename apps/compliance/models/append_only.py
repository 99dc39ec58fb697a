"""Rows that are written once; the database refuses what gets past this (see the migrations)."""

from typing import Any, NoReturn, TypeVar

from django.db import models

from apps.core.domain.errors import NotAllowedError

Row = TypeVar("Row", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Refuses to change or delete; a correction is a new row."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Always refused."""
        raise NotAllowedError(f"{self.model._meta.verbose_name} rows are never changed.")

    def delete(self) -> NoReturn:
        """Always refused."""
        raise NotAllowedError(f"{self.model._meta.verbose_name} rows are never deleted.")
