"""Behind TLS: everything of services.py, with cookies and redirects that refuse plain HTTP."""

from clinical_platform.settings.services import *  # noqa: F403  # settings are layered by design
from clinical_platform.settings.services import BEHIND_PROXY

SECURE_SSL_REDIRECT = True
# Any client can send this header: it says something only where a proxy sets it.
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_HSTS_SECONDS = 31536000
SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
