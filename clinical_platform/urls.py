"""Every address of the portal."""

from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from oauth2_provider.views import RevokeTokenView, TokenView

from apps.operations.web import health

handler500 = "apps.core.web.server_error"

urlpatterns = [
    path("health/live", health.live),
    path("health/ready", health.ready),
    path("sign-in/", LoginView.as_view(redirect_authenticated_user=True), name="login"),
    path("sign-out/", LogoutView.as_view(), name="logout"),
    path("admin/", admin.site.urls),
    path("o/token/", TokenView.as_view(), name="token"),
    path("o/revoke/", RevokeTokenView.as_view(), name="revoke-token"),
    path("api/v1/", include("clinical_platform.api_urls")),
    path("", include("apps.operations.web.urls")),
    path("", include("apps.studies.web.urls")),
    path("", include("apps.narratives.web.urls")),
    path("", include("apps.operations.web.subject_urls")),
    path("", include("apps.twins.web.urls")),
]
