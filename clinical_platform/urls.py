"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.urls import include, path
from django.views.generic import RedirectView

from apps.accounts.web import CountedRevokeTokenView, CountedTokenView, OwnPasswordPage, admin_sign_in
from apps.operations.web import health


def icon(request: HttpRequest) -> HttpResponse:
    """Where the portal's icon is, for programs that ask without having looked at a page."""
    return redirect(static("icon.svg"))


urlpatterns = [
    path("favicon.ico", icon),
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("sign-in/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("password/", OwnPasswordPage.as_view(), name="password"),
    # One page sets one's own password, and only that page.
    path("admin/password_change/", RedirectView.as_view(pattern_name="password")),
    path("admin/login/", admin_sign_in),
    path("admin/", admin.site.urls),
    path("o/token/", CountedTokenView.as_view(), name="token"),
    path("o/revoke/", CountedRevokeTokenView.as_view(), name="revoke-token"),
    path("api/v1/", include("clinical_platform.api_urls")),
    path("", include("apps.operations.web.urls")),
    path("", include("apps.studies.web.urls")),
    path("", include("apps.narratives.web.urls")),
    path("", include("apps.operations.web.subject_urls")),
    # Last: the id of a subject may hold slashes, so its pattern would take the addresses of the rooms above.
    path("", include("apps.twins.web.urls")),
]

handler400 = "apps.core.problems.bad_request"
handler403 = "apps.core.problems.permission_denied"
handler404 = "apps.core.problems.not_found"
handler500 = "apps.core.problems.server_error"
