"""The trail of configuration, workflow and access, for those who were granted to read it: sentences that open."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.accounts.domain.roles import Permission
from apps.accounts.models import User
from apps.compliance.admin.read_only import ReadOnlyAdmin
from apps.compliance.admin.trail_names import UNREADABLE, FieldChange, Names, moment
from apps.compliance.admin.trail_sentences import sentence, who
from apps.compliance.domain.acts import Kind
from apps.compliance.models import TrailEntry
from apps.compliance.models.trail import TrailQuerySet
from apps.compliance.selectors.trail_rows import Asked, people_in, rows_for
from apps.studies.models import Study

PAGE_SIZE = 50
PLATFORM = "platform"
KINDS = [
    ("", _("every kind")),
    (Kind.REFUSED.value, _("refused")),
    (Kind.REVIEWS.value, _("texts, reviews and signatures")),
    (Kind.SIGN_INS.value, _("sign-ins and sign-outs")),
    (Kind.RIGHTS.value, _("roles and rights")),
    (Kind.ACCOUNTS.value, _("accounts and applications")),
    (Kind.STUDIES.value, _("studies, sites and blinding")),
]


@dataclass(frozen=True, slots=True)
class TrailLine:
    """One row as the page shows it."""

    pk: int
    moment: str
    sentence: str
    who: str
    study: str
    address: str
    changes: tuple[FieldChange, ...]


class TrailForm(forms.Form):
    """What to look for; a choice that is none of the reader's is an error beside its field."""

    words = forms.CharField(required=False, max_length=200, label=_("Name, subject or role"))
    person = forms.TypedChoiceField(required=False, coerce=int, empty_value=None, label=_("Who"))
    kind = forms.TypedChoiceField(required=False, choices=KINDS, coerce=Kind, empty_value=None, label=_("What"))
    study = forms.ChoiceField(required=False, label=_("Study"))
    since = forms.DateField(required=False, label=_("From (UTC)"), widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(required=False, label=_("To (UTC)"), widget=forms.DateInput(attrs={"type": "date"}))

    def __init__(self, *args: Any, people: Iterable[User], studies: Iterable[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = [(str(user.pk), user.display_name) for user in people]
        self.fields["person"].choices = [("", gettext("everybody")), *named]  # type: ignore[attr-defined]
        self.fields["study"].choices = [("", gettext("all")), *studies]  # type: ignore[attr-defined]

    def asked(self) -> Asked:
        """What a form without errors asks for."""
        data = self.cleaned_data
        is_platform = data["study"] == PLATFORM
        return Asked(
            words=data["words"].strip(),
            person=data["person"],
            kind=data["kind"],
            study=int(data["study"]) if data["study"] and not is_platform else None,
            is_platform=is_platform,
            since=data["since"],
            until=data["until"],
        )


class TrailAdmin(ReadOnlyAdmin):
    """Who did what, when, and what it changed; clinical values are in the ledger, never here."""

    def get_queryset(self, request: HttpRequest) -> TrailQuerySet:
        """Rows of the studies whose trail was granted, and the platform's for who administers it."""
        return TrailEntry.objects.visible_to(  # type: ignore[no-any-return]
            self.principal(request), reads_platform=reads_platform(request.user)
        )

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """With the grant to read the trail of a whole study, or to read the platform's."""
        return reads_platform(request.user) or bool(self._studies(request))

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one row."""
        return self.has_view_permission(request)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """A page of sentences, latest first, of what was asked for."""
        self._require(request)
        visible = self.get_queryset(request)
        # Of the rows that the reader may see: a list of all accounts would tell who works on other studies.
        form = TrailForm(request.GET, people=people_in(visible), studies=self._choices(request))
        rows = rows_for(visible, form.asked() if form.is_valid() else Asked())
        page = Paginator(rows, PAGE_SIZE).get_page(request.GET.get("page"))
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Trail"),
            "opts": self.model._meta,
            "form": form,
            "page": page,
            "lines": trail_lines(list(page.object_list)),
            "is_filtered": any(request.GET.get(name) for name in form.fields),
        }
        return TemplateResponse(request, "admin/compliance/trail.html", context, status=200 if form.is_valid() else 422)

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """One row with everything that it changed, old and new."""
        self._require(request)
        # More digits than a key has are no key of a row.
        found = rows_for(self.get_queryset(request), Asked())
        entry = found.filter(pk=int(object_id)).first() if object_id.isdecimal() and len(object_id) < 19 else None
        if entry is None:
            raise Http404
        (line,) = trail_lines([entry])
        context = {
            **self.admin_site.each_context(request),
            "title": gettext("Row %(number)s of the trail") % {"number": line.pk},
            "opts": self.model._meta,
            "line": line,
        }
        return TemplateResponse(request, "admin/compliance/trail_row.html", context)

    def _require(self, request: HttpRequest) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied

    def _studies(self, request: HttpRequest) -> list[int]:
        """Studies of which the reader reads the trail."""
        return [study for study, held in self.principal(request).on_studies.items() if Permission.VIEW_AUDIT in held]

    def _choices(self, request: HttpRequest) -> list[tuple[str, str]]:
        studies = Study.objects.filter(pk__in=self._studies(request)).order_by("code").values_list("pk", "code")
        platform = [(PLATFORM, gettext("platform"))] if reads_platform(request.user) else []
        return [*((str(pk), code) for pk, code in studies), *platform]


def trail_lines(entries: list[TrailEntry]) -> list[TrailLine]:
    """Rows of a page in words; as many queries for one row as for fifty."""
    names = Names(entries)
    return [_line(entry, names) for entry in entries]


def _line(entry: TrailEntry, names: Names) -> TrailLine:
    try:
        words, changes = sentence(entry, names), tuple(names.changes(entry))
        address = str((entry.additional_data or {}).get("address", ""))
    # One row that somebody forged must not hide the others.
    except UNREADABLE:
        words, changes, address = gettext("This row cannot be read: it is not what the portal writes."), (), ""
    return TrailLine(
        pk=entry.pk,
        moment=moment(entry.timestamp),
        sentence=words,
        who=who(entry) if entry.actor else "",
        study=entry.study.code if entry.study else gettext("platform"),
        address=address,
        changes=changes,
    )


def reads_platform(user: object) -> bool:
    """Whether a person reads the rows that belong to no study (people, applications): superusers, platform auditors.

    A platform auditor is whom the model permission was given; it opens no row of any study.
    """
    # True of every superuser too: rows about accounts are theirs to read, and nothing clinical is in them.
    return isinstance(user, User) and user.has_perm("compliance.view_trailentry")
