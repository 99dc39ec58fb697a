"""Names and values of the trail in words: who, which text, which study; never a key, a type or stored JSON."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.accounts.domain.roles import ROLE_LABELS, Role, role_of_group, site_of_group, study_of_group
from apps.accounts.domain.roles import Permission as Right
from apps.accounts.models import AdministrativeAct, User
from apps.compliance.models import Review, Signature, TrailEntry
from apps.studies.models import Site

Key = tuple[type[models.Model], str]
# What reading a row raises where somebody stored what the portal never writes.
UNREADABLE: Final = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
# What a field is called where its own name says too little to a reader.
LABELS: Mapping[str, Promise] = {
    "is_staff": gettext_lazy("may enter the administration"),
    "is_superuser": gettext_lazy("is an administrator"),
    "is_active": gettext_lazy("account is open"),
    "is_proven": gettext_lazy("password is their own"),
    "content_sha256": gettext_lazy("SHA-256 of the text"),
    "manifest_sha256": gettext_lazy("SHA-256 of the manifest"),
    "review": gettext_lazy("text"),
    "signer": gettext_lazy("signer"),
    "added_by": gettext_lazy("added by"),
    "content_object": gettext_lazy("on"),
    "permission": gettext_lazy("right"),
    "group": gettext_lazy("role"),
    "groups": gettext_lazy("roles"),
    "blinding_class": gettext_lazy("shown to blinded readers"),
}
RIGHTS: Mapping[Right, Promise] = {
    Right.VIEW: gettext_lazy("read"),
    Right.VIEW_UNBLINDED: gettext_lazy("read treatment"),
    Right.WRITE_RECORDS: gettext_lazy("write records"),
    Right.IMPORT_DATA: gettext_lazy("import data"),
    Right.DRAFT_NARRATIVE: gettext_lazy("draft narratives"),
    Right.REVIEW_NARRATIVE: gettext_lazy("review narratives"),
    Right.SIGN_NARRATIVE: gettext_lazy("sign narratives"),
    Right.VIEW_AUDIT: gettext_lazy("read the trail"),
    Right.SET_BLINDING: gettext_lazy("say what blinded readers never see"),
}
# Keys and types, told already by the names beside them.
TECHNICAL = frozenset({"id", "object_pk", "content_type", "on_type", "on_pk", "content_id"})
RELATED: Mapping[type[models.Model], tuple[str, ...]] = {
    Signature: ("review",),
    AdministrativeAct: ("concerns",),
    Site: ("study",),
}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field of a row with its old and new value, in words; empty where there was or is none."""

    label: str
    old: str
    new: str


class Names:
    """What the keys in some rows of the trail are called; one query for each table that they name."""

    def __init__(self, entries: Iterable[TrailEntry]) -> None:
        keys: dict[type[models.Model], set[str]] = defaultdict(set)
        for entry in entries:
            # What a forged row names is told as nothing by `trail_lines`; the names of the others are still looked up.
            with suppress(*UNREADABLE):
                for model, key in _keys_in(entry):
                    keys[model].add(key)
        self._found: dict[Key, models.Model] = {}
        for model, wanted in keys.items():
            related = RELATED.get(model, ())
            # A row that was forged may name a key that is none, which no database looks for.
            known = [key for key in sorted(wanted) if _is_key(model, key)]
            rows: models.QuerySet[Any] = models.QuerySet(model).filter(pk__in=known).select_related(*related)
            self._found |= {(model, str(row.pk)): row for row in rows}

    def row(self, model: type[models.Model], key: object) -> Any:
        """The row that a key names; None where it is not there any more."""
        return self._found.get((model, str(key)))

    def object_of(self, entry: TrailEntry) -> Any:
        """The row that an entry is about; None where it is not there any more."""
        model = entry.content_type.model_class()
        return self.row(model, entry.object_pk) if model is not None else None

    def changes(self, entry: TrailEntry) -> list[FieldChange]:
        """Every field that an entry tells of, by its label; reverse relations and keys are left out."""
        model = entry.content_type.model_class()
        if model is None:
            return []
        found = []
        for name, change in entry.changes_dict.items():
            field = _field(model, name)
            if field is None or name in TECHNICAL:
                continue
            old, new = self._sides(field, change)
            if old != new:
                found.append(FieldChange(label_of(field), old, new))
        # PostgreSQL keeps the members of a JSON object in an order of its own; labels give one that holds everywhere.
        return sorted(found, key=lambda change: change.label.casefold())

    def _sides(self, field: Any, change: Any) -> tuple[str, str]:
        if not isinstance(change, Mapping):
            return self._value(field, change[0]), self._value(field, change[1])
        named = ", ".join(grant_words(str(name)) for name in change["objects"])
        return (named, "") if change["operation"] == "delete" else ("", named)

    def _value(self, field: Any, raw: object) -> str:
        # The library writes the absence of a value as the word `None`, and flags as `True` and `False`.
        text = "" if raw is None or raw == "None" else str(raw)
        if not text:
            return ""
        if isinstance(field, models.ForeignKey):
            row = self.row(field.related_model, text)
            return called(row) if row is not None else _("not there any more")
        if isinstance(field, models.BooleanField):
            return _("yes") if text == "True" else _("no")
        if isinstance(field, models.DateTimeField):
            # The library keeps moments in UTC and leaves the zone out.
            return moment(datetime.fromisoformat(text).replace(tzinfo=UTC))
        choices = dict(getattr(field, "flatchoices", None) or ())
        return str(choices.get(text) or _coded(field, text))


