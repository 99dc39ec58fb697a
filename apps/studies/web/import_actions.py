"""What a person does with an import: choose files, confirm, cancel, discard; each through its service."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from apps.accounts.domain.roles import Permission
from apps.core.domain.errors import InvalidInputError
from apps.studies.selectors.access import require, require_active
from apps.studies.services.import_runs import cancel_import, confirm_import, discard_import, start_upload
from apps.studies.web.forms import ConfirmForm, UploadForm
from apps.studies.web.imports import import_page, run_of
from apps.studies.web.scope import StudyScope, scope_of


@login_required
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, code: str) -> HttpResponse:
    """Choose the files of a data cut and say why; they are checked next, nothing is written."""
    scope = scope_of(request, code)
    require(scope.principal, Permission.IMPORT_DATA, scope.study)
    require_active(scope.study)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_bound and form.is_valid():
        try:
            return _start(scope, form)
        except InvalidInputError as error:
            form.add_error("data_files", error.detail)
    context = {"scope": scope, "study": scope.study, "form": form}
    return render(request, "studies/import_new.html", context, status=422 if form.errors else 200)


def _start(scope: StudyScope, form: UploadForm) -> HttpResponse:
    run = start_upload(
        principal=scope.principal,
        user=scope.user,
        study=scope.study,
        uploads=form.cleaned_data["data_files"],
        reason=form.cleaned_data["reason"],
        encoding=form.cleaned_data["encoding"],
        # A person reads the check and then decides; integrators have decided and import at once.
        check_only=True,
    )
    return redirect("import", code=scope.study.code, number=run.number)


@login_required
@require_POST
def import_confirm(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Import what was checked, with the reason that stays in the trail."""
    scope = scope_of(request, code)
    run = run_of(scope, number)
    form = ConfirmForm(request.POST)
    if not form.is_valid():
        # An empty form never comes to the service, which would have asked for the right.
        require(scope.principal, Permission.IMPORT_DATA, scope.study)
        return import_page(request, scope, run, form, http_status=422)
    confirm_import(principal=scope.principal, user=scope.user, run=run, reason=form.cleaned_data["reason"])
    return redirect("import", code=code, number=number)


@login_required
@require_POST
def import_cancel(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Stop a running import after the subject it is at."""
    scope = scope_of(request, code)
    cancel_import(principal=scope.principal, run=run_of(scope, number))
    messages.info(request, _("The import stops after the subject it is at; subjects that are in stay whole."))
    return redirect("import", code=code, number=number)


@login_required
@require_POST
def import_discard(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Put a checked import aside."""
    scope = scope_of(request, code)
    discard_import(principal=scope.principal, run=run_of(scope, number))
    return redirect("import", code=code, number=number)
