"""Rows that are written once: models refuse to change or delete them, and so does the database (21 CFR 11.10(e))."""

from collections.abc import Iterable
from typing import Any, NoReturn, TypeVar

from django.db import models

from apps.core.domain.errors import NotAllowedError

Row = TypeVar("Row", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[Row]):
    """Adds rows and reads them; a correction is a new row. Every way round ends here or in the database's refusal."""

    def update(self, **kwargs: Any) -> NoReturn:
        """Always refused."""
        refuse(self.model, "changed")

    # `Model.save` changes a row through here, past `update`.
    def _update(self, values: object) -> NoReturn:
        refuse(self.model, "changed")

    def update_or_create(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused."""
        refuse(self.model, "changed")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused."""
        refuse(self.model, "changed")

    def bulk_create(self, objs: Iterable[Row], *args: Any, **kwargs: Any) -> list[Row]:
        """Adds new rows; refused when a row that exists were to be kept or changed instead."""
        if kwargs.get("update_conflicts") or kwargs.get("ignore_conflicts"):
            refuse(self.model, "changed")
        return super().bulk_create(objs, *args, **kwargs)

    def delete(self) -> NoReturn:
        """Always refused."""
        refuse(self.model, "deleted")

    # Cascades of the collector delete through here, past `delete`.
    def _raw_delete(self, using: str | None) -> NoReturn:
        refuse(self.model, "deleted")


class AppendOnly(models.Model):
    """Base of every table of history. Which tables are such is asked of this class, by migrations, roles and checks."""

    objects = AppendOnlyQuerySet.as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Insert a new row; a row that exists is never saved again, whatever its key was set to."""
        if not self._state.adding:
            refuse(type(self), "changed")
        # Forced, so that a new instance with the key of an existing row fails where it would overwrite that row.
        super().save(*args, **{**kwargs, "force_insert": True})

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Always refused."""
        refuse(type(self), "deleted")


def refuse(model: type[models.Model], what: str) -> NoReturn:
    """Raise NotAllowedError: rows of this table are never changed or deleted."""
    raise NotAllowedError(f"{model._meta.verbose_name} rows are never {what}.")