def _is_key(model: type[models.Model], text: str) -> bool:
    """Whether a text can be the key of a row of this model."""
    try:
        model._meta.pk.clean(text, None)
    except ValidationError:
        return False
    return True


def moment(at: datetime) -> str:
    """A moment in UTC, to the second."""
    return f"{at.astimezone(UTC):%d %b %Y, %H:%M:%S} UTC"


def grant_words(name: str) -> str:
    """A group in words: the role it grants and where; its own name where it grants none."""
    role = role_of_group(name)
    if role is None:
        return name
    site = site_of_group(name)
    names = {"role": ROLE_LABELS[role], "study": study_of_group(name), "site": site}
    return (_("%(role)s at site %(site)s of study %(study)s") if site else _("%(role)s on study %(study)s")) % names


def label_of(field: Any) -> str:
    """What a field is called on the page."""
    return str(LABELS.get(field.name) or getattr(field, "verbose_name", field.name))


def called(row: models.Model) -> str:
    """What a row is called in a sentence."""
    if isinstance(row, Group):
        return grant_words(row.name)
    if isinstance(row, Permission):
        return right_words(row.codename)
    if isinstance(row, Review):
        return text_words(row)
    return str(row)


def right_words(codename: str) -> str:
    """A right in words, of the name it is stored under: `view_audit_study` is to read the trail."""
    right, _under, _on = codename.rpartition("_")
    return str(RIGHTS[Right(right)]) if right in set(Right) else codename.replace("_", " ")


def text_words(review: Review) -> str:
    """A version of a text in a sentence: `version 2 of the safety narrative of 01-705-1186`."""
    title = review.title[:1].lower() + review.title[1:]
    return _("version %(number)s of the %(title)s") % {"number": review.content_version, "title": title}


def _coded(field: Any, text: str) -> str:
    if field.model is AdministrativeAct and field.name == "role":
        return ROLE_LABELS[Role(text)] if text in set(Role) else text
    return grant_words(text) if field.model is Group and field.name == "name" else text


def _field(model: type[models.Model], name: str) -> Any:
    """The field of this name that holds something of its own; None for the other end of somebody else's."""
    field = next((field for field in model._meta.get_fields() if field.name == name), None)
    return None if field is None or (field.auto_created and not field.concrete) else field


def _keys_in(entry: TrailEntry) -> Iterable[Key]:
    """What an entry names by key: itself, and every relation that it set or let go."""
    model = entry.content_type.model_class()
    if model is None:
        return
    if entry.object_pk and model in {User, Review, Signature, AdministrativeAct, Site}:
        yield model, entry.object_pk
    for name, change in entry.changes_dict.items():
        field = _field(model, name)
        if name in TECHNICAL or not isinstance(field, models.ForeignKey) or isinstance(change, Mapping):
            continue
        yield from ((field.related_model, str(raw)) for raw in change if raw is not None and raw != "None")
