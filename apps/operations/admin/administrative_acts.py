"""Administration of accounts: acts that take two administrators; what libraries would let one do alone is gone."""

from typing import Any

import django.contrib.auth.admin  # noqa: F401  # registers its own admin at import, which is taken away below
import oauth2_provider.admin  # noqa: F401  # likewise
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from oauth2_provider.models import (
    get_access_token_model,
    get_application_model,
    get_grant_model,
    get_id_token_model,
    get_refresh_token_model,
)

from apps.accounts.domain.roles import ROLE_LABELS, Role
from apps.accounts.models import ActKind, ActState, AdministrativeAct, User
from apps.accounts.services.administrative_acts import Grant, approve_act, is_administrator, refuse_act, request_act
from apps.compliance.admin.read_only import ReadOnlyAdmin
from apps.core.domain.errors import PlatformError
from apps.studies.models import Site, Study

# Whoever edits these rows grants rights, or acts as somebody else, alone and unseen.
for model in (
    Group,
    get_application_model(),
    get_access_token_model(),
    get_refresh_token_model(),
    get_grant_model(),
    get_id_token_model(),
):
    admin.site.unregister(model)


class ActForm(forms.Form):
    """What is asked for, for whom and why; a role also says on which study, or on one of its sites."""

    kind = forms.ChoiceField(choices=ActKind, label=_("Act"))
    concerns = forms.ModelChoiceField(queryset=User.objects.filter(is_active=True).order_by("username"), label=_("For"))
    role = forms.ChoiceField(
        choices=[("", _("no role")), *((role.value, ROLE_LABELS[role]) for role in Role)],
        required=False,
        label=_("Role"),
    )
    study = forms.ModelChoiceField(queryset=Study.objects.order_by("code"), required=False, label=_("Study"))
    site = forms.ModelChoiceField(
        queryset=Site.objects.select_related("study").order_by("study__code", "code"),
        required=False,
        label=_("Site"),
        help_text=_("Empty for the whole study."),
    )
    reason = forms.CharField(widget=forms.Textarea(attrs={"rows": 3}), max_length=2000, label=_("Reason"))

    def clean(self) -> dict[str, Any]:
        """A role and its study come together, and a site is one of that study."""
        data = super().clean() or {}
        role, study, site = data.get("role"), data.get("study"), data.get("site")
        if bool(role) is not (study is not None):
            self.add_error("study", _("A role is granted on a study; name both or none."))
        if site is not None and site.study != study:
            self.add_error("site", _("This site belongs to another study."))
        return data

    def grant(self) -> Grant | None:
        """The role asked for, if any."""
        data = self.cleaned_data
        if not data["role"]:
            return None
        study, site = data["study"], data["site"]
        return Grant(Role(data["role"]), study.code, site or study, site.code if site else "")


class AdministrativeActAdmin(ReadOnlyAdmin):
    """Acts asked for and decided, the latest first; they are asked for, approved and refused on pages of their own."""

    list_display = ["act", "concerns", "role", "study_code", "site_code", "state", "asked_by", "asked_at", "decided_by"]
    list_filter = ["state", "kind"]
    list_select_related = ["concerns", "asked_by", "decided_by"]
    change_list_template = "admin/accounts/acts.html"

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Administrators; what they may decide is said by the service."""
        return is_administrator(request.user)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """As for one act."""
        return self.has_view_permission(request)

    @admin.display(description=_("act"))
    def act(self, act: AdministrativeAct) -> str:
        """What was asked for, linked to the page on which it is decided."""
        url = reverse("admin:accounts_administrativeact_decide", args=[act.pk])
        return format_html('<a href="{}">{}</a>', url, act.get_kind_display())

    def get_urls(self) -> list[URLPattern]:
        """The two pages beside the list."""
        ask = path("ask/", self.admin_site.admin_view(self.ask), name="accounts_administrativeact_ask")
        decide = path(
            "<int:act_id>/decide/", self.admin_site.admin_view(self.decide), name="accounts_administrativeact_decide"
        )
        return [ask, decide, *super().get_urls()]

    def change_view(self, request: HttpRequest, object_id: str, *args: Any, **kwargs: Any) -> HttpResponse:
        """An act has one page."""
        # A digit such as ² passes `isdigit`, and no address can be made of it.
        if not object_id.isascii() or not object_id.isdigit():
            raise Http404
        return redirect("admin:accounts_administrativeact_decide", act_id=object_id)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask for an act; it waits for another administrator."""
        asker = _administrator(request)
        form = ActForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                act = self._asked(asker, form)
            except PlatformError as error:
                form.add_error(None, error.detail)
            else:
                return redirect("admin:accounts_administrativeact_decide", act_id=act.pk)
        context = {**self._context(request), "form": form, "title": gettext("Ask for an act")}
        return TemplateResponse(request, "admin/accounts/ask.html", context)

    def _asked(self, asker: User, form: ActForm) -> AdministrativeAct:
        data = form.cleaned_data
        return request_act(
            asker=asker,
            kind=ActKind(data["kind"]),
            concerns=data["concerns"],
            reason=data["reason"],
            grant=form.grant(),
        )

    def decide(self, request: HttpRequest, act_id: int) -> HttpResponse:
        """One act: on POST it is approved or refused; what is shown once is on the answer to the approval alone."""
        person = _administrator(request)
        act = self.get_queryset(request).filter(pk=act_id).first()
        if act is None:
            raise Http404
        shown, status = "", 200
        if request.method == "POST":
            try:
                shown = _decided(act, person, is_approval=request.POST.get("decision") == "approve")
            except PlatformError as error:
                messages.error(request, error.detail)
                status = error.status
            act.refresh_from_db()
        context = {
            **self._context(request),
            "act": act,
            "shown": shown,
            "is_pending": act.state == ActState.PENDING,
            "may_approve": person.pk not in {act.asked_by_id, act.concerns_id},
            "title": str(act),
        }
        # A secret is kept nowhere, so that it stands on this very answer; behind a redirect it would be gone.
        return TemplateResponse(request, "admin/accounts/decide_act.html", context, status=status)

    def get_queryset(self, request: HttpRequest) -> QuerySet[AdministrativeAct]:
        """Every act; none for who is no administrator."""
        queryset: QuerySet[AdministrativeAct] = super().get_queryset(request)
        return queryset if self.has_view_permission(request) else queryset.none()

    def _context(self, request: HttpRequest) -> dict[str, Any]:
        return {**self.admin_site.each_context(request), "opts": self.model._meta}


def _administrator(request: HttpRequest) -> User:
    # Not found and not forbidden: for anybody else the administration of accounts is not there.
    if not isinstance(request.user, User) or not is_administrator(request.user):
        raise Http404
    return request.user


def _decided(act: AdministrativeAct, person: User, *, is_approval: bool) -> str:
    if is_approval:
        return approve_act(act=act, approver=person)
    refuse_act(act=act, refuser=person)
    return ""
