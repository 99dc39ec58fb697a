"""What blinded readers never see of a study: the product's rules, the study's own, and what each of them hides."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import InvalidInputError, NotVisibleError
from apps.studies.domain.domain_codes import DOMAINS
from apps.studies.models import RuleKind
from apps.studies.selectors.blinding import Reach, blinding_rules, may_see_rules, reach_of, rule_of
from apps.studies.services.blinding import add_rule, named, remove_rule
from apps.studies.web.forms import RuleForm
from apps.studies.web.scope import StudyScope, scope_of


@login_required
@require_http_methods(["GET", "POST"])
def blinding(request: HttpRequest, code: str) -> HttpResponse:
    """The rules; a POST makes one more."""
    scope = _scope(request, code)
    form = RuleForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            return _added(request, scope, form)
        except InvalidInputError as error:
            form.add_error("name", error.detail)
    return _page(request, scope, form)


@login_required
@require_POST
def blinding_reach(request: HttpRequest, code: str) -> HttpResponse:
    """What a rule hides or would hide; by POST, because addresses are kept and its name may tell a treatment."""
    scope = _scope(request, code)
    form, reach = RuleForm(request.POST), None
    if form.is_valid():
        try:
            kind = RuleKind(form.cleaned_data["kind"])
            reach = reach_of(scope.study, kind, named(kind, form.cleaned_data["name"]))
        except InvalidInputError as error:
            form.add_error("name", error.detail)
    return _page(request, scope, form, reach)


def _page(request: HttpRequest, scope: StudyScope, form: RuleForm, reach: Reach | None = None) -> HttpResponse:
    context = {
        "scope": scope,
        "study": scope.study,
        "form": form,
        "reach": reach,
        "rules": blinding_rules(scope.study),
        "hidden_domains": [(code, entry.label) for code, entry in sorted(DOMAINS.items()) if entry.reveals_treatment],
        "may_decide": scope.principal.may(Permission.SET_BLINDING, scope.study.pk),
    }
    return render(request, "studies/blinding.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def blinding_remove(request: HttpRequest, code: str, rule: int) -> HttpResponse:
    """Take a rule away that a person made; what it hid is shown again once the records are classed."""
    scope = _scope(request, code)
    remove_rule(principal=scope.principal, user=scope.user, rule=rule_of(scope.study, rule))
    messages.success(request, _("The rule was taken away. Records are being classed again."))
    return redirect("blinding", code=code)


def _scope(request: HttpRequest, code: str) -> StudyScope:
    scope = scope_of(request, code)
    if not may_see_rules(scope.principal, scope.study):
        raise NotVisibleError("No page that you may see has this address.")
    return scope


def _added(request: HttpRequest, scope: StudyScope, form: RuleForm) -> HttpResponse:
    data = form.cleaned_data
    kind = RuleKind(data["kind"])
    add_rule(
        principal=scope.principal, user=scope.user, study=scope.study, kind=kind, name=data["name"],
        reason=data["reason"],
    )  # fmt: skip
    messages.success(request, _("The rule holds from now on. Records that are there are being classed again."))
    return redirect("blinding", code=scope.study.code)
